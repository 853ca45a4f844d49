import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { dryOrEnded } from '../dry-or-ended.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import type { Station } from '../station.ts';
import { monotonicMs } from '../traffic/flow-request.ts';
import { HANG_MS } from '../until.ts';
import type { Way } from '../ways.ts';

const MEBIBYTE = 1 << 20;
const PRICE = 20_000;
const MINUTE_PRICE = 120_000;
/** Longer than every queue of the lab takes. */
const ON_ITS_WAY_MS = 300;
/** Free, the first charge, every later one: telephony's 60/30 in the long form, a scale of it in the short one. */
const CALL = { free: 5, first: 60, step: 30 };
const CALL_SHORT = { free: 2, first: 4, step: 2 };
const PACKAGE_BYTES = 4 * MEBIBYTE;
const UDP_BITS_PER_SECOND = 40_000_000;
/** Steady, so that the last byte tells the moment of the end. */
const TALK_BITS_PER_SECOND = 2_000_000;
const STALL_MS = 1500;
const STALL_TIMEOUT_MS = HANG_MS;
const LATE_MS = 500;
/** The last packet that would not fit, and those that answer it. */
const REST_BYTES_MAX = 3000;

/** A clock that ends a record before its last byte has arrived is another clock. */
const RECORD_EARLY_SECONDS = 0.05;

type RecordRow = {
	session: string;
	startWallMs: number;
	endWallMs?: number;
	endReason?: string;
	upBytes: number;
	downBytes: number;
	seconds: number;
	costMicro: number;
};

/** One wallet, what it must let through, and what that must cost: computed here, not by the product. */
type Purchase = { way: Way; plans: string[]; paidBytes: number; cost: (deliveredBytes: number) => number };

const PURCHASES: readonly Purchase[] = [
	{
		way: { protocol: 'tcp', direction: 'down', family: 'ipv4' },
		plans: ['by-byte'],
		paidBytes: 10 * MEBIBYTE,
		cost: byByte,
	},
	// One mebibyte is free, three are paid in steps of one, half a step's money is left.
	{
		way: { protocol: 'tcp', direction: 'up', family: 'ipv6' },
		plans: ['by-step'],
		paidBytes: 4 * MEBIBYTE,
		cost: (bytes) => Math.ceil(Math.max(0, bytes - MEBIBYTE) / MEBIBYTE) * PRICE,
	},
	{
		way: { protocol: 'udp', direction: 'down', family: 'ipv4' },
		plans: ['package', 'by-byte-half'],
		paidBytes: PACKAGE_BYTES + 5 * MEBIBYTE,
		cost: (bytes) => byByte(Math.max(0, bytes - PACKAGE_BYTES)),
	},
];

/** What each of them brings, in micro. */
const BOUGHT = [200_000, 70_000, 100_000];

/** Money becomes bytes and minutes in the kernel, and a usage record in the books. */
export const wallet: Scenario = {
	name: 'wallet',
	title: 'money to bytes and money to time on the real kernel: the cut where the money ends, records that explain it',
	figures: {
		...COMPARISON_RULES,
		wallets: { title: 'wallets spent by the byte', bound: { equals: PURCHASES.length } },
		above_paid_bytes: { title: 'delivered − what the money pays for, largest', bound: { atMost: 0 } },
		unspent_bytes: {
			title: 'what the money pays for − delivered, largest: less than two packets',
			bound: { atMost: REST_BYTES_MAX },
		},
		cost_difference_micro: {
			title: 'cost in the record − cost of what the witness counted, largest',
			bound: { equals: 0 },
		},
		money_difference_micro: { title: 'money bought − cost − money left, largest', bound: { equals: 0 } },
		rated_difference_bytes: {
			title: 'paid by packages and money, in the books − counted by the witness',
			bound: { equals: 0 },
		},
		late_bytes: { title: 'bytes after the money was gone', bound: { equals: 0 } },
		wrong_records: {
			title:
				'usage records of attached stations with another start, end, reason or amount of bytes, or changed by the detach',
			bound: { equals: 0 },
		},
		record_late_seconds: {
			title: 'end in the record − last byte at its receiver, largest, with the station attached',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		record_early_seconds: {
			title: 'last byte − end in the record',
			bound: { atMost: RECORD_EARLY_SECONDS },
			kind: 'speed',
		},
		record_cost_difference_micro: {
			title: 'cost in the ended record − money gone from the wallet, with the station attached',
			bound: { equals: 0 },
		},
		crash_records: { title: 'ended records of a wallet whose agent was killed at the cut', bound: { equals: 1 } },
		crash_wrong_records: {
			title: 'of these and of the one after its top-up: with another reason, amount or cost',
			bound: { equals: 0 },
		},
		stopped_above_paid_bytes: {
			title: 'delivered − paid for, with the agent stopped by SIGSTOP',
			bound: { atMost: 0 },
		},
		stopped_unspent_bytes: { title: 'paid for − delivered, the same', bound: { atMost: REST_BYTES_MAX } },
		talk_late_seconds: {
			title: 'last byte after the end of the time that the money pays for',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		talk_early_seconds: { title: 'last byte before it', bound: { atMost: 1 }, kind: 'speed' },
		talk_late_bytes: { title: 'bytes after it, in old and new flows', bound: { equals: 0 } },
		talk_record_late_seconds: {
			title: 'end in the record − last byte of the call that the money ended, with its station attached',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		talk_cost_difference_micro: {
			title: 'cost of three calls (to the end of the money, in a second step, in the free time) − what it must be',
			bound: { equals: 0 },
		},
		talk_seconds_difference: {
			title: 'recorded seconds beyond the time that passed outside',
			bound: { atMost: 0 },
			anywhere: 'a slow machine makes the time outside longer, never shorter',
		},
		talk_seconds_missing: {
			title: 'whole seconds that passed outside for sure and are not recorded',
			bound: { atMost: 0 },
			anywhere: 'it is taken from the answer to the order that begins a call to the order that ends it',
		},
		included_difference_bytes: {
			title: 'bytes recorded as included in paid time − counted by the witness',
			bound: { equals: 0 },
		},
	},
	async run(options) {
		const bytes = await withLab({ stations: PURCHASES.length }, async (lab) => await spendByBytes(lab, options));
		const { delivered: stopped, ...crash } = await withLab({ stations: 1 }, spendUnwatched);
		options.progress(`agent stopped: ${stopped} of ${5 * MEBIBYTE}`);
		const talks = await withLab({ stations: 3 }, async (lab) => await talk(lab, options));
		return {
			...bytes,
			...crash,
			stopped_above_paid_bytes: stopped - 5 * MEBIBYTE,
			stopped_unspent_bytes: 5 * MEBIBYTE - stopped,
			...talks,
		};
	},
};

async function spendByBytes(lab: Lab, { progress }: ScenarioOptions) {
	const agent = await lab.startAgent({ ...products(CALL_SHORT) });
	const began = Date.now();
	const spent = await Promise.all(
		PURCHASES.map(async ({ way, plans }, index) => {
			const station = lab.station(index + 1);
			await admit(agent, station, plans);
			const bitsPerSecond = way.protocol === 'udp' ? UDP_BITS_PER_SECOND : undefined;
			const flow = await lab.flow(station, { ...way, bitsPerSecond });
			await dryOrEnded(flow, agent);
			// What passed the meter before the end is still on its way.
			await delay(ON_ITS_WAY_MS);
			const atCut = await lab.passed(station);
			await delay(LATE_MS);
			const lastByteAtMs = wallMsOf((await flow.progress()).lastByteAtMs);
			await flow.stop();
			return { delivered: await lab.passed(station), atCut, lastByteAtMs };
		}),
	);
	const attached = await Promise.all(PURCHASES.map((_, index) => recordsOf(agent, lab.station(index + 1))));
	const gone = await Promise.all(
		PURCHASES.map(async (_, index) => (BOUGHT[index] ?? 0) - (await moneyLeft(agent, lab.station(index + 1)))),
	);
	const lates = attached.map(([record], index) => lateSeconds(record, spent[index]?.lastByteAtMs));
	progress(`records ended ${lates.map((seconds) => seconds.toFixed(3)).join(', ')} s after the last byte`);
	const figures = await comparisonFigures(lab, agent, progress);
	const ended = Date.now();
	const records = await Promise.all(PURCHASES.map((_, index) => recordsOf(agent, lab.station(index + 1))));
	const left = await Promise.all(PURCHASES.map((_, index) => moneyLeft(agent, lab.station(index + 1))));
	const costs = PURCHASES.map(({ cost }, index) => cost(spent[index]?.delivered ?? 0));
	for (const [index, { plans, paidBytes }] of PURCHASES.entries()) {
		const [record] = records[index] ?? [];
		const note = `${record?.costMicro} micro, ${left[index]} left`;
		progress(`${plans.join(' and ')}: ${spent[index]?.delivered} of ${paidBytes} bytes, ${note}`);
	}
	const ledger = new LedgerReader(agent.database);
	const paid = totalOf(ledger.moved(['used', 'rated']));
	const delivered = spent.reduce((sum, one) => sum + one.delivered, 0);
	await agent.verifyLedger();
	return {
		...figures,
		wallets: PURCHASES.length,
		above_paid_bytes: largest(PURCHASES, ({ paidBytes }, index) => (spent[index]?.delivered ?? 0) - paidBytes),
		unspent_bytes: largest(PURCHASES, ({ paidBytes }, index) => paidBytes - (spent[index]?.delivered ?? 0)),
		cost_difference_micro: largest(records, ([record], index) =>
			Math.abs((record?.costMicro ?? Number.NaN) - (costs[index] ?? 0)),
		),
		money_difference_micro: largest(left, (micro, index) =>
			Math.abs((BOUGHT[index] ?? 0) - (costs[index] ?? 0) - micro),
		),
		rated_difference_bytes: paid - delivered,
		late_bytes: spent.reduce((sum, one) => sum + one.delivered - one.atCut, 0),
		wrong_records: records.filter((rows, index) => {
			const [row] = rows;
			const isWhole = row !== undefined && row.upBytes + row.downBytes === spent[index]?.delivered;
			const isTimed = row !== undefined && row.startWallMs >= began && (row.endWallMs ?? 0) <= ended;
			const isSame = JSON.stringify(rows) === JSON.stringify(attached[index]);
			return rows.length !== 1 || !isWhole || !isTimed || !isSame || row.endReason !== 'funds';
		}).length,
		record_late_seconds: Math.max(...lates),
		record_early_seconds: -Math.min(...lates),
		record_cost_difference_micro: largest(attached, ([record], index) =>
			Math.abs((record?.costMicro ?? Number.NaN) - (gone[index] ?? 0)),
		),
	};
}

/** All that the money pays for is granted at once; then nobody is awake but the kernel, and the agent dies before it can write. */
async function spendUnwatched(lab: Lab) {
	const grant = { bytesMin: 10 * MEBIBYTE, bytesMax: 10 * MEBIBYTE, seconds: 20 };
	const agent = await lab.startAgent({ ...products(CALL_SHORT), grant });
	const station = lab.station(1);
	await admit(agent, station, ['by-byte-half']);
	await agent.kill('SIGSTOP');
	const flow = await lab.flow(station, { protocol: 'udp', direction: 'down', bitsPerSecond: UDP_BITS_PER_SECOND });
	await flow.stalled(STALL_MS, STALL_TIMEOUT_MS);
	const delivered = await lab.passed(station);
	await agent.kill('SIGKILL');
	await agent.start();
	// Each of the kernel's two parts may have left a rest, together more than one packet.
	await dryOrEnded(flow, agent);
	await flow.stop();
	const atEnd = await lab.passed(station);
	const records = await recordsOf(agent, station);
	await agent.topUp(station.name, 'by-byte-half');
	const more = await lab.flow(station, { protocol: 'udp', direction: 'down', bytes: MEBIBYTE });
	await more.ended(STALL_TIMEOUT_MS);
	const later = (await lab.passed(station)) - atEnd;
	await agent.ask('station.detach', { mac: station.mac });
	const [second, first, ...others] = await recordsOf(agent, station);
	// The station stayed attached: its records are rated as one.
	const isRight = (
		row: RecordRow | undefined,
		{ before, bytes, reason }: { before: number; bytes: number; reason: string },
	) =>
		row !== undefined &&
		row.upBytes + row.downBytes === bytes &&
		row.costMicro === byByte(before + bytes) - byByte(before) &&
		row.endReason === reason;
	const right = [
		isRight(first, { before: 0, bytes: atEnd, reason: 'funds' }),
		isRight(second, { before: atEnd, bytes: later, reason: 'detached' }),
	];
	await agent.verifyLedger();
	return {
		delivered,
		crash_records: records.filter(({ endWallMs }) => endWallMs !== undefined).length,
		crash_wrong_records: others.length + right.filter((is) => !is).length,
	};
}

/** CLOCK_MONOTONIC as the wall clock shows it. */
function wallMsOf(atMs: number | undefined): number {
	return (atMs ?? Number.NaN) - monotonicMs() + Date.now();
}

function lateSeconds(record: RecordRow | undefined, lastByteAtMs = Number.NaN): number {
	return ((record?.endWallMs ?? Number.NaN) - lastByteAtMs) / 1000;
}

/** Three calls: one until the money is gone, one that ends within its second step, one within the free time. */
async function talk(lab: Lab, { isShort, progress }: ScenarioOptions) {
	const { free, first, step } = isShort ? CALL_SHORT : CALL;
	const agent = await lab.startAgent(products({ free, first, step }));
	const paidSeconds = free + first + step;
	const begins: { earliestMs: number; latestMs: number }[] = [];
	for (const [index, station] of lab.stations.entries()) {
		const earliestMs = monotonicMs();
		await admit(agent, station, [index === 0 ? 'talk' : 'talk-longer']);
		begins.push({ earliestMs, latestMs: monotonicMs() });
	}
	const flow = await lab.flow(lab.station(1), {
		protocol: 'udp',
		direction: 'down',
		bitsPerSecond: TALK_BITS_PER_SECOND,
	});
	for (const number of [2, 3])
		await lab.flow(lab.station(number), { protocol: 'udp', direction: 'up', bytes: 100_000 });
	const outside = [paidSeconds, 0, 0];
	const inside = [paidSeconds - 1, 0, 0];
	const hangUp = async (number: number, afterSeconds: number) => {
		const { earliestMs = 0, latestMs = 0 } = begins[number - 1] ?? {};
		await delay(latestMs + afterSeconds * 1000 - monotonicMs());
		inside[number - 1] = Math.floor((monotonicMs() - latestMs) / 1000);
		await agent.ask('station.detach', { mac: lab.station(number).mac });
		outside[number - 1] = Math.ceil((monotonicMs() - earliestMs) / 1000);
	};
	const [end] = await Promise.all([
		flow.stalled(STALL_MS, STALL_TIMEOUT_MS),
		hangUp(3, free - 1),
		hangUp(2, free + first + 1.5),
	]);
	const lastByteAtMs = end.lastByteAtMs ?? Number.NaN;
	const late = (lastByteAtMs - (begins[0]?.latestMs ?? 0)) / 1000 - paidSeconds;
	const early = paidSeconds - (lastByteAtMs - (begins[0]?.earliestMs ?? 0)) / 1000;
	progress(`the call of ${paidSeconds} s ended ${late.toFixed(3)} s after the money`);
	const [record] = await recordsOf(agent, lab.station(1));
	const recordLate = lateSeconds(record, wallMsOf(end.lastByteAtMs));
	const atEnd = await lab.passed(lab.station(1));
	const again = await lab.flow(lab.station(1), { protocol: 'udp', direction: 'up', bitsPerSecond: 1e6 });
	await delay(LATE_MS);
	const lateBytes = (await lab.passed(lab.station(1))) - atEnd;
	for (const one of [flow, again]) await one.stop();
	await agent.ask('station.detach', { mac: lab.station(1).mac });
	const records = (await Promise.all(lab.stations.map((station) => recordsOf(agent, station)))).map(([row]) => row);
	for (const row of records) progress(`call: ${row?.seconds} s, ${row?.costMicro} micro, ended: ${row?.endReason}`);
	const perSecond = MINUTE_PRICE / 60;
	const costOf = (seconds: number) => {
		const later = Math.ceil(Math.max(0, seconds - free - first) / step) * step;
		return seconds <= free ? 0 : (first + later) * perSecond;
	};
	// The first is ended by the money. When the others are ended is said in time; on a busy machine it is done later, and then costs more.
	const mustCost = [(first + step) * perSecond, ...records.slice(1).map((row) => costOf(row?.seconds ?? Number.NaN))];
	const included = totalOf(new LedgerReader(agent.database).moved(['included']));
	const counted = (await lab.witness.read()).reduce((sum, { up, down }) => sum + up + down, 0);
	await agent.verifyLedger();
	return {
		talk_late_seconds: late,
		talk_early_seconds: early,
		talk_late_bytes: lateBytes,
		talk_record_late_seconds: record?.endReason === 'funds' ? recordLate : Number.NaN,
		talk_cost_difference_micro: largest(records, (row, index) =>
			Math.abs((row?.costMicro ?? Number.NaN) - (mustCost[index] ?? 0)),
		),
		talk_seconds_missing: largest(records, (row, index) => (inside[index] ?? 0) - (row?.seconds ?? Number.NaN)),
		talk_seconds_difference: largest(records, (row, index) => (row?.seconds ?? Number.NaN) - (outside[index] ?? 0)),
		included_difference_bytes: included - counted,
	};
}

async function admit(agent: AgentHandle, { name, mac }: Station, plans: string[]): Promise<void> {
	await agent.ask('account.create', { account: name });
	for (const plan of plans) await agent.topUp(name, plan);
	await agent.ask('station.attach', { mac, account: name });
}

async function recordsOf(agent: AgentHandle, { name }: Station): Promise<RecordRow[]> {
	return await agent.ask<RecordRow[]>('record.list', { account: name, limit: 10 });
}

async function moneyLeft(agent: AgentHandle, { name }: Station): Promise<number> {
	const { balance } = await agent.account(name);
	return balance.micro.available + balance.micro.reserved;
}

function products(call: { free: number; first: number; step: number }) {
	const callPrice = ((call.first + call.step) * MINUTE_PRICE) / 60;
	return {
		currency: 'EUR',
		tariffs: [
			{ name: 'data', microPerMebibyte: PRICE },
			{ name: 'steps', microPerMebibyte: PRICE, free: MEBIBYTE, first: MEBIBYTE, step: MEBIBYTE },
			{ name: 'call', microPerMinute: MINUTE_PRICE, ...call },
		],
		plans: [
			{ name: 'package', title: '4 MiB', bytes: PACKAGE_BYTES },
			{ name: 'by-byte', title: '0.20', micro: 200_000, tariff: 'data' },
			{ name: 'by-byte-half', title: '0.10', micro: 100_000, tariff: 'data' },
			{ name: 'by-step', title: '0.07', micro: 70_000, tariff: 'steps' },
			{ name: 'talk', title: 'one call', micro: callPrice, tariff: 'call' },
			{ name: 'talk-longer', title: 'three calls', micro: 3 * callPrice, tariff: 'call' },
		],
	};
}

/** Rounded up to a whole micro-unit once, whatever the number of charges: in whole numbers, as money is. */
function byByte(bytes: number): number {
	return Number((BigInt(bytes) * BigInt(PRICE) + BigInt(MEBIBYTE) - 1n) / BigInt(MEBIBYTE));
}

function largest<Value>(values: readonly Value[], figure: (value: Value, index: number) => number): number {
	return Math.max(...values.map(figure));
}
