import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { dryOrEnded } from '../dry-or-ended.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { BUCKET_MS, bytesAboveLimit, type LimitReading } from '../speed-limit.ts';
import type { Station } from '../station.ts';
import { monotonicMs } from '../traffic/flow-request.ts';
import { HANG_MS, until } from '../until.ts';
import { pageOf } from '../web/page-of.ts';

const MEBIBYTE = 1 << 20;
const DOWN_BITS_PER_SECOND = 8_000_000;
const UP_BITS_PER_SECOND = 4_000_000;
/** A sender that offers more than is sold, for both stations together. */
const OFFERED = 0.9;
const MEASURE_MS = 8000;
const MEASURE_SHORT_MS = 5000;
const VALID_SECONDS = 5;
const EXPIRING_BYTES = 200 * MEBIBYTE;
const STEADY_BITS_PER_SECOND = 8_000_000;
const GRACE_PLAN_BYTES = 4 * MEBIBYTE;
const GRACE_BYTES = MEBIBYTE;
const GRACE_SECONDS_PLAN_BYTES = MEBIBYTE / 2;
const GRACE_SECONDS = 3;
/** Steady, so that bytes tell how long it lasted. */
const GRACE_BITS_PER_SECOND = 2_000_000;
const LATE_MS = 600;
const STALL_MS = 1500;
const TIMEOUT_MS = HANG_MS;
const REST_BYTES_MAX = 3000;
const PORTAL = 'http://10.77.0.1:2050/';

const PLANS = [
	{
		name: 'slow',
		title: '8 Mbit/s down, 4 up',
		bytes: 1024 * MEBIBYTE,
		downBitsPerSecond: DOWN_BITS_PER_SECOND,
		upBitsPerSecond: UP_BITS_PER_SECOND,
	},
	{ name: 'short', title: 'Five seconds', bytes: EXPIRING_BYTES, validForSeconds: VALID_SECONDS },
	{ name: 'lasting', title: 'As much, for ever', bytes: EXPIRING_BYTES },
	{ name: 'grace', title: '4 MiB and 1 MiB', bytes: GRACE_PLAN_BYTES, graceBytes: GRACE_BYTES },
	{ name: 'goodbye', title: '0.5 MiB and 3 s', bytes: GRACE_SECONDS_PLAN_BYTES, graceSeconds: GRACE_SECONDS },
];

/** The bytes of a grace time are included in it: they are no fault. */
const { unpaid_bytes: _, ...RULES } = COMPARISON_RULES;

const within5Percent = { atLeast: 0.95, atMost: 1.05 };
const FIGURES: FigureRules = {
	...RULES,
	overrun_bytes: { title: 'forwarded beyond what was granted, by the ledger', bound: { equals: 0 } },
	udp_down_ratio: {
		title: 'speed of a plan, UDP to two stations together ÷ what was sold',
		bound: within5Percent,
		kind: 'speed',
	},
	udp_up_ratio: { title: 'the same, from two stations', bound: within5Percent, kind: 'speed' },
	speed_above_bytes: {
		title: 'delivered − what the speed of the plan allows in that time, with a full bucket: largest of all four',
		bound: { atMost: 0 },
	},
	tcp_down_ratio: {
		title: 'the same, TCP to one station: a policer makes TCP slower',
		bound: { atLeast: 0.6, atMost: 1.1 },
		kind: 'speed',
	},
	tcp_up_ratio: { title: 'the same, TCP from one station', bound: { atLeast: 0.6, atMost: 1.1 }, kind: 'speed' },
	expiry_late_seconds: {
		title: 'a download when its package expires: last byte after the expiry',
		bound: { atLeast: -1, atMost: 1 },
		kind: 'speed',
	},
	expiry_late_bytes: { title: 'bytes after the expiry', bound: { equals: 0 } },
	expired_difference_bytes: { title: 'expired in the books − bought and not delivered', bound: { equals: 0 } },
	expiry_said: { title: 'the page that the station meets then says that it expired', bound: { equals: 1 } },
	expiry_goes_on: { title: 'the same connection goes on after the next purchase', bound: { equals: 1 } },
	grace_above_bytes: { title: 'delivered − (paid + grace)', bound: { atMost: 0 } },
	grace_unspent_bytes: { title: '(paid + grace) − delivered', bound: { atMost: REST_BYTES_MAX } },
	grace_again_bytes: {
		title: 'bytes after it, by coming again too: no more than a rest in which the last packet did not fit',
		bound: { atMost: REST_BYTES_MAX },
	},
	grace_books_difference_bytes: { title: 'used in the books − delivered', bound: { equals: 0 } },
	grace_seconds_off: {
		title: 'how much longer or shorter than sold the grace time of another plan was',
		bound: { atLeast: -1, atMost: 1 },
		kind: 'speed',
	},
};

/** What a plan says beside its amount: its speed, its expiry, what is allowed after the end. */
export const terms: Scenario = {
	name: 'terms',
	title: "a plan's speed within 5 %, an expiry in the middle of a download, grace to the byte",
	figures: FIGURES,
	async run({ isShort, progress }) {
		return await withLab({ stations: 7 }, async (lab) => {
			const agent = await lab.startAgent({ plans: PLANS });
			const sold = await measureSpeeds(
				lab,
				agent,
				isShort ? { forMs: MEASURE_SHORT_MS, windowsMax: 1 } : { forMs: MEASURE_MS, windowsMax: WINDOWS_MAX },
			);
			progress(`speed: ${JSON.stringify(sold)}`);
			const [expiry, grace, seconds] = await Promise.all([
				expire(lab, agent, lab.station(5)),
				useGrace(lab, agent, lab.station(6)),
				useGraceTime(lab, agent, lab.station(7)),
			]);
			const { unpaid_bytes: _unpaid, ...figures } = await comparisonFigures(lab, agent, progress);
			await agent.verifyLedger();
			return {
				...figures,
				overrun_bytes: [...new LedgerReader(agent.database).moved(['overrun']).values()].reduce((a, b) => a + b, 0),
				...sold,
				...expiry,
				...grace,
				grace_seconds_off: seconds,
			};
		});
	},
};

/** All at once: each account has a speed of its own, and each direction. */
async function measureSpeeds(
	lab: Lab,
	agent: AgentHandle,
	{ forMs, windowsMax }: { forMs: number; windowsMax: number },
) {
	const [first, second, third, fourth] = lab.stations as [Station, Station, Station, Station];
	const accounts: Accounts = { pair: [first, second], down: [third], up: [fourth] };
	for (const [account, stations] of Object.entries(accounts)) {
		const macs = stations.map(({ mac }) => mac);
		await agent.admit(account, 'slow', macs);
	}
	const udp = (station: Station, direction: 'up' | 'down', sold: number) =>
		lab.flow(station, { protocol: 'udp', direction, bitsPerSecond: sold * OFFERED });
	const flows = await Promise.all([
		...accounts.pair.flatMap((station) => [
			udp(station, 'down', DOWN_BITS_PER_SECOND),
			udp(station, 'up', UP_BITS_PER_SECOND),
		]),
		lab.flow(third, { protocol: 'tcp', direction: 'down' }),
		lab.flow(fourth, { protocol: 'tcp', direction: 'up' }),
	]);
	let ratios = await ratiosOf(lab, accounts, forMs);
	for (let windows = 1; windows < windowsMax && !isRight(ratios); windows++)
		ratios = await ratiosOf(lab, accounts, forMs);
	for (const flow of flows) await flow.stop();
	await delay(LATE_MS);
	return ratios;
}

type Accounts = { pair: [Station, Station]; down: [Station]; up: [Station] };

function isRight({ udp_down_ratio, udp_up_ratio }: Awaited<ReturnType<typeof ratiosOf>>): boolean {
	return Math.max(Math.abs(udp_down_ratio - 1), Math.abs(udp_up_ratio - 1)) < RIGHT_WITHIN;
}

async function ratiosOf(lab: Lab, { pair, down, up }: Accounts, forMs: number) {
	const moved = await movedIn(lab, forMs);
	const of = (stations: readonly Station[], direction: 'up' | 'down') => {
		const sold = direction === 'up' ? UP_BITS_PER_SECOND : DOWN_BITS_PER_SECOND;
		const [first, last] = moved.map(({ readings, ...times }) => ({
			...times,
			bytes: stations.reduce((sum, { number }) => sum + (readings[number - 1]?.[direction] ?? Number.NaN), 0),
		})) as [LimitReading, LimitReading];
		const milliseconds = (last.beganMs + last.endedMs - first.beganMs - first.endedMs) / 2;
		return {
			ratio: ((last.bytes - first.bytes) * 8000) / milliseconds / sold,
			above: bytesAboveLimit(first, last, sold),
		};
	};
	const all = { udp_down: of(pair, 'down'), udp_up: of(pair, 'up'), tcp_down: of(down, 'down'), tcp_up: of(up, 'up') };
	return {
		udp_down_ratio: all.udp_down.ratio,
		udp_up_ratio: all.udp_up.ratio,
		tcp_down_ratio: all.tcp_down.ratio,
		tcp_up_ratio: all.tcp_up.ratio,
		speed_above_bytes: Math.max(...Object.values(all).map(({ above }) => above)),
	};
}

/** Of a busy machine: senders that had to wait have not used up what may pass at once, and readings come late. */
const WINDOWS_MAX = 3;
/** A wrong speed is wrong in every window. */
const RIGHT_WITHIN = 0.04;

/** What the witness has counted of each station at the beginning and at the end of a while, when what may pass at once is spent. */
async function movedIn(lab: Lab, forMs: number) {
	const read = async () => {
		const beganMs = performance.now();
		const readings = await lab.witness.read();
		return { beganMs, readings, endedMs: performance.now() };
	};
	await delay(BUCKET_MS);
	const begin = await read();
	await delay(forMs);
	return [begin, await read()] as const;
}

async function expire(lab: Lab, agent: AgentHandle, station: Station) {
	await agent.ask('account.create', { account: station.name });
	const boughtAtMs = monotonicMs();
	await agent.topUp(station.name, 'short');
	await agent.ask('station.attach', { mac: station.mac, account: station.name });
	const flow = await lab.flow(station, {
		protocol: 'tcp',
		direction: 'down',
		bitsPerSecond: STEADY_BITS_PER_SECOND,
	});
	const end = await dryOrEnded(flow, agent);
	const atEnd = await lab.passed(station);
	await delay(LATE_MS);
	const delivered = await lab.passed(station);
	const page = await pageOf(station, PORTAL);
	const expired = new LedgerReader(agent.database).moved(['expired']).get(station.name) ?? Number.NaN;
	// One that lasts: the sender repeats what was lost when its timer has run off, which has backed off meanwhile.
	await agent.topUp(station.name, 'lasting');
	await until('the download to go on', TIMEOUT_MS, async () => {
		return (await flow.progress()).receivedBytes > end.receivedBytes;
	});
	const again = await flow.progress();
	await flow.stop();
	return {
		expiry_late_seconds: ((end.lastByteAtMs ?? Number.NaN) - boughtAtMs) / 1000 - VALID_SECONDS,
		expiry_late_bytes: delivered - atEnd,
		expired_difference_bytes: expired - (EXPIRING_BYTES - delivered),
		expiry_said: /has expired|expired/i.test(page) ? 1 : 0,
		expiry_goes_on: again.client?.state === 'open' && again.client.error === undefined ? 1 : 0,
	};
}

async function useGrace(lab: Lab, agent: AgentHandle, station: Station) {
	await agent.admit(station.name, 'grace', [station.mac]);
	const flow = await lab.flow(station, { protocol: 'tcp', direction: 'down', family: 'ipv6' });
	await dryOrEnded(flow, agent);
	const delivered = await lab.passed(station);
	await agent.ask('station.detach', { mac: station.mac });
	await agent.ask('station.attach', { mac: station.mac, account: station.name });
	const more = await lab.flow(station, { protocol: 'udp', direction: 'up', bitsPerSecond: 1e6 });
	await delay(LATE_MS);
	const total = await lab.passed(station);
	for (const one of [flow, more]) await one.stop();
	const used = new LedgerReader(agent.database).moved(['used']).get(station.name) ?? Number.NaN;
	return {
		grace_above_bytes: total - GRACE_PLAN_BYTES - GRACE_BYTES,
		grace_unspent_bytes: GRACE_PLAN_BYTES + GRACE_BYTES - total,
		grace_again_bytes: total - delivered,
		grace_books_difference_bytes: used - total,
	};
}

/** @returns seconds beyond (or, below 0, short of) what was sold */
async function useGraceTime(lab: Lab, agent: AgentHandle, station: Station): Promise<number> {
	await agent.admit(station.name, 'goodbye', [station.mac]);
	const flow = await lab.flow(station, {
		protocol: 'udp',
		direction: 'down',
		bitsPerSecond: GRACE_BITS_PER_SECOND,
	});
	const { client } = await flow.stalled(STALL_MS, TIMEOUT_MS);
	await flow.stop();
	const { firstByteAtMs = Number.NaN, lastByteAtMs = Number.NaN, receivedBytes = 0 } = client ?? {};
	const lasted = receivedBytes > 0 ? (lastByteAtMs - firstByteAtMs) / 1000 : Number.NaN;
	// How long its payload took at the rate that it really had; headers are in the package, and no part of the payload.
	const headers = 1 + 28 / 1400;
	const paidSeconds = (lasted * GRACE_SECONDS_PLAN_BYTES) / headers / receivedBytes;
	return lasted - paidSeconds - GRACE_SECONDS;
}
