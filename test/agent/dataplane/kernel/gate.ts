import { silentLog } from '../../../../agent/core/log.ts';
import { KernelGate } from '../../../../agent/dataplane/kernel-gate.ts';
import { markField } from '../../../../agent/dataplane/mark.ts';
import { renderRuleset } from '../../../../agent/dataplane/ruleset.ts';
import { NETLINK_NETFILTER, NetlinkConnection } from '../../../../agent/netlink/index.ts';
import { bytesRight, member, meter } from './playground.ts';
import { makeRouter, nft, passes, run, STATION_MAC, until } from './router.ts';

const EPOCH = 'b2e97291-7683-447e-af9f-781bf151415d';
const POOL = 7;

/** The rights of one pool, one after the other, through real netlink, under a mark mask of our own choice. */
export default async function gate(mask: number) {
	const router = await makeRouter();
	nft(
		renderRuleset({
			metered: ['lan0'],
			meteredNames: ['lan0'],
			free: [],
			mask,
			garden: { ipv4: [], ipv6: [] },
			gardenBytesPerSecond: 100_000,
			portal: { port: 2050, name: 'portal.home.arpa' },
			dnsBytesPerSecond: 100,
			sessionDnsBytesPerSecond: 2000,
			stationsMax: 1024,
			epoch: EPOCH,
		}),
	);
	const connection = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	connection.start();
	const open = () => new KernelGate({ connection, field: markField(mask), log: silentLog });
	const kernel = open();
	await kernel.load(EPOCH);
	const station = member(kernel.meterMax, STATION_MAC);
	const second = member(2);
	const numbers = [station.meter, second.meter];
	const read = () => kernel.read(POOL, numbers);
	const apply = (right: Parameters<typeof kernel.apply>[0]['right'], meters = [station]) =>
		kernel.apply({ pool: POOL, meters, right });

	await apply(bytesRight(10_000, 5000));
	const served = passes(router);
	const spent = await read();
	await apply(bytesRight(20_000, 5000, spent));
	const raised = await read();

	await apply(bytesRight(100, 0, raised));
	while (passes(router));
	const depleted = await read();
	await apply(bytesRight(50_000, 1000, depleted));
	const fresh = await read();
	const servedAgain = passes(router);

	await apply({ kind: 'same' }, [station, second]);
	const shared = list('grant_of');
	await apply({ kind: 'same' }, [station]);
	const unshared = list('grant_of');

	await apply({ kind: 'slow', bytesPerSecond: 100_000 });
	const slow = { passed: passes(router), limits: run('nft', 'list', 'limits'), grants: list('grant_of') };
	await apply({ kind: 'slow', bytesPerSecond: 200_000 });
	const faster = run('nft', 'list', 'limits');

	await apply({ kind: 'time', milliseconds: new Map(numbers.map((number) => [number, 2000])) }, [station, second]);
	const timed = { before: passes(router), elements: list('timed') };
	await until('the time has ended', () => !list('timed').includes('expires'));
	const afterTime = passes(router);
	await apply({ kind: 'time', milliseconds: new Map([[station.meter, 60_000]]) });
	const moreTime = { passed: passes(router), elements: list('timed'), stations: list('station_bit1') };
	await apply({ kind: 'same' });
	const sameTime = passes(router);

	await apply(bytesRight(1e6));
	const counted = (await read()).counters[0];
	run('nft', 'delete', 'element', 'inet', 'octroi', 'up_of', element(mask, station.meter));
	run('nft', 'delete', 'element', 'inet', 'octroi', 'grant_of', element(mask, station.meter));
	const crippled = passes(router);
	await apply({ kind: 'nothing' });
	await apply(bytesRight(1e6, 0, await read()));
	const healed = { passed: passes(router), counter: (await read()).counters[0] };

	const successor = open();
	const adopted = await successor.load(EPOCH);
	await successor.apply({ pool: POOL, meters: [station], right: bytesRight(2e6, 0, await read()) });
	const adoptedReading = await successor.read(POOL, numbers);
	const flows = () =>
		run('conntrack', '-L', '-p', 'icmp')
			.split('\n')
			.filter((line) => line.includes('10.1.0.2')).length;
	passes(router);
	const flowsBefore = flows();
	await successor.apply({ pool: POOL, meters: [], right: { kind: 'nothing' } });
	const afterNothing = passes(router);
	await successor.forget(numbers);
	const flowsAfter = flows();
	const rest = run('nft', 'list', 'counters') + run('nft', 'list', 'quotas') + run('nft', 'list', 'limits');
	await successor.forget([meter(99)]);
	return {
		served,
		spent,
		raised,
		depleted,
		fresh,
		servedAgain,
		shared,
		unshared,
		slow,
		faster,
		timed,
		afterTime,
		moreTime,
		sameTime,
		counted,
		crippled,
		healed,
		adopted,
		adoptedReading,
		flowsBefore,
		afterNothing,
		flowsAfter,
		rest,
	};
}

function list(map: string): string {
	const kind = map.endsWith('_of') ? 'map' : 'set';
	return /elements = (\{[^}]*\})/.exec(run('nft', 'list', kind, 'inet', 'octroi', map))?.[1] ?? '';
}

function element(mask: number, number: number): string {
	return `{ 0x${markField(mask).markOf(meter(number)).toString(16)} }`;
}
