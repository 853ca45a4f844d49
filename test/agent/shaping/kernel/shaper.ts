import {
	decodeLink,
	deleteClass,
	dumpLinks,
	NETLINK_ROUTE,
	NetlinkConnection,
} from '../../../../agent/netlink/index.ts';
import { classOf } from '../../../../agent/shaping/class-rate.ts';
import { Shaper } from '../../../../agent/shaping/shaper.ts';
import { ip, listLog, run, until } from '../../dataplane/kernel/router.ts';

const SLOW = classOf('slow', 7);
const PACE = classOf('pace', 7);

/** Queues on real devices: made, changed, adopted, left alone, made anew. */
export default async function shaper() {
	ip('link', 'set', 'lo', 'up');
	for (const device of ['lan0', 'wan0', 'wan1']) {
		ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}far`);
		ip('link', 'set', device, 'up');
		ip('link', 'set', `${device}far`, 'up');
	}
	let uplinks = ['wan0'];
	const problems: (string | undefined)[] = [];
	const warnings: string[] = [];
	const make = () =>
		new Shaper({
			metered: ['lan0', 'later0'],
			uplinks: () => uplinks,
			log: listLog(warnings),
			onProblem: (sentence) => problems.push(sentence),
		});
	const qdiscs = (device: string) => run('tc', 'qdisc', 'show', 'dev', device).replace(/ refcnt \d+/g, '');
	const classes = (device: string) =>
		[...run('tc', 'class', 'show', 'dev', device).matchAll(/class htb 6f63:(\S+) .*? rate (\S+) ceil (\S+)/g)]
			.map(([, id, rate, ceil]) => `${id} ${rate} ${ceil}`)
			.sort();
	const first = make();
	await first.start();
	await first.settled();
	const untouched = [qdiscs('lan0'), qdiscs('wan0')];

	first.want(SLOW, { up: 250_000, down: 250_000 });
	first.want(PACE, { up: 500_000, down: 2_000_000 });
	await first.settled();
	const made = { lan: qdiscs('lan0'), wan: qdiscs('wan0'), lanClasses: classes('lan0'), wanClasses: classes('wan0') };
	first.want(PACE, { down: 1_000_000 });
	await first.settled();
	const changed = { lan: classes('lan0'), queues: qdiscs('lan0'), devices: first.devices() };
	await until('the class upwards has gone', () => classes('wan0').length === 1);
	first.stop();
	const leaf = qdiscs('lan0');

	const second = make();
	await second.start();
	second.wantOnly(new Map([[SLOW, { up: 250_000, down: 250_000 }]]));
	await second.settled();
	await until('the class of the speed has gone', () => classes('lan0').length === 1);
	const adopted = { lan: qdiscs('lan0'), wan: classes('wan0'), leaf };

	run(
		'tc',
		'qdisc',
		'replace',
		'dev',
		'wan0',
		'root',
		'handle',
		'1:',
		'tbf',
		...['rate', '10mbit', 'burst', '16k', 'latency', '50ms'],
	);
	await until('it is noticed', () => second.devices().some(({ foreign }) => foreign === 'tbf'));
	second.want(PACE, { up: 1_000_000, down: 1_000_000 });
	await second.settled();
	const foreign = { wan: qdiscs('wan0'), lan: classes('lan0'), problem: problems.at(-1), devices: second.devices() };
	run('tc', 'qdisc', 'del', 'dev', 'wan0', 'root');
	await until('it queues again', () => classes('wan0').length === 2);
	const freed = { problem: problems.at(-1) };

	ip('link', 'add', 'later0', 'type', 'veth', 'peer', 'name', 'later0far');
	ip('link', 'set', 'later0', 'up');
	await until('the new device has classes', () => classes('later0').length === 2);
	ip('link', 'delete', 'lan0');
	ip('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0far');
	ip('link', 'set', 'lan0', 'up');
	await until('the device that came back has classes', () => classes('lan0').length === 2);

	ip('address', 'add', '192.0.2.1/24', 'dev', 'wan1');
	uplinks = ['wan1'];
	ip('route', 'add', 'default', 'via', '192.0.2.2');
	await until('the new uplink has classes', () => classes('wan1').length === 2);
	await until('the former one has none', () => classes('wan0').length === 0);
	second.stop();
	const each = await refusedOf(['lan0', 'wan1']);
	return { each, untouched, made, changed, adopted, foreign, freed, warnings };
}

/** Deletes a class on each device, and between them some that are not there: more than one send holds. */
async function refusedOf([first, last]: [string, string]) {
	const route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	route.start();
	const links = new Map((await route.list(dumpLinks(), decodeLink)).map((link) => [link.name, link.interfaceIndex]));
	const [begin = 0, end = 0] = [links.get(first), links.get(last)];
	const missing = Array.from({ length: 300 }, () => deleteClass({ interfaceIndex: begin, handle: 0x6f63_0001 }));
	const requests = [
		deleteClass({ interfaceIndex: begin, handle: SLOW }),
		...missing,
		deleteClass({ interfaceIndex: end, handle: SLOW }),
	];
	const refused = await route.each(requests);
	route.stop();
	const left = [first, last].map((device) => run('tc', 'class', 'show', 'dev', device).includes('6f63:8007'));
	const indexes = refused.map(({ index }) => index);
	return { count: refused.length, first: indexes[0], last: indexes.at(-1), errno: refused[299]?.errno, left };
}
