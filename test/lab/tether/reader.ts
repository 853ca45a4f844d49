import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { readEthernetFrame } from '../../../agent/sensor/ethernet-frame.ts';
import type { CapturedFrame } from '../../../agent/sensor/frame-reader.ts';
import { FrameSource } from '../../../agent/sensor/frame-source.ts';
import { FrameTurns } from '../../../agent/sensor/frame-turns.ts';
import { loadPcap } from '../../../agent/sensor/pcap-binding.ts';
import { Sensor } from '../../../agent/sensor/sensor.ts';
import {
	type EvidenceLine,
	FlowClassifier,
	type Observation,
	type Standing,
} from '../../../agent/tether/flow-classifier.ts';
import { splitSignatures } from './signature-split.ts';

/**
 * The agent's sensor and classifier on the router's bridge: `reader DEVICE`. It classifies the first packet of each flow as the
 * queue would hand it over. A line for each: `{ mac, flow, as }`. Orders: `forget` a station, tell its `standing`, or `measure`.
 */
export type ReaderOrder = { kind: 'forget' | 'standing'; mac: string } | { kind: 'measure'; rounds: number };
export type Verdict = { mac: string; flow: string; as: string };
export type StandingAnswer = Standing & { of: string; evidence: readonly EvidenceLine[] };
export type Measured = { cpuMicroseconds: number; floorMicroseconds: number; packets: number };

/** Between two first packets, as the classifier sees time: people do not open a connection each millisecond. */
const SPACING_MS = 500;
/** First packets; the sensor itself sees to DHCP. */
const FLOWS = 'udp and not port 67 and not port 68 or (tcp[13] & 0x17 = 2) or (ip6[6] = 6 and ip6[53] & 0x17 = 2)';
const KEPT_FOR_MEASURING = 4096;

const real = systemClock();
let nowMs = real.bootMs() as number;
const clock = { ...real, bootMs: () => nowMs as BootMs };
const signatures = splitSignatures().loaded;
const classifier = new FlowClassifier({ clock, signatures, stationsMax: 256 });
const { open } = loadPcap();
const turns = new FrameTurns(clock);
const device = process.argv[2] as string;
const kept: { mac: MacAddress; packet: Buffer }[] = [];
const seen = new Map<string, Set<string>>();

const sensor = new Sensor({
	devices: [device],
	open,
	turns,
	clock,
	log: silentLog,
	classifier: { observe: hearDhcp },
	hears: 'neighbours',
	leaseholder: () => undefined,
	onSpoof: () => undefined,
	onProblem: (problem) => problem !== undefined && process.stderr.write(`${problem}\n`),
});

function hearDhcp(mac: MacAddress, observation: Observation): void {
	if (observation.kind !== 'dhcp') return;
	classifier.observe(mac, observation);
	tell({ mac, flow: 'dhcp', as: '' });
}

function tell(verdict: Verdict): void {
	process.stdout.write(`${JSON.stringify(verdict)}\n`);
}

function classify({ bytes }: CapturedFrame): void {
	const frame = readEthernetFrame(bytes);
	if (frame === undefined || frame.source.startsWith('02:00:5e:10:ff')) return;
	const { source: mac, payload } = frame;
	const flow = flowOf(payload);
	const flows = seen.get(mac) ?? new Set();
	seen.set(mac, flows);
	// A SYN that is sent once more is no new flow; the kernel's queue knows.
	if (flow === undefined || flows.has(flow)) return;
	flows.add(flow);
	nowMs += SPACING_MS;
	const as = classifier.classify(mac, payload);
	if (kept.length < KEPT_FOR_MEASURING) kept.push({ mac, packet: Buffer.from(payload) });
	tell({ mac, flow, as });
}

/** Each flow of a case has a port of its own: that of its destination, or for names that of its source. Multicast is none. */
function flowOf(packet: Buffer): string | undefined {
	const isIpv4 = (packet[0] as number) >> 4 === 4;
	if (isIpv4 ? (packet[16] as number) >= 224 : packet[24] === 0xff) return undefined;
	const start = isIpv4 ? ((packet[0] as number) & 0xf) * 4 : 40;
	const port = packet.readUInt16BE(start + 2);
	return port === 53 ? `name-${packet.readUInt16BE(start)}` : `${port}`;
}

/** In turn with it, what a digest of the same packets costs here: the floor that says how fast this processor is. */
function measure(rounds: number): Measured {
	let cpuMicroseconds = 0;
	let floorMicroseconds = 0;
	for (let round = 0; round < rounds; round++) {
		cpuMicroseconds += used(() => {
			for (const { mac, packet } of kept) classifier.classify(mac, packet);
		});
		floorMicroseconds += used(() => {
			for (const { packet } of kept) createHash('sha256').update(packet).digest();
		});
	}
	return { cpuMicroseconds, floorMicroseconds, packets: kept.length * rounds };
}

function used(work: () => void): number {
	const before = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(before);
	return user + system;
}

function standingOf(mac: MacAddress): StandingAnswer {
	return { of: mac, ...classifier.standing(mac), evidence: classifier.evidence(mac) };
}

sensor.start();
const flows = new FrameSource({
	open,
	log: silentLog,
	device,
	filter: FLOWS,
	snapBytes: 640,
	bufferBytes: 4 * 1024 * 1024,
	framesPerTurnMax: 100_000,
	isPromiscuous: false,
	isInboundOnly: true,
	onFrame: classify,
});
turns.add(flows);
process.stdout.write('\n');
for await (const line of createInterface({ input: process.stdin })) {
	const order = JSON.parse(line) as ReaderOrder;
	if (order.kind === 'measure') process.stdout.write(`${JSON.stringify(measure(order.rounds))}\n`);
	else if (order.kind === 'standing') process.stdout.write(`${JSON.stringify(standingOf(order.mac as MacAddress))}\n`);
	else {
		classifier.forget(order.mac as MacAddress);
		seen.delete(order.mac);
		tell({ mac: order.mac, flow: 'forgotten', as: '' });
	}
}
process.exit();
