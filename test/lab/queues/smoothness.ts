import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { median } from '../packet-cost.ts';
import type { FigureRules } from '../scenario.ts';
import type { Station } from '../station.ts';
import { monotonicMs } from '../traffic/flow-request.ts';
import { HANG_MS, until } from '../until.ts';
import { type Latency, pingLatency } from './latency.ts';
import { RouterQueues } from './router-queues.ts';
import { tcpSegments } from './tcp-segments.ts';

const ROUNDS = 6;
const ROUNDS_SHORT = 2;
const PINGS = 150;
/** A small page, while something large is fetched. */
const FETCH_BYTES = 20_000;
const FETCHES = 4;
const SETTLE_MS = 2000;
const TIMEOUT_MS = HANG_MS;
const QUOTA_RUSH_BYTES = 6 << 20;
const RUSH_BITS_PER_SECOND = 40_000_000;
const DEVICES = ['br-lan', 'wan'] as const;

type Round = {
	readonly slowed: Latency;
	readonly neighbour: Latency;
	readonly fetchMs: number;
	readonly retransmitPercent: number;
};

const figures: FigureRules = {
	retransmit_ratio: {
		title: 'segments that a server had to send again, queue / limit alone: what users of policers complain of',
		bound: { atMost: 0.05 },
		kind: 'speed',
	},
	queue_retransmit_percent: { title: 'of these segments, with the queue', bound: { atMost: 1 }, kind: 'speed' },
	limit_retransmit_percent: { title: 'with the limit alone, a plain policer', bound: { atLeast: 15 }, kind: 'speed' },
	slowed_queue_ms: {
		title:
			'ping of the slowed station beside its download, median, with the queue (first in, first out on this kernel)',
		bound: { atMost: 80 },
		kind: 'speed',
	},
	slowed_limit_ms: {
		title: 'the same with the limit alone, which has no queue to wait in',
		bound: { atMost: 1 },
		kind: 'speed',
	},
	slowed_added_ms: {
		title: 'what the queue adds to a ping, the price of no loss: the first − the second, median of the pairs',
		bound: { atMost: 80 },
		kind: 'speed',
	},
	slowed_queue_lost_percent: { title: 'lost pings with the queue', bound: { atMost: 1 }, kind: 'speed' },
	slowed_limit_lost_percent: { title: 'lost pings with the limit alone', bound: { atMost: 5 }, kind: 'speed' },
	queue_fetch_ms: {
		title: 'a page of 20 kB beside the download, median, with the queue',
		bound: { atMost: 1200 },
		kind: 'speed',
	},
	limit_fetch_ms: {
		title:
			'the same with the limit alone: 1 to 4 ms, or 0.2 s when the repeat of a lost segment waits for its time-out',
		bound: { atLeast: 0.5, atMost: 1200 },
		kind: 'speed',
	},
	neighbour_latency_ratio: {
		title: "a neighbour's ping meanwhile, median, queue / limit alone",
		bound: { atMost: 1.5 },
		kind: 'speed',
	},
	neighbour_queue_ms: { title: "a neighbour's ping with the queue, median", bound: { atMost: 0.5 }, kind: 'speed' },
	foreign_left_alone: {
		title: "somebody else's queueing discipline stood as long as they wanted",
		bound: { equals: 1 },
	},
};

type Options = {
	readonly isShort: boolean;
	readonly progress: (line: string) => void;
	readonly plans: { readonly slowed: string; readonly neighbour: string };
};

/**
 * The same download of a slowed station with our queues, and with the limits alone, which is what remains where somebody else
 * queues: in pairs, one after the other, which comes first by turns.
 */
async function measure(
	lab: Lab,
	agent: AgentHandle,
	{ isShort, progress, plans }: Options,
): Promise<Record<string, number>> {
	const [slowed, neighbour] = lab.stations as [Station, Station];
	await agent.admit(slowed.name, plans.slowed, [slowed.mac]);
	await agent.admit(neighbour.name, plans.neighbour, [neighbour.mac]);
	const rush = { protocol: 'udp', direction: 'down', bitsPerSecond: RUSH_BITS_PER_SECOND } as const;
	await (await lab.flow(slowed, { ...rush, bytes: QUOTA_RUSH_BYTES })).ended(TIMEOUT_MS);
	await agent.reaches(slowed.mac, 'throttled');
	const queues = new RouterQueues(lab.router);
	const rounds: { queue: Round; limit: Round }[] = [];
	let leftAlone = true;
	for (let index = 0; index < (isShort ? ROUNDS_SHORT : ROUNDS); index++) {
		const pair: Partial<{ queue: Round; limit: Round }> = {};
		for (const mode of index % 2 === 0 ? (['queue', 'limit'] as const) : (['limit', 'queue'] as const)) {
			await setMode(queues, mode);
			pair[mode] = await measureRound(lab, slowed, neighbour);
			if (mode === 'limit') for (const device of DEVICES) leftAlone &&= (await queues.root(device)) === 'pfifo 1:';
			progress(`${mode}: ${JSON.stringify(pair[mode])}`);
		}
		rounds.push(pair as { queue: Round; limit: Round });
	}
	await setMode(queues, 'queue');
	const of = (mode: 'queue' | 'limit', value: (round: Round) => number) =>
		median(rounds.map((round) => value(round[mode])));
	const ratio = (value: (round: Round) => number) =>
		median(rounds.map(({ queue, limit }) => value(queue) / Math.max(0.001, value(limit))));
	return {
		retransmit_ratio: ratio((round) => round.retransmitPercent),
		queue_retransmit_percent: of('queue', (round) => round.retransmitPercent),
		limit_retransmit_percent: of('limit', (round) => round.retransmitPercent),
		slowed_added_ms: median(rounds.map(({ queue, limit }) => queue.slowed.medianMs - limit.slowed.medianMs)),
		slowed_queue_ms: of('queue', (round) => round.slowed.medianMs),
		slowed_limit_ms: of('limit', (round) => round.slowed.medianMs),
		slowed_queue_lost_percent: of('queue', (round) => round.slowed.lostPercent),
		slowed_limit_lost_percent: of('limit', (round) => round.slowed.lostPercent),
		queue_fetch_ms: of('queue', (round) => round.fetchMs),
		limit_fetch_ms: of('limit', (round) => round.fetchMs),
		neighbour_latency_ratio: ratio((round) => round.neighbour.medianMs),
		neighbour_queue_ms: of('queue', (round) => round.neighbour.medianMs),
		foreign_left_alone: leftAlone ? 1 : 0,
	};
}

async function setMode(queues: RouterQueues, mode: 'queue' | 'limit'): Promise<void> {
	for (const device of DEVICES) {
		if ((await queues.isOurs(device)) === (mode === 'queue')) continue;
		if (mode === 'limit') await queues.occupy(device);
		else await queues.vacate(device);
	}
	if (mode === 'limit') return;
	await until('the queues to be back', TIMEOUT_MS, async () => {
		const classes = await Promise.all(DEVICES.map((device) => queues.classes(device)));
		return classes.every((rows) => rows.length > 0);
	});
}

async function measureRound(lab: Lab, slowed: Station, neighbour: Station): Promise<Round> {
	const before = await tcpSegments(lab.internet);
	const load = await lab.flow(slowed, { protocol: 'tcp', direction: 'down' });
	await delay(SETTLE_MS);
	const [own, others] = await Promise.all([
		pingLatency(slowed.namespace, slowed.server('ipv4'), PINGS),
		pingLatency(neighbour.namespace, neighbour.server('ipv4'), PINGS),
	]);
	const fetches: number[] = [];
	for (let count = 0; count < FETCHES; count++) {
		const began = monotonicMs();
		const fetch = await lab.flow(slowed, { protocol: 'tcp', direction: 'down', bytes: FETCH_BYTES });
		const { lastByteAtMs = Number.NaN } = await fetch.ended(TIMEOUT_MS);
		fetches.push(lastByteAtMs - began);
	}
	await load.stop();
	const after = await tcpSegments(lab.internet);
	await delay(SETTLE_MS / 2);
	const retransmitPercent = ((after.again - before.again) / (after.sent - before.sent)) * 100;
	return { slowed: own, neighbour: others, fetchMs: median(fetches), retransmitPercent };
}

export const smoothness = { figures, measure };
