import { silentLog } from '../../../../agent/core/log.ts';
import { KernelGate } from '../../../../agent/dataplane/kernel-gate.ts';
import { markField } from '../../../../agent/dataplane/mark.ts';
import { renderRuleset } from '../../../../agent/dataplane/ruleset.ts';
import type { Right } from '../../../../agent/meter/gate.ts';
import { NETLINK_NETFILTER, NetlinkConnection } from '../../../../agent/netlink/index.ts';
import { bytesRight, member } from './playground.ts';
import { makeRouter, nft, passes, run, STATION_MAC } from './router.ts';

const EPOCH = 'b2e97291-7683-447e-af9f-781bf151415d';
const POOL = 7;
const MASK = 0xffff8000;
const PACE = { upBytesPerSecond: 20_000, downBytesPerSecond: 30_000 };
/** 200 pings of 1,428 bytes, 10 ms apart at most: more than the burst and the rate let pass. */
const FLOOD = ['-n', '-q', '-f', '-c', '200', '-s', '1400', '-W', '1', '10.2.0.2'];

/** A right with a speed, and what becomes of it when the agent restarts or the plan changes. */
export default async function pace() {
	const router = await makeRouter();
	const garden = { ipv4: [], ipv6: [] };
	nft(
		renderRuleset({
			metered: ['lan0'],
			meteredNames: ['lan0'],
			free: [],
			mask: MASK,
			garden,
			gardenBytesPerSecond: 100_000,
			portal: { port: 2050, name: 'portal.home.arpa' },
			dnsBytesPerSecond: 100,
			sessionDnsBytesPerSecond: 2000,
			stationsMax: 64,
			epoch: EPOCH,
		}),
	);
	const connection = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	connection.start();
	const open = () => new KernelGate({ connection, field: markField(MASK), log: silentLog });
	const kernel = open();
	await kernel.load(EPOCH);
	const station = member(5, STATION_MAC);
	const apply = (right: Right) => kernel.apply({ pool: POOL, meters: [station], right });
	const paced = (right: Right, rate = PACE): Right => ({ ...right, pace: rate }) as Right;

	await apply(paced(bytesRight(1e6, 1e6)));
	const limits = run('nft', 'list', 'limits');
	const maps = { grant: list('grant_of'), paced: list('paced_grant_of'), up: list('pace_up_of') };
	const began = performance.now();
	flood(router);
	const seconds = (performance.now() - began) / 1000;
	const flooded = await kernel.read(POOL, [station.meter]);

	const successor = open();
	const adopted = await successor.load(EPOCH);
	await successor.apply({ pool: POOL, meters: [station], right: paced(bytesRight(1e6, 1e6, flooded)) });
	const kept = await successor.read(POOL, [station.meter]);
	await kernel.load(EPOCH);

	await apply(bytesRight(1e6, 1e6, kept));
	const unpaced = { grant: list('grant_of'), paced: list('paced_grant_of'), limits: run('nft', 'list', 'limits') };
	flood(router);
	const fast = await kernel.read(POOL, [station.meter]);

	await apply(paced({ kind: 'time', milliseconds: new Map([[station.meter, 60_000]]) }));
	const timed = { passed: passes(router), timed: list('timed'), paced: list('paced_timed') };
	await apply({ kind: 'same' });
	const same = passes(router);
	await apply(
		paced({ kind: 'time', milliseconds: new Map([[station.meter, 60_000]]) }, { ...PACE, upBytesPerSecond: 9999 }),
	);
	const slower = run('nft', 'list', 'limits');
	await apply({ kind: 'nothing' });
	const nothing = { passed: passes(router), limits: run('nft', 'list', 'limits'), up: list('pace_up_of') };
	return { limits, maps, seconds, flooded, adopted, kept, unpaced, fast, timed, same, slower, nothing };
}

function flood({ station }: Awaited<ReturnType<typeof makeRouter>>): void {
	try {
		station.run('ping', ...FLOOD);
	} catch {
		// Pings were lost: that is what is measured.
	}
}

function list(map: string): string {
	const kind = map.endsWith('_of') ? 'map' : 'set';
	return /elements = (\{[^}]*\})/.exec(run('nft', 'list', kind, 'inet', 'octroi', map))?.[1] ?? '';
}
