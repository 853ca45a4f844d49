import { once } from 'node:events';
import { silentLog } from '../../../../agent/core/log.ts';
import type { MacAddress } from '../../../../agent/core/units.ts';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { FlowQueue } from '../../../../agent/dataplane/flow-queue.ts';
import type { ClassRight } from '../../../../agent/meter/gate.ts';
import { bytesRight, dataPlaneOptions, member, meter } from './playground.ts';
import { readRefused } from './refused.ts';
import { makeRouter, nft, run, STATION_MAC } from './router.ts';

const MASK = 0xffff8000;
const QUEUE = 4300;
const FLOWS_PER_SECOND = 20;
/** Three pings there and back. */
const PING_BYTES = 3 * 2 * 84;
const EPOCH = 'b2e97291-7683-447e-af9f-781bf151415d';
const MAC = STATION_MAC as MacAddress;
const EVENTS = { lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} };

/** A table of version 3, as it ran: its mask had no bit for tethered flows. Meter 1 is the word 0x007f. */
const VERSION_3 = `table inet octroi {
	comment "octroi epoch ${EPOCH} mark 0xffff0000 class 0x80000000"
	counter u1 { packets 3 bytes 4321 }
	counter d1 { packets 7 bytes 9876543210 }
	quota grant1 { 1000000000 bytes used 12345 bytes }
	quota reserve1 { 50000 bytes used 0 bytes }
	map grant_of { type mark : quota; size 8192; elements = { 0x007f0000 : "grant1" }; }
	map reserve_of { type mark : quota; size 8192; elements = { 0x007f0000 : "reserve1" }; }
	map up_of { type mark : counter; size 16384; elements = { 0x007f0000 : "u1" }; }
	map down_of { type mark : counter; size 16384; elements = { 0x007f0000 : "d1" }; }
	${Array.from({ length: 15 }, (_, bit) => `set station_bit${bit} { type ether_addr; size 8192; ${bit < 7 ? `elements = { ${STATION_MAC} };` : ''} }`).join('\n\t')}
	set attached { type ether_addr; size 8192; elements = { ${STATION_MAC} }; }
	set entitled { type ether_addr; size 8192; flags timeout; elements = { ${STATION_MAC} }; }
}`;

/** First packets, their queue and its absence; and what each class may do. */
export default async function classes() {
	const router = await makeRouter();
	nft(VERSION_3);
	const tethered = { queue: QUEUE, flowsPerSecond: FLOWS_PER_SECOND };
	const plane = new DataPlane({ ...dataPlaneOptions([]), tethered });
	const adopted = await plane.start(EVENTS);
	const reading = async () => {
		const [counters] = (await plane.gate.read(1, [meter(1)])).counters;
		const { tethered = { up: 0, down: 0 } } = counters ?? {};
		return { own: (counters?.up ?? 0) + (counters?.down ?? 0), tethered: tethered.up + tethered.down };
	};
	/** What a ping moves, by class, and whether it came back. */
	const ping = async () => {
		const before = await reading();
		// Not waited for in a way that would keep the reader from answering.
		const child = router.station.start('ping', '-n', '-q', '-c', '3', '-i', '0.05', '-W', '1', '10.2.0.2');
		const [status] = (await once(child, 'exit')) as [number];
		const passed = status === 0;
		const after = await reading();
		return { passed, own: after.own - before.own, tethered: after.tethered - before.tethered };
	};
	const give = (policy?: ClassRight, own?: ClassRight) =>
		plane.gate.apply({
			pool: 1,
			meters: [member(1, STATION_MAC)],
			right: bytesRight(1e9),
			...(policy ? { tethered: policy } : {}),
			...(own ? { own } : {}),
		});
	const upgraded = { adopted, counted: await reading(), ping: await ping() };
	await give();
	const withoutReader = await ping();

	let verdict: 'own' | 'tethered' = 'tethered';
	const seen: string[] = [];
	const reader = new FlowQueue({
		queue: QUEUE,
		mask: MASK,
		judge: {
			classify(station, packet) {
				seen.push(`${station} ${packet[8]}`);
				return verdict;
			},
		},
		log: silentLog,
	});
	await reader.start();
	const judgedTethered = await ping();
	verdict = 'own';
	const judgedOwn = await ping();
	verdict = 'tethered';
	await give({ kind: 'limited' });
	const blocked = await ping();
	verdict = 'own';
	const ownBesideBlocked = await ping();
	verdict = 'tethered';
	await give({ kind: 'limited', before: { bytes: 200, isNew: true }, bytesPerSecond: 1_000_000 });
	const within = await ping();
	const slowed = await ping();
	const limits = run('nft', 'list', 'quota', 'inet', 'octroi', 'tether1');
	await give({ kind: 'limited', before: { bytes: 5000, isNew: false } });
	const carriedOn = run('nft', 'list', 'quota', 'inet', 'octroi', 'tether1') === limits;
	// The other way about: what the station itself has is limited, and the device behind it has everything.
	verdict = 'own';
	await give(undefined, { kind: 'limited', before: { bytes: PING_BYTES, isNew: true } });
	const ownWithin = await ping();
	const ownSpent = await ping();
	verdict = 'tethered';
	const behindSpent = await ping();
	await give(undefined, { kind: 'limited' });
	const behindBlocked = await ping();
	verdict = 'own';
	const ownBlocked = await ping();
	await give(undefined, { kind: 'limited', bytesPerSecond: 1_000_000 });
	const ownSlowed = await ping();
	verdict = 'tethered';
	await give();
	const marks = run('cat', '/proc/net/nf_conntrack').match(/mark=\d+/g) ?? [];

	await plane.classes.pin(MAC, 'own');
	const pinnedOwn = await ping();
	reader.stop();
	await plane.classes.pin(MAC, 'tethered');
	const pinnedWithoutReader = await ping();
	await plane.classes.pin(MAC, undefined);

	// More new flows than are looked at: as the station was judged.
	await plane.classes.judge(MAC, true);
	router.station.run(
		'sh',
		'-c',
		`for flow in $(seq ${3 * FLOWS_PER_SECOND}); do ping -n -q -c 1 -W 1 10.2.0.2 & done; wait`,
	);
	const shed = await reading();
	await plane.gate.sample(() => undefined);
	const queued = { ...plane.queued };
	const refused = await readRefused();
	plane.stop();

	const again = new DataPlane({
		...dataPlaneOptions([]),
		tethered: { ...tethered, flowsPerSecond: 2 * FLOWS_PER_SECOND },
	});
	const kept = await again.start(EVENTS);
	router.station.run('ping', '-n', '-q', '-c', '1', '-W', '1', '10.2.0.2');
	const renewedLimit = /limit rate (\d+)\/second/.exec(run('nft', 'list', 'set', 'inet', 'octroi', 'judging'))?.[1];
	again.stop();
	return {
		upgraded,
		mode: plane.queueMode('flows'),
		withoutReader,
		judgedTethered,
		judgedOwn,
		blocked,
		ownBesideBlocked,
		within,
		slowed,
		carriedOn,
		ownWithin,
		ownSpent,
		behindSpent,
		behindBlocked,
		ownBlocked,
		ownSlowed,
		seen,
		marks,
		pinnedOwn,
		pinnedWithoutReader,
		shed,
		queued,
		kept,
		renewedLimit,
		refused,
	};
}
