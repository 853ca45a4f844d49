import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { PLANS } from '../agent-handle.ts';
import { compare } from '../comparison.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import { classCost } from '../queues/class-cost.ts';
import { RouterQueues } from '../queues/router-queues.ts';
import { smoothness } from '../queues/smoothness.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { bytesAboveLimit } from '../speed-limit.ts';
import type { Station } from '../station.ts';
import { HANG_MS } from '../until.ts';
import { allWays, describeWay, type Way } from '../ways.ts';

const MEBIBYTE = 1 << 20;
const QUOTA_BYTES = 4 * MEBIBYTE;
const SLOW_BITS_PER_SECOND = 4_000_000;
const PACE = { downBitsPerSecond: 12_000_000, upBitsPerSecond: 6_000_000 };
/** What is offered of UDP: three times the rate. */
const OFFERED_BITS_PER_SECOND = 3 * SLOW_BITS_PER_SECOND;
/** So fast that the quota is gone in a second, and no queue of the lab overflows. */
const RUSH_BITS_PER_SECOND = 40_000_000;
const MEASURE_MS = 12_000;
const MEASURE_SHORT_MS = 8000;
/** Of so many looks at a counter the quickest counts: on a busy machine the others say too little of the moment. */
const LOOKS = 4;
/** Until the bucket is empty and TCP has found the rate. */
const SETTLE_MS = 2500;
const QUIET_MS = 1200;
const FLOW_TIMEOUT_MS = HANG_MS;
/** Of a packet: what is too little for one goes with the first slow ones. */
const PACKET_BYTES = 1500;

const THROTTLE_PLANS = [
	...PLANS,
	{
		name: 'fair-4',
		title: '4 MiB, then 4 Mbit/s',
		bytes: QUOTA_BYTES,
		atEnd: 'throttle',
		throttleBitsPerSecond: SLOW_BITS_PER_SECOND,
	},
	{ name: 'paced', title: '12 and 6 Mbit/s', bytes: 1024 * MEBIBYTE, atEnd: 'block', ...PACE },
];
/** All of a package in one grant, so that its last byte is in the kernel when the agent is stopped. */
const GRANT = { bytesMin: 64 * MEBIBYTE, bytesMax: 64 * MEBIBYTE, seconds: 20 };

/** Enough for every packet of the benchmark, while the agent is stopped. */
const STOPPED_GRANT = { bytesMin: 2048 * MEBIBYTE, bytesMax: 2048 * MEBIBYTE, seconds: 20 };

const HELD = { atLeast: 0.95, atMost: 1.05 };
const FIGURES: FigureRules = {
	before_throttle_bytes: {
		title: 'quota − bytes that did not pass the queue of fair use, the agent stopped: less than a packet',
		bound: { atLeast: 0, atMost: PACKET_BYTES - 1 },
	},
	agent_stopped: {
		title: 'the agent was stopped from before the first byte until everything was measured',
		bound: { equals: 1 },
	},
	...Object.fromEntries(
		allWays().map((way) => [
			rateName(way),
			{ title: `slowed rate / set rate, ${describeWay(way)}`, bound: HELD, kind: 'speed' as const },
		]),
	),
	pace_down_ratio: { title: 'rate of a plan with a speed / set rate, down, TCP', bound: HELD, kind: 'speed' },
	pace_up_ratio: { title: 'the same up', bound: HELD, kind: 'speed' },
	held_above_bytes: {
		title: 'passed − what the rate that is set allows in that time, with a full bucket: largest of all of these',
		bound: { atMost: 0 },
	},
	difference_bytes: {
		title: 'charged − counted, largest of all stations and directions',
		bound: { equals: 0 },
	},
	paid_difference_bytes: { title: 'paid − bought, of all packages that were used up', bound: { equals: 0 } },
	throttled_bytes: { title: 'recorded as passed at the rate of fair use', bound: { atLeast: MEBIBYTE } },
	overrun_bytes: { title: 'passed without any right', bound: { equals: 0 } },
	losses_after_meter: { title: 'packets dropped behind the counters, in queues too', bound: { equals: 0 } },
	...smoothness.figures,
	...classCost.figures,
};

/** Fair use, and the speeds of plans: exact, smooth, and by queues that cost others nothing. */
export const throttle: Scenario = {
	name: 'throttle',
	title: 'fair use begins with the agent stopped, at the byte; rates are held, and nothing is lost behind the counters',
	figures: FIGURES,
	async run({ isShort, progress }) {
		const options = { milliseconds: isShort ? MEASURE_SHORT_MS : MEASURE_MS, progress };
		const exactly = await withLab({ stations: allWays().length + 1 }, async (lab) => {
			const agent = await lab.startAgent({ plans: THROTTLE_PLANS, grant: GRANT });
			const queues = new RouterQueues(lab.router);
			const [paced, ...slowed] = lab.stations as [Station, ...Station[]];
			for (const { name, mac } of slowed) await agent.admit(name, 'fair-4', [mac]);
			await agent.admit(paced.name, 'paced', [paced.mac]);
			for (const station of lab.stations) await showAddresses(station);
			await agent.kill('SIGSTOP');
			const before_throttle_bytes = await begin(lab, queues, slowed);
			const rates = await heldRates(lab, slowed, options);
			const paces = await heldPaces(lab, paced, options);
			const agent_stopped = agent.isStopped() ? 1 : 0;
			await agent.kill('SIGCONT');
			const held_above_bytes = Math.max(rates.above, paces.above);
			return {
				before_throttle_bytes,
				agent_stopped,
				held_above_bytes,
				...rates.ratios,
				...paces.ratios,
				...(await books(lab, agent, options)),
			};
		});
		const smooth = await withLab({ stations: 2 }, async (lab) => {
			const agent = await lab.startAgent({ plans: THROTTLE_PLANS, grant: GRANT });
			return smoothness.measure(lab, agent, { isShort, progress, plans: { slowed: 'fair-4', neighbour: 'huge' } });
		});
		const cost = await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
			const agent = await lab.startAgent({ grant: STOPPED_GRANT });
			return classCost.measure(lab, agent, { isShort, progress });
		});
		return { ...exactly, ...smooth, ...cost };
	},
};

function rateName({ protocol, direction, family }: Way): string {
	return `${protocol}_${direction}_${family}_ratio`;
}

/** Each station is heard with both of its addresses: those that nobody has seen are not let in later without another in use. */
async function showAddresses(station: Station): Promise<void> {
	for (const family of ['ipv4', 'ipv6'] as const) {
		await station.namespace.run('ping', ['-n', '-q', '-c', '1', '-W', '2', station.server(family)]);
	}
}

/** All of the quota in a rush. @returns how much of it was left when the queue of fair use got its first packet, at most */
async function begin(lab: Lab, queues: RouterQueues, stations: readonly Station[]): Promise<number> {
	const rest: number[] = [];
	for (const station of stations) {
		const order = { protocol: 'udp', direction: 'down', bitsPerSecond: RUSH_BITS_PER_SECOND } as const;
		const before = await slowBytes(queues);
		const flow = await lab.flow(station, { ...order, bytes: QUOTA_BYTES + MEBIBYTE });
		await flow.ended(FLOW_TIMEOUT_MS);
		await delay(QUIET_MS);
		const { up = 0, down = 0 } = (await lab.witness.read())[station.number - 1] ?? {};
		rest.push(QUOTA_BYTES - (up + down - ((await slowBytes(queues)) - before)));
	}
	// One that passed too much would be hidden behind one that passed too little.
	return rest.some((bytes) => bytes < 0) ? Math.min(...rest) : Math.max(...rest);
}

/** What has passed the classes of fair use, both directions. */
async function slowBytes(queues: RouterQueues): Promise<number> {
	const rows = await Promise.all(['br-lan', 'wan'].map((device) => queues.classes(device)));
	const slow = rows.flat().filter(({ id }) => Number.parseInt(id, 16) >= 0x8000);
	return slow.reduce((sum, { bytes }) => sum + bytes, 0);
}

type Options = { readonly milliseconds: number; readonly progress: (line: string) => void };

/** Each station one way, all at once. */
async function heldRates(lab: Lab, stations: readonly Station[], { milliseconds, progress }: Options) {
	const ways = allWays();
	const flows = await Promise.all(
		ways.map((way, index) => {
			const offered = way.protocol === 'udp' ? { bitsPerSecond: OFFERED_BITS_PER_SECOND } : {};
			return lab.flow(stations[index] as Station, { ...way, ...offered });
		}),
	);
	await delay(SETTLE_MS);
	const rates = await Promise.all(
		ways.map((way, index) =>
			rateOf(lab, stations[index] as Station, way.direction, { milliseconds, set: SLOW_BITS_PER_SECOND }),
		),
	);
	for (const flow of flows) await flow.stop();
	await delay(QUIET_MS);
	const ratios = Object.fromEntries(
		ways.map((way, index) => {
			const ratio = rates[index]?.ratio ?? Number.NaN;
			progress(`${describeWay(way)}: ${ratio.toFixed(4)} of the set rate`);
			return [rateName(way), ratio];
		}),
	);
	return { ratios, above: Math.max(...rates.map(({ above }) => above)) };
}

async function heldPaces(lab: Lab, station: Station, { milliseconds, progress }: Options) {
	const ratios = { pace_down_ratio: Number.NaN, pace_up_ratio: Number.NaN };
	let above = Number.NEGATIVE_INFINITY;
	for (const direction of ['down', 'up'] as const) {
		const flow = await lab.flow(station, { protocol: 'tcp', direction });
		await delay(SETTLE_MS);
		const held = await rateOf(lab, station, direction, { milliseconds, set: PACE[`${direction}BitsPerSecond`] });
		ratios[`pace_${direction}_ratio`] = held.ratio;
		above = Math.max(above, held.above);
		await flow.stop();
		await delay(QUIET_MS);
		progress(`plan with a speed, TCP ${direction}: ${ratios[`pace_${direction}_ratio`].toFixed(4)} of the set rate`);
	}
	return { ratios, above };
}

/** Bits a second of layer 3, as they arrived, ÷ those that are set; and see {@link bytesAboveLimit}. */
async function rateOf(
	lab: Lab,
	station: Station,
	direction: 'up' | 'down',
	{ milliseconds, set }: { milliseconds: number; set: number },
): Promise<{ ratio: number; above: number }> {
	const read = async () => {
		const beganMs = performance.now();
		let best = { bytes: 0, at: 0, tookMs: Number.POSITIVE_INFINITY };
		for (let look = 0; look < LOOKS; look++) {
			const began = performance.now();
			const bytes = await lab.witness.readOne(station.number, direction);
			const tookMs = performance.now() - began;
			// The counter was read somewhere between.
			if (tookMs < best.tookMs) best = { bytes, at: began + tookMs / 2, tookMs };
		}
		return { ...best, beganMs, endedMs: performance.now() };
	};
	const before = await read();
	await delay(milliseconds);
	const after = await read();
	const rate = ((after.bytes - before.bytes) * 8000) / (after.at - before.at);
	return { ratio: rate / set, above: bytesAboveLimit(before, after, set) };
}

/** Ledger and witness, after everybody has left. */
async function books(lab: Lab, agent: AgentHandle, { progress }: Options) {
	const rows = await compare(lab, agent);
	for (const { station, direction, chargedBytes, countedBytes } of rows) {
		progress(`${station} ${direction}: charged ${chargedBytes}, counted ${countedBytes}`);
	}
	const ledger = new LedgerReader(agent.database);
	const paid = ledger.moved(['used']);
	const slowed = [...paid].filter(([account]) => account !== 'sta1').map(([, bytes]) => bytes - QUOTA_BYTES);
	return {
		difference_bytes: Math.max(...rows.map(({ chargedBytes, countedBytes }) => Math.abs(chargedBytes - countedBytes))),
		paid_difference_bytes: Math.max(...slowed.map(Math.abs)),
		throttled_bytes: totalOf(ledger.moved(['throttled'])),
		overrun_bytes: totalOf(ledger.moved(['overrun'])),
		losses_after_meter: await lab.witness.lossesAfterMeter(),
	};
}
