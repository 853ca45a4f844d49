import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { PLANS } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { TetheredDevice } from '../tethered-device.ts';
import { allWays, describeWay } from '../ways.ts';

/** Two that tether, and two whose servers the devices behind them use. */
const STATIONS = 4;
const BYTES = 40_000_000;
const BYTES_SHORT = 10_000_000;
const FLOW_TIMEOUT_MS = 120_000;
const UDP_BITS_PER_SECOND = 50_000_000;
/** What the tethered part is held at, what is offered of it, and what the station's own part asks for. */
const LIMIT_BITS_PER_SECOND = 4_000_000;
const OFFERED_BITS_PER_SECOND = 12_000_000;
const OWN_BITS_PER_SECOND = 20_000_000;
const MEASURE_MS = 5000;
const MEASURE_SHORT_MS = 4000;
const PAIRS = 3;
/** The bucket of a limit is full at first. */
const SETTLE_MS = 1500;
const PART_BYTES = 3_000_000;

const TETHER_PLANS = [
	...PLANS,
	{
		name: 'slow',
		title: 'tethering slowed',
		bytes: 2 ** 30,
		tethered: 'slowed',
		tetheredBitsPerSecond: LIMIT_BITS_PER_SECOND,
	},
	{ name: 'part', title: 'a part of it tethered', bytes: 2 ** 30, tethered: 'blocked', tetheredAfterBytes: PART_BYTES },
];

const FIGURES: FigureRules = {
	...COMPARISON_RULES,
	tethered_difference_bytes: {
		title: 'charged as tethered − counted behind the stations, largest of all stations and directions',
		bound: { equals: 0 },
	},
	tethered_bytes: { title: 'layer-3 bytes of devices behind stations', bound: { atLeast: 8_000_000 } },
	rows_difference_bytes: { title: 'the station rows against the ledger', bound: { equals: 0 } },
	own_rate_ratio: { title: 'own rate beside slowed tethered flows / undisturbed', bound: { atLeast: 0.95 } },
	tethered_rate_ratio: {
		title: 'rate of the tethered part / its limit, both directions',
		bound: { atLeast: 0.95, atMost: 1.05 },
	},
	part_ratio: {
		title: 'tethered bytes that passed of a package that allows so many, the agent stopped / allowed',
		bound: { atLeast: 0.999, atMost: 1 },
	},
	own_after_part: { title: 'own flows go on when the tethered part is used up', bound: { equals: 1 } },
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
				const agent = await lab.startAgent({ tethered: { detect: true }, plans: TETHER_PLANS });
				await agent.admit('sta1', 'large', [lab.station(1).mac]);
				await agent.admit('sta2', 'slow', [lab.station(2).mac]);
				const bytes = Math.ceil((isShort ? BYTES_SHORT : BYTES) / allWays().length);
				await moveAllWays(lab, agent, devices[0] as TetheredDevice, { bytes, progress });
				const rates = await heldRates(lab, devices[1] as TetheredDevice, { isShort, progress });
				const part = await stoppedPart(lab, agent, devices[0] as TetheredDevice);
				const rows = await rowsDifference(agent);
				return { ...(await finalFigures(lab, agent, devices, progress)), ...rates, ...part, ...rows };
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

/** In pairs, because the machine may have other work: the median of their ratios. */
async function heldRates(lab: Lab, device: TetheredDevice, { isShort, progress }: Progress & { isShort: boolean }) {
	const own = await lab.flow(device.station, {
		protocol: 'tcp',
		direction: 'down',
		bitsPerSecond: OWN_BITS_PER_SECOND,
	});
	await delay(SETTLE_MS);
	const milliseconds = isShort ? MEASURE_SHORT_MS : MEASURE_MS;
	const pairs: { own: number; down: number; up: number }[] = [];
	for (let round = 0; round < PAIRS; round++) {
		const alone = await rates(lab, device, milliseconds);
		const tethered = await Promise.all(
			(['down', 'up'] as const).map((direction) =>
				lab.flow(device, { protocol: 'udp', direction, bitsPerSecond: OFFERED_BITS_PER_SECOND }),
			),
		);
		await delay(SETTLE_MS);
		const beside = await rates(lab, device, milliseconds);
		for (const flow of tethered) await flow.stop();
		progress(
			`own alone ${mega(alone.own)}, beside ${mega(beside.own)}; tethered down ${mega(beside.down)}, up ${mega(beside.up)} Mbit/s`,
		);
		const [down, up] = [beside.down, beside.up].map((rate) => rate / LIMIT_BITS_PER_SECOND) as [number, number];
		pairs.push({ own: beside.own / alone.own, down, up });
	}
	await own.stop();
	const held = [median(pairs.map(({ down }) => down)), median(pairs.map(({ up }) => up))];
	const farthest = held.toSorted((a, b) => Math.abs(b - 1) - Math.abs(a - 1))[0] as number;
	return { own_rate_ratio: median(pairs.map((pair) => pair.own)), tethered_rate_ratio: farthest };
}

/** In bits per second, by the witness. */
async function rates(lab: Lab, device: TetheredDevice, milliseconds: number) {
	const before = await counts(lab, device);
	await delay(milliseconds);
	const after = await counts(lab, device);
	const rate = (of: 'own' | 'down' | 'up') =>
		((after[of] - before[of]) * 8) / ((after.atMs[of] - before.atMs[of]) / 1000);
	return { own: rate('own'), down: rate('down'), up: rate('up') };
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >>> 1] as number;
}

function mega(bitsPerSecond: number): string {
	return (bitsPerSecond / 1e6).toFixed(2);
}

/** By the witness alone: what arrived at the station, at the device's station, and in the internet. */
async function counts(lab: Lab, device: TetheredDevice) {
	const readings = await timed(() => lab.witness.read());
	const down = await timed(() => device.downBytes());
	return {
		own: readings.value[device.station.number - 1]?.down ?? Number.NaN,
		up: readings.value[device.serverNumber - 1]?.up ?? Number.NaN,
		down: down.value,
		atMs: { own: readings.atMs, up: readings.atMs, down: down.atMs },
	};
}

/** A program that reads a counter takes its time, on a busy machine more of it: it was read somewhere in the middle. */
async function timed<Value>(read: () => Promise<Value>): Promise<{ value: Value; atMs: number }> {
	const began = performance.now();
	const value = await read();
	return { value, atMs: (began + performance.now()) / 2 };
}

/** A package of which a part may be tethered: the kernel ends it by itself. */
async function stoppedPart(lab: Lab, agent: AgentHandle, device: TetheredDevice) {
	const { station } = device;
	await agent.ask('station.detach', { mac: station.mac });
	await agent.admit('part', 'part', [station.mac]);
	const before = await counts(lab, device);
	const tethered = await lab.flow(device, {
		protocol: 'udp',
		direction: 'down',
		bitsPerSecond: OFFERED_BITS_PER_SECOND,
	});
	const own = await lab.flow(station, { protocol: 'udp', direction: 'down', bitsPerSecond: OFFERED_BITS_PER_SECOND });
	await delay(300);
	await agent.kill('SIGSTOP');
	await tethered.stalled(1000, FLOW_TIMEOUT_MS);
	const passed = await counts(lab, device);
	const ownBefore = await own.progress();
	await delay(500);
	const ownAfter = await own.progress();
	await agent.kill('SIGCONT');
	for (const flow of [own, tethered]) await flow.stop();
	const bytes = passed.down - before.down + passed.up - before.up;
	return {
		part_ratio: bytes / PART_BYTES,
		own_after_part: ownAfter.receivedBytes > ownBefore.receivedBytes ? 1 : 0,
	};
}

/** What the status says of stations that are attached, against their open sessions. */
async function rowsDifference(agent: AgentHandle) {
	await delay(2500);
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
