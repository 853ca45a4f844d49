import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { PLANS } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { bytesAboveLimit } from '../speed-limit.ts';
import { TetheredDevice } from '../tethered-device.ts';
import { HANG_MS, until } from '../until.ts';
import { allWays, describeWay } from '../ways.ts';

/** Two that tether, and two whose servers the devices behind them use. */
const STATIONS = 4;
const BYTES = 40_000_000;
const BYTES_SHORT = 10_000_000;
const FLOW_TIMEOUT_MS = HANG_MS;
const UDP_BITS_PER_SECOND = 50_000_000;
/**
 * What one class is held at, what is offered of it, and the speed of the plan. The other class asks for all that it can get, so
 * what the held one took of the plan's speed would be missing there.
 */
const LIMIT_BITS_PER_SECOND = 4_000_000;
const OFFERED_BITS_PER_SECOND = 12_000_000;
const PLAN_BITS_PER_SECOND = 20_000_000;
const PACE = { downBitsPerSecond: PLAN_BITS_PER_SECOND, upBitsPerSecond: PLAN_BITS_PER_SECOND };
const MEASURE_MS = 5000;
const MEASURE_SHORT_MS = 3000;
const PAIRS = 3;
const PAIRS_SHORT = 1;
/** The bucket of a limit is full at first. */
const SETTLE_MS = 1500;
const PART_BYTES = 3_000_000;
/** More than all flows take while the agent is stopped, however long that lasts: what ends a class then is its part alone. */
const GRANT = { bytesMin: 256 << 20, bytesMax: 256 << 20, seconds: 20 };

const TETHER_PLANS = [
	...PLANS,
	{
		name: 'slow',
		title: 'tethering slowed',
		bytes: 2 ** 30,
		...PACE,
		tethered: 'slowed',
		tetheredBitsPerSecond: LIMIT_BITS_PER_SECOND,
	},
	{
		name: 'own-slow',
		title: 'own part slowed',
		bytes: 2 ** 30,
		...PACE,
		own: 'slowed',
		ownBitsPerSecond: LIMIT_BITS_PER_SECOND,
		ownAfterBytes: PART_BYTES,
	},
	{ name: 'part', title: 'a part of it tethered', bytes: 2 ** 30, tethered: 'blocked', tetheredAfterBytes: PART_BYTES },
	{ name: 'own-part', title: 'a part of it own', bytes: 2 ** 30, own: 'blocked', ownAfterBytes: PART_BYTES },
];

const FIGURES: FigureRules = {
	...COMPARISON_RULES,
	tethered_difference_bytes: {
		title: 'charged as tethered − counted behind the stations, largest of all stations and directions',
		bound: { equals: 0 },
	},
	tethered_bytes: { title: 'layer-3 bytes of devices behind stations', bound: { atLeast: 8_000_000 } },
	rows_difference_bytes: { title: 'the station rows against the ledger', bound: { equals: 0 } },
	own_rate_ratio: {
		title:
			'own rate of an unpaced flow beside slowed tethered ones / undisturbed; the plan has a speed that both would share',
		bound: { atLeast: 0.95 },
		kind: 'speed',
	},
	held_above_bytes: {
		title:
			'passed of the part that is held, own or tethered, − what its limit allows in that time, with a full bucket: largest',
		bound: { atMost: 0 },
	},
	tethered_rate_ratio: {
		title: 'rate of the tethered part / its limit, both directions',
		bound: { atLeast: 0.95, atMost: 1.05 },
		kind: 'speed',
	},
	reverse_tethered_rate_ratio: {
		title:
			'the reverse: tethered rate of an unpaced flow beside own ones that are slowed after their part / undisturbed',
		bound: { atLeast: 0.95 },
		kind: 'speed',
	},
	reverse_own_rate_ratio: {
		title: 'the reverse: rate of the own part / its limit, both directions',
		bound: { atLeast: 0.95, atMost: 1.05 },
		kind: 'speed',
	},
	plan_rate_ratio: {
		title: "undisturbed rate of the unpaced flow / the plan's speed, the lower of both: it fills what would be shared",
		bound: { atLeast: 0.9, atMost: 1.05 },
		kind: 'speed',
	},
	part_ratio: {
		title: 'tethered bytes that passed of a package that allows so many, the agent stopped / allowed',
		bound: { atLeast: 0.999, atMost: 1 },
		anywhere: 'both are amounts of bytes',
	},
	own_after_part: { title: 'own flows go on when the tethered part is used up', bound: { equals: 1 } },
	own_part_ratio: {
		title: 'the same of own bytes of a package that allows own flows so many',
		bound: { atLeast: 0.999, atMost: 1 },
		anywhere: 'both are amounts of bytes',
	},
	tethered_after_own_part: { title: 'tethered flows go on when the own part is used up', bound: { equals: 1 } },
};

export const tether: Scenario = {
	name: 'tether',
	title:
		'devices behind stations: own and tethered each to the byte, the tethered part held at its limit, the own part at full speed',
	figures: FIGURES,
	async run({ isShort, progress }) {
		return await withLab({ stations: STATIONS }, async (lab) => {
			const devices = [
				new TetheredDevice(lab.station(1), lab.station(3)),
				new TetheredDevice(lab.station(2), lab.station(4)),
			];
			try {
				for (const device of devices) await device.start();
				const agent = await lab.startAgent({ tethered: { detect: true }, plans: TETHER_PLANS, grant: GRANT });
				await agent.admit('sta1', 'large', [lab.station(1).mac]);
				await agent.admit('sta2', 'slow', [lab.station(2).mac]);
				const bytes = Math.ceil((isShort ? BYTES_SHORT : BYTES) / allWays().length);
				await moveAllWays(lab, agent, devices[0] as TetheredDevice, { bytes, progress });
				const [first, second] = devices as [TetheredDevice, TetheredDevice];
				const rates = await heldRates(lab, second, 'behind', { isShort, progress });
				await readmit(agent, second, 'own-slow');
				await spendPart(lab, second);
				const reverse = await heldRates(lab, second, 'own', { isShort, progress });
				const own = await stoppedPart(lab, agent, first, 'own');
				const part = await stoppedPart(lab, agent, first, 'behind');
				const rows = await rowsDifference(agent);
				return {
					...(await finalFigures(lab, agent, devices, progress)),
					own_rate_ratio: rates.free,
					tethered_rate_ratio: rates.held,
					reverse_tethered_rate_ratio: reverse.free,
					reverse_own_rate_ratio: reverse.held,
					held_above_bytes: Math.max(rates.above, reverse.above),
					plan_rate_ratio: Math.min(rates.plan, reverse.plan),
					part_ratio: part.ratio,
					own_after_part: part.goesOn,
					own_part_ratio: own.ratio,
					tethered_after_own_part: own.goesOn,
					...rows,
				};
			} finally {
				for (const device of devices) await device.stop().catch(() => undefined);
			}
		});
	},
};

type Progress = { progress: (line: string) => void };

/** Own flows and those of the device behind at the same time, each way; once the agent dies between them. */
async function moveAllWays(
	lab: Lab,
	agent: AgentHandle,
	device: TetheredDevice,
	{ bytes, progress }: Progress & { bytes: number },
): Promise<void> {
	const ways = allWays();
	for (const [turn, way] of ways.entries()) {
		if (turn === ways.length / 2) {
			// Both classes have moved bytes that only the kernel knows of, and the new agent knows nothing of the stations.
			await agent.kill('SIGKILL');
			await agent.start();
		}
		const order = { ...way, bytes, bitsPerSecond: way.protocol === 'udp' ? UDP_BITS_PER_SECOND : undefined };
		const flows = await Promise.all([device.station, device].map((client) => lab.flow(client, order)));
		const ends = await Promise.all(flows.map((flow) => flow.ended(FLOW_TIMEOUT_MS)));
		progress(`${describeWay(way)}: own and tethered ${ends.map(({ receivedBytes }) => receivedBytes).join(' ')}`);
	}
}

/** The station's own flows, or those of the device behind it. */
type Side = 'own' | 'behind';
const OTHER = { own: 'behind', behind: 'own' } as const;

function clientOf(device: TetheredDevice, side: Side) {
	return side === 'own' ? device.station : device;
}

/**
 * What the class that has no limit of its own gets, without and beside the one that is held. In pairs, because the machine may have
 * other work: the median of their ratios.
 */
async function heldRates(
	lab: Lab,
	device: TetheredDevice,
	side: Side,
	{ isShort, progress }: Progress & { isShort: boolean },
) {
	const other = OTHER[side];
	const free = await lab.flow(clientOf(device, other), { protocol: 'tcp', direction: 'down' });
	await delay(SETTLE_MS);
	const milliseconds = isShort ? MEASURE_SHORT_MS : MEASURE_MS;
	const pairs: { free: number; plan: number; down: number; up: number; above: number }[] = [];
	for (let round = 0; round < (isShort ? PAIRS_SHORT : PAIRS); round++) {
		const alone = await rates(lab, device, milliseconds);
		const held = await Promise.all(
			(['down', 'up'] as const).map((direction) =>
				lab.flow(clientOf(device, side), { protocol: 'udp', direction, bitsPerSecond: OFFERED_BITS_PER_SECOND }),
			),
		);
		await delay(SETTLE_MS);
		const beside = await rates(lab, device, milliseconds);
		for (const flow of held) await flow.stop();
		const { down, up } = beside[side];
		progress(
			`${other} alone ${mega(alone[other].down)}, beside ${mega(beside[other].down)}; ${side} down ${mega(down)}, up ${mega(up)} Mbit/s`,
		);
		pairs.push({
			free: beside[other].down / alone[other].down,
			plan: alone[other].down / PLAN_BITS_PER_SECOND,
			down: down / LIMIT_BITS_PER_SECOND,
			up: up / LIMIT_BITS_PER_SECOND,
			above: Math.max(...(['down', 'up'] as const).map((way) => beside.above(side, way))),
		});
		// What is left in the queues belongs to this round.
		await delay(SETTLE_MS / 3);
	}
	await free.stop();
	const held = [median(pairs.map(({ down }) => down)), median(pairs.map(({ up }) => up))];
	const farthest = held.toSorted((a, b) => Math.abs(b - 1) - Math.abs(a - 1))[0] as number;
	return {
		free: median(pairs.map((pair) => pair.free)),
		held: farthest,
		plan: median(pairs.map(({ plan }) => plan)),
		above: Math.max(...pairs.map(({ above }) => above)),
	};
}

async function readmit(agent: AgentHandle, { station }: TetheredDevice, plan: string): Promise<void> {
	await agent.ask('station.detach', { mac: station.mac });
	await agent.admit(plan, plan, [station.mac]);
}

/** Own flows take their part, and what the bucket of the limit behind it lets through at once. */
async function spendPart(lab: Lab, device: TetheredDevice): Promise<void> {
	const order = { protocol: 'udp', direction: 'down', bitsPerSecond: OFFERED_BITS_PER_SECOND } as const;
	const before = await counts(lab, device);
	const flow = await lab.flow(device.station, order);
	const spent = async () => (await counts(lab, device)).own.down - before.own.down > PART_BYTES;
	await until('own flows to have had their part', FLOW_TIMEOUT_MS, spent, 100);
	await flow.stop();
}

type Rates = Record<Side, { down: number; up: number }> & {
	/** See {@link bytesAboveLimit}: of the limit of a held part. */
	above(side: Side, way: 'down' | 'up'): number;
};

/** In bits per second, by the witness. */
async function rates(lab: Lab, device: TetheredDevice, milliseconds: number): Promise<Rates> {
	const beganMs = performance.now();
	const before = await counts(lab, device);
	await delay(milliseconds);
	const after = await counts(lab, device);
	const endedMs = performance.now();
	const reading = (bytes: number) => ({ bytes, beganMs, endedMs });
	const rate = (side: Side, way: 'down' | 'up') =>
		((after[side][way] - before[side][way]) * 8) / ((after[side].atMs[way] - before[side].atMs[way]) / 1000);
	return {
		own: { down: rate('own', 'down'), up: rate('own', 'up') },
		behind: { down: rate('behind', 'down'), up: rate('behind', 'up') },
		above: (side, way) => bytesAboveLimit(reading(before[side][way]), reading(after[side][way]), LIMIT_BITS_PER_SECOND),
	};
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >>> 1] as number;
}

function mega(bitsPerSecond: number): string {
	return (bitsPerSecond / 1e6).toFixed(2);
}

/** By the witness alone: what arrived at the station, at the device's station, and in the internet. */
async function counts(lab: Lab, device: TetheredDevice) {
	const { value, atMs } = await timed(() => lab.witness.read());
	const behind = await timed(() => device.downBytes());
	const own = value[device.station.number - 1];
	return {
		own: { down: own?.down ?? Number.NaN, up: own?.up ?? Number.NaN, atMs: { down: atMs, up: atMs } },
		behind: {
			down: behind.value,
			up: value[device.serverNumber - 1]?.up ?? Number.NaN,
			atMs: { down: behind.atMs, up: atMs },
		},
	};
}

/** A program that reads a counter takes its time, on a busy machine more of it: it was read somewhere in the middle. */
async function timed<Value>(read: () => Promise<Value>): Promise<{ value: Value; atMs: number }> {
	const began = performance.now();
	const value = await read();
	return { value, atMs: (began + performance.now()) / 2 };
}

/** A package of which a part may be tethered, or own: the kernel ends it by itself, and the other class goes on. */
async function stoppedPart(lab: Lab, agent: AgentHandle, device: TetheredDevice, side: Side) {
	await readmit(agent, device, side === 'own' ? 'own-part' : 'part');
	const before = await counts(lab, device);
	const order = { protocol: 'udp', direction: 'down', bitsPerSecond: OFFERED_BITS_PER_SECOND } as const;
	const held = await lab.flow(clientOf(device, side), { ...order, holdAtBytes: PART_BYTES / 4 });
	const other = await lab.flow(clientOf(device, OTHER[side]), order);
	// Both have been judged, and most of the part is left.
	const areJudged = async () =>
		(await Promise.all([held, other].map((flow) => flow.progress()))).every(({ receivedBytes }) => receivedBytes > 0);
	await until('both flows to be judged', FLOW_TIMEOUT_MS, areJudged);
	await agent.kill('SIGSTOP');
	await held.hold();
	await held.stalled(1000, FLOW_TIMEOUT_MS);
	const passed = await counts(lab, device);
	const { receivedBytes } = await other.progress();
	const goesOn = async () => (await other.progress()).receivedBytes > receivedBytes;
	await until('the other class to go on', FLOW_TIMEOUT_MS, goesOn);
	await agent.kill('SIGCONT');
	for (const flow of [other, held]) await flow.stop();
	const bytes = passed[side].down - before[side].down + passed[side].up - before[side].up;
	return { ratio: bytes / PART_BYTES, goesOn: 1 };
}

/** What the status says of stations that are attached, against their open sessions. */
async function rowsDifference(agent: AgentHandle) {
	await agent.sampled();
	const rows = await agent.stations();
	const [attached] = rows.filter(({ account }) => account === 'part');
	const shown = attached?.tethered ? attached.tethered.upBytes + attached.tethered.downBytes : Number.NaN;
	const mac = attached?.mac ?? '';
	await agent.ask('station.detach', { mac });
	const charged = new LedgerReader(agent.database).count(
		`SELECT sum(up_bytes + down_bytes) AS bytes FROM meter WHERE class = 'tethered' AND session =
			(SELECT max(number) FROM session WHERE mac = '${mac}')`,
	);
	return { rows_difference_bytes: shown - charged };
}

async function finalFigures(
	lab: Lab,
	agent: AgentHandle,
	devices: readonly TetheredDevice[],
	progress: (line: string) => void,
) {
	// What goes to the servers of stations 3 and 4 is the devices', and is compared with the tethered class below.
	const names = new Set(devices.map(({ station }) => station.name));
	const figures = await comparisonFigures(lab, agent, progress, ({ station }) => names.has(station));
	const charged = new LedgerReader(agent.database).charged('tethered');
	const counted = await lab.witness.read();
	const differences: number[] = [];
	let tethered_bytes = 0;
	for (const device of devices) {
		const up = counted[device.serverNumber - 1]?.up ?? Number.NaN;
		const down = await device.downBytes();
		const paid = charged.get(device.station.mac) ?? { up: 0, down: 0 };
		progress(`${device.name}: charged ${paid.up} up ${paid.down} down, counted ${up} up ${down} down`);
		differences.push(Math.abs(paid.up - up), Math.abs(paid.down - down));
		tethered_bytes += up + down;
	}
	await agent.verifyLedger();
	return { ...figures, tethered_difference_bytes: Math.max(...differences), tethered_bytes };
}
