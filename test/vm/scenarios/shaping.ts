import { setTimeout as delay } from 'node:timers/promises';
import { PLANS } from '../../lab/agent-handle.ts';
import { compare } from '../../lab/comparison.ts';
import { type Lab, withLab } from '../../lab/lab.ts';
import type { Namespace } from '../../lab/namespace/namespace.ts';
import { median } from '../../lab/packet-cost.ts';
import { makeClasses } from '../../lab/queues/class-cost.ts';
import { type Latency, pingLatency } from '../../lab/queues/latency.ts';
import { RouterQueues } from '../../lab/queues/router-queues.ts';
import { tcpSegments } from '../../lab/queues/tcp-segments.ts';
import { bytesAboveLimit, readBetween } from '../../lab/speed-limit.ts';
import { HANG_MS, until } from '../../lab/until.ts';
import type { VmScenario } from '../vm-scenario.ts';

const MEBIBYTE = 1 << 20;
const QUOTA_BYTES = MEBIBYTE;
const SLOW_BITS_PER_SECOND = 2_000_000;
const RUSH_BITS_PER_SECOND = 8_000_000;
const GRANT = { bytesMin: 64 * MEBIBYTE, bytesMax: 64 * MEBIBYTE, seconds: 20 };
const PLAN = {
	name: 'fair-2',
	title: '1 MiB, then 2 Mbit/s',
	bytes: QUOTA_BYTES,
	atEnd: 'throttle',
	throttleBitsPerSecond: SLOW_BITS_PER_SECOND,
};
const PINGS = 100;
const DEVICES = ['br-lan', 'wan'] as const;
const SETTLE_MS = 3000;
/** In pairs, which comes first by turns. */
const PAIRS = 3;
const FLOW_TIMEOUT_MS = HANG_MS;

/** What the lab's own kernel cannot show: fq_codel in the classes, so that a slowed station's flows do not wait for each other. */
export const shaping: VmScenario = {
	name: 'shaping',
	title: 'fq_codel under htb: a slowed station is quick beside its own download, and all that is counted arrives',
	radios: 0,
	figures: {
		fq_codel: { title: '1: the classes have queues of kind fq_codel, and take new bounds', bound: { equals: 1 } },
		slow_rate_ratio: {
			title: 'slowed rate / set rate, TCP down, on an emulated processor, whose timers are late',
			bound: { atLeast: 0.85, atMost: 1.05 },
			kind: 'speed',
		},
		slow_above_bytes: {
			title: 'passed with the queue − what the set rate allows in that time, with a full bucket: largest',
			bound: { atMost: 0 },
		},
		download_latency_ms: {
			title: "the slowed station's ping beside its TCP download, fq_codel, median of the pairs",
			bound: { atMost: 8 },
			kind: 'speed',
		},
		policer_latency_ms: {
			title: 'the same with the limit alone, a plain policer: it has no queue to wait in',
			bound: { atMost: 2 },
			kind: 'speed',
		},
		latency_added_ms: { title: 'the first − the second, median of the pairs', bound: { atMost: 6 }, kind: 'speed' },
		download_lost_percent: { title: 'pings lost beside the download, fq_codel', bound: { atMost: 1 }, kind: 'speed' },
		retransmit_percent: {
			title: 'segments of the download that were sent again, fq_codel',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		policer_retransmit_percent: { title: 'the same with the policer', bound: { atLeast: 10 }, kind: 'speed' },
		flood_latency_ms: {
			title: 'ping beside UDP of twice its rate, fq_codel, median',
			bound: { atMost: 5 },
			kind: 'speed',
		},
		unshaped_queue: {
			title: '1: a device that had a queue keeps one like it for what is not shaped; taken away, it has its own again',
			bound: { equals: 1 },
		},
		difference_bytes: { title: 'charged − counted, larger of both directions', bound: { equals: 0 } },
		losses_after_meter: { title: 'packets dropped behind the counters, in queues too', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: 1 }, async (lab) => {
			const station = lab.station(1);
			const agent = await lab.startAgent({ plans: [...PLANS, PLAN], grant: GRANT });
			await agent.admit(station.name, PLAN.name, [station.mac]);
			const rush = { protocol: 'udp', direction: 'down', bitsPerSecond: RUSH_BITS_PER_SECOND } as const;
			await (await lab.flow(station, { ...rush, bytes: QUOTA_BYTES + MEBIBYTE / 2 })).ended(FLOW_TIMEOUT_MS);
			await agent.reaches(station.mac, 'throttled');
			await delay(SETTLE_MS);
			const leaves = await new RouterQueues(lab.router).leaves('br-lan');
			progress(`queues of the classes: ${leaves.join(', ')}`);

			const pairs: { queue: Download; policer: Download }[] = [];
			for (let index = 0; index < (isShort ? 1 : PAIRS); index++) {
				const pair: Partial<{ queue: Download; policer: Download }> = {};
				for (const mode of index % 2 === 0 ? (['queue', 'policer'] as const) : (['policer', 'queue'] as const)) {
					await setQueues(lab.router, mode === 'queue');
					pair[mode] = await besideDownload(lab);
					progress(`beside the download, ${mode}: ${JSON.stringify(pair[mode])}`);
				}
				pairs.push(pair as { queue: Download; policer: Download });
			}
			await setQueues(lab.router, true);
			const of = (mode: 'queue' | 'policer', value: (download: Download) => number) =>
				median(pairs.map((pair) => value(pair[mode])));

			const flood = await lab.flow(station, { ...rush, bitsPerSecond: 2 * SLOW_BITS_PER_SECOND });
			await delay(SETTLE_MS / 2);
			const flooded = await pingLatency(station.namespace, station.server('ipv4'), PINGS);
			await flood.stop();
			progress(`beside the flood: ${JSON.stringify(flooded)}`);
			await delay(SETTLE_MS);
			const unshaped_queue = (await hasUnshapedQueue(lab.router)) ? 1 : 0;
			const rows = await compare(lab, agent);
			return {
				fq_codel: leaves.length > 0 && leaves.every((kind) => kind === 'fq_codel') ? 1 : 0,
				slow_rate_ratio: of('queue', ({ rateRatio }) => rateRatio),
				slow_above_bytes: Math.max(...pairs.map(({ queue }) => queue.aboveBytes)),
				download_latency_ms: of('queue', ({ latency }) => latency.medianMs),
				policer_latency_ms: of('policer', ({ latency }) => latency.medianMs),
				latency_added_ms: median(pairs.map(({ queue, policer }) => queue.latency.medianMs - policer.latency.medianMs)),
				download_lost_percent: of('queue', ({ latency }) => latency.lostPercent),
				retransmit_percent: of('queue', ({ retransmitPercent }) => retransmitPercent),
				policer_retransmit_percent: of('policer', ({ retransmitPercent }) => retransmitPercent),
				flood_latency_ms: flooded.medianMs,
				unshaped_queue,
				difference_bytes: Math.max(...rows.map((row) => Math.abs(row.chargedBytes - row.countedBytes))),
				losses_after_meter: await lab.witness.lossesAfterMeter(),
			};
		});
	},
};

type Download = {
	readonly latency: Latency;
	readonly rateRatio: number;
	readonly aboveBytes: number;
	readonly retransmitPercent: number;
};

/** Our queues on the devices, or somebody else's, beside which the limits alone hold the rates. */
async function setQueues(router: Namespace, isOurs: boolean): Promise<void> {
	const queues = new RouterQueues(router);
	for (const device of DEVICES) {
		if ((await queues.isOurs(device)) === isOurs) continue;
		if (isOurs) await queues.vacate(device);
		else await queues.occupy(device);
	}
	if (!isOurs) return;
	await until('the queues to be back', FLOW_TIMEOUT_MS, async () => {
		const kinds = await Promise.all(DEVICES.map((device) => queues.leaves(device)));
		return kinds.every((leaves) => leaves.length > 0);
	});
}

/** The slowed station's ping and rate while it downloads. */
async function besideDownload(lab: Lab): Promise<Download> {
	const station = lab.station(1);
	const before = await tcpSegments(lab.internet);
	const download = await lab.flow(station, { protocol: 'tcp', direction: 'down' });
	await delay(SETTLE_MS);
	const first = await readBetween(() => lab.witness.readOne(1, 'down'));
	const latency = await pingLatency(station.namespace, station.server('ipv4'), PINGS);
	await delay(SETTLE_MS);
	const last = await readBetween(() => lab.witness.readOne(1, 'down'));
	const rate = ((last.bytes - first.bytes) * 8000) / (last.endedMs - first.endedMs);
	const rateRatio = rate / SLOW_BITS_PER_SECOND;
	const aboveBytes = bytesAboveLimit(first, last, SLOW_BITS_PER_SECOND);
	await download.stop();
	const after = await tcpSegments(lab.internet);
	await delay(SETTLE_MS);
	return {
		latency,
		rateRatio,
		aboveBytes,
		retransmitPercent: ((after.again - before.again) / (after.sent - before.sent)) * 100,
	};
}

/** An ifb device has a queue by default, as a network card has. */
async function hasUnshapedQueue(router: Namespace): Promise<boolean> {
	await router.ip(['link add ifb7 type ifb', 'link add ifb8 type ifb', 'link set ifb7 up', 'link set ifb8 up']);
	const queues = new RouterQueues(router);
	const before = await queues.root('ifb7');
	await makeClasses(router, 1, ['ifb7', 'ifb8']);
	const text = await router.run('tc', ['qdisc', 'show', 'dev', 'ifb7']);
	const isThere = /htb 6f63: root .*default 0xffff/.test(text) && /fq_codel \S+ parent 6f63:ffff/.test(text);
	await queues.vacate('ifb7');
	return before !== 'noqueue 0:' && isThere && (await queues.root('ifb7')) === before;
}
