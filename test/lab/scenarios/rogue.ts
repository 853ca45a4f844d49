import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { silentLog } from '../../../carrier/log.ts';
import { SLICE_POLICY } from '../../../carrier/slice/slice-policy.ts';
import { verify } from '../../../carrier/verify.ts';
import { type PostgresServer, startPostgres } from '../../carrier/postgres-server.ts';
import { SimulatedAccessPoint } from '../fleet/simulated-access-point.ts';
import { runProgram } from '../namespace/program.ts';
import { PlatformProcess } from '../platform-process.ts';
import { Random } from '../random.ts';
import { FloodProcess } from '../rogue/flood-process.ts';
import { type GuardedBroker, startGuardedBroker } from '../rogue/guarded-broker.ts';
import { LIES, type Lie, type Scene } from '../rogue/lies.ts';
import { type Give, type Json, ProtocolClient, recordOf } from '../rogue/protocol-client.ts';
import { randomRecord } from '../rogue/random-records.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
const FUNDS: Readonly<Record<string, number>> = {
	alice: 1_048_576_000,
	bob: 1_048_576_000,
	carol: 1_048_576_000,
	erin: 100 * 1024 * MEBIBYTE,
};
/** Never guests of the rogue access point. */
const VICTIMS = ['alice', 'bob', 'carol'] as const;
const GUEST = 'erin';
const [HONEST, REAL, ROGUE] = ['honest', 'real', 'rogue'] as const;
const STEP_BYTES = 1000;
const ROUNDS_LONG = 10;
const LATER_PATIENCE_MS = 5000;
/** Random records of the long form, and how many a batch has. */
const RANDOM_RECORDS = 20_000;
const RANDOM_BATCH = 250;
/** Long enough for a machine with much else to do. */
const ANSWER_MS = HANG_MS;
const SETTLE_TIMEOUT_MS = HANG_MS;
/** What it floods the broker with, and over how many connections. */
const FLOODS = ['requests', 'names', 'requests-qos0', 'garbage', 'large'] as const;
const FLOOD_CONNECTIONS = 3;
const FLOOD_HEAD_START_MS = 2000;
/** Batches of the honest one: in all of the short form, during each flood of the long one. */
const FLOOD_BATCHES = 27;
/** As agents wait before they send again (RESEND_FIRST_MS). */
const RESEND_MS = 15_000;
/** A grant that was too long on its way would not be told. */
const SETTINGS = { slices: { deliveryMs: 3_600_000 } };
const HELD_MAX = 3 * SLICE_POLICY.amountMax;

type Listed = { ap: string; reason: string; account: string; records: number };
type World = {
	platform: PlatformProcess;
	broker: GuardedBroker;
	database: string;
	honest: ProtocolClient;
	rogue: ProtocolClient;
	slices: Readonly<Record<'alice' | 'bob', Give>>;
};
/** What the honest access point has said, and what the shop has sold meanwhile. */
type Sums = {
	steps: number;
	unacknowledged: number;
	unanswered: number;
	sold: number;
	failures: string[];
	told: Set<string>;
};

/** A rogue access point with a valid key of its own lies in every field; an honest one goes on beside it. */
export const rogue: Scenario = {
	name: 'rogue',
	title:
		'a rogue access point (true protocol, valid key of its own) lies in every field; accounts that were never its guests, and honest access points, notice nothing',
	figures: {
		lies: { title: 'kinds of lies that were told', bound: { atLeast: LIES.length } },
		lies_not_listed: { title: 'of those that belong there: not on the list for a person', bound: { equals: 0 } },
		stolen_bytes: {
			title: 'of accounts that were never its guests: bought − left − what the honest access point used',
			bound: { equals: 0 },
		},
		foreign_slices_bytes: { title: 'slices of these accounts that the rogue one was given', bound: { equals: 0 } },
		foreign_usage_bytes: { title: 'usage of these accounts that it says, and that was stored', bound: { equals: 0 } },
		guest_held_bytes: {
			title: 'what it holds of its own guest at most, after 128 requests',
			bound: { atLeast: 1, atMost: HELD_MAX },
		},
		honest_batches: { title: 'batches of the honest access point meanwhile', bound: { atLeast: LIES.length } },
		honest_unacknowledged: { title: 'of these, not acknowledged', bound: { equals: 0 } },
		honest_unanswered: { title: 'its requests for slices that were not granted', bound: { equals: 0 } },
		honest_difference_bytes: { title: 'its usage at the platform − what it reported', bound: { equals: 0 } },
		real_difference_bytes: {
			title: 'the same of one with the real ledger and line; and what it waits for',
			bound: { equals: 0 },
		},
		rogue_unacknowledged: { title: 'batches of the rogue one that stay unacknowledged', bound: { equals: 0 } },
		good_records_missing: { title: 'good records in its bad batches that were not stored', bound: { equals: 0 } },
		api_failures: { title: 'balances, top-ups and lists that failed meanwhile', bound: { equals: 0 } },
		flood_messages: {
			title: 'messages that it sent as fast as the broker took them, over several connections',
			bound: { atLeast: 1000 },
		},
		flood_honest_batches: { title: 'batches of the honest one meanwhile', bound: { atLeast: FLOOD_BATCHES } },
		flood_unacknowledged: { title: 'of these, not acknowledged', bound: { equals: 0 } },
		flood_resent: { title: 'of these, sent again, as an access point does after 15 s', kind: 'speed' },
		flood_slowest_ms: {
			title: 'from a batch to its acknowledgement, the slowest',
			bound: { atMost: 30_000 },
			kind: 'speed',
		},
		flood_database_bytes: {
			title: 'by which the database grew meanwhile: what an access point may send at once, and its rate',
			bound: { atMost: 128 * MEBIBYTE },
		},
		false_notices: { title: "notices of a victim's credit that it caused", bound: { equals: 0 } },
		platform_ends: { title: 'times that the platform ended', bound: { equals: 0 } },
		broken_invariants: { title: 'of octroi-carrier verify', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const directory = mkdtempSync(join(tmpdir(), 'octroi-rogue-'));
		const server = await startPostgres();
		const broker = await startGuardedBroker([HONEST, REAL, ROGUE]);
		const places = { database: server.url('postgres'), broker: broker.platformUrl };
		const platform = new PlatformProcess({ ...places, settings: SETTINGS });
		const stops: (() => Promise<unknown>)[] = [];
		try {
			await platform.prepare();
			await platform.start();
			await prepare(platform);
			const world = await open({ platform, broker, server }, stops);
			const [kid = '', x = ''] = platform.key.split(':');
			const real = new SimulatedAccessPoint({ name: REAL, directory, url: broker.urlOf(REAL), key: { kid, x } });
			await real.start();
			stops.push(async () => await real.stop());
			progress('the platform runs; two honest access points and a rogue one are connected');
			const notices = await listen(broker, stops);
			const sums: Sums = { steps: 0, unacknowledged: 0, unanswered: 0, sold: 0, failures: [], told: new Set() };
			for (let round = 1; round <= (isShort ? 1 : ROUNDS_LONG); round++) {
				for (const lie of LIES) await tell(lie, round, world, sums, progress);
				real.use(STEP_BYTES, STEP_BYTES);
			}
			if (!isShort) await random(world, sums, progress);
			const flooded = await flood(world, { isShort, progress });
			const figures = await figuresOf(world, sums, progress, flooded.batches);
			await until('the real one to have reported', SETTLE_TIMEOUT_MS, () => real.waiting === 0);
			const stored = await sumOf(world.database, `SELECT sum(amount) FROM usage_record WHERE ap = '${REAL}'`);
			return {
				...figures,
				...flooded.figures,
				lies: sums.told.size,
				real_difference_bytes: stored - real.usedBytes,
				false_notices: notices.count,
				platform_ends: platform.isRunning ? 0 : 1,
				broken_invariants: await brokenIn(world.database),
			};
		} finally {
			for (const stop of stops.reverse()) await stop();
			await platform.kill();
			await broker.stop();
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		}
	},
};

async function prepare(platform: PlatformProcess): Promise<void> {
	for (const ap of [HONEST, REAL, ROGUE]) await platform.ask('POST', '/v1/access-points', { ap, title: ap });
	for (const [account, amount] of Object.entries(FUNDS)) {
		await platform.ask('POST', '/v1/accounts', { account, title: account });
		await sell(platform, account, amount, 'first');
	}
	for (const [account, ap] of [
		['alice', HONEST],
		['bob', HONEST],
		[GUEST, ROGUE],
	])
		await platform.ask('PUT', `/v1/accounts/${account}/access-points/${ap}`);
	const notices = { target: 'mqtt', address: 'apps/notices/bob', secret: 'sixteen characters' };
	const kinds = ['credit.out', 'credit.restored', 'allowance.restricted'];
	await platform.ask('POST', '/v1/subscriptions', { id: 'bob', account: 'bob', kinds, ...notices });
}

async function sell(platform: PlatformProcess, account: string, amount: number, transaction: string): Promise<void> {
	const credit = { unit: 'byte', amount };
	await platform.ask('POST', '/v1/sales', { shop: 'lab', transaction: `${account}-${transaction}`, account, credit });
}

async function open(
	{ platform, broker, server }: { platform: PlatformProcess; broker: GuardedBroker; server: PostgresServer },
	stops: (() => Promise<unknown>)[],
): Promise<World> {
	const connect = async (name: string) => {
		const client = await ProtocolClient.connect(broker.urlOf(name), { name, key: platform.key });
		stops.push(async () => await client.client.endAsync(true));
		return client;
	};
	const honest = await connect(HONEST);
	const rogue = await connect(ROGUE);
	const slices = { alice: await honest.slice('alice', MEBIBYTE), bob: await honest.slice('bob', MEBIBYTE) };
	return { platform, broker, database: server.url('postgres'), honest, rogue, slices };
}

/** During each kind of flood the honest access point reports, one batch after the other, and sends again as agents do. */
async function flood(
	{ honest, broker, database }: World,
	{ isShort, progress }: { isShort: boolean; progress: (line: string) => void },
): Promise<{ batches: number; figures: Record<string, number> }> {
	const sums = { flood_messages: 0, flood_unacknowledged: 0, flood_resent: 0, flood_slowest_ms: 0 };
	let batches = 0;
	const sizeBefore = await sumOf(database, 'SELECT pg_database_size(current_database())');
	const each = isShort ? Math.ceil(FLOOD_BATCHES / FLOODS.length) : FLOOD_BATCHES;
	for (const kind of FLOODS) {
		const process = new FloodProcess({ url: broker.urlOf(ROGUE), name: ROGUE, kind, connections: FLOOD_CONNECTIONS });
		let slowest = 0;
		await delay(FLOOD_HEAD_START_MS);
		for (let batch = 0; batch < each; batch++) {
			const startedAt = performance.now();
			const sequence = await honest.report([recordOf({ account: 'room-1', amount: STEP_BYTES })]);
			batches += 1;
			let isHeard = await honest.isAcknowledged(sequence, RESEND_MS);
			while (!isHeard && performance.now() - startedAt < ANSWER_MS) {
				sums.flood_resent += 1;
				await honest.reportAgain();
				isHeard = await honest.isAcknowledged(sequence, RESEND_MS);
			}
			slowest = Math.max(slowest, performance.now() - startedAt);
			if (isHeard) continue;
			sums.flood_unacknowledged += 1;
			break;
		}
		const sent = await process.stop();
		sums.flood_messages += sent;
		sums.flood_slowest_ms = Math.max(sums.flood_slowest_ms, Math.round(slowest));
		progress(`flood of ${kind}: ${sent} messages; the slowest acknowledgement took ${Math.round(slowest)} ms`);
	}
	const size = await sumOf(database, 'SELECT pg_database_size(current_database())');
	return {
		batches,
		figures: { ...sums, flood_honest_batches: batches, flood_database_bytes: size - sizeBefore },
	};
}

/** Follows what is told of a victim's credit, as an application does. */
async function listen(broker: GuardedBroker, stops: (() => Promise<unknown>)[]): Promise<{ count: number }> {
	const notices = { count: 0 };
	const client = await mqtt.connectAsync(broker.platformUrl, { protocolVersion: 4 });
	stops.push(async () => await client.endAsync(true));
	client.on('message', (_topic, payload) => {
		const { body } = JSON.parse(payload.toString('utf8')) as { body: string };
		if ((JSON.parse(body) as { ap: string }).ap === ROGUE) notices.count += 1;
	});
	await client.subscribeAsync('apps/notices/#', { qos: 1 });
	return notices;
}

async function tell(lie: Lie, round: number, world: World, sums: Sums, progress: (line: string) => void) {
	const { honest, rogue, slices } = world;
	// Told once, each lie is judged; later it may be refused as one too many.
	if (round > 1) rogue.patienceMs = LATER_PATIENCE_MS;
	const scene: Scene = { rogue, honest: honest.name, foreign: slices.alice, guest: GUEST, round };
	try {
		await lie.tell(scene);
		sums.told.add(lie.name);
	} catch (error) {
		// A guest whose slices are at their bound, for example: the lie could not be told to its end.
		progress(`${lie.name}: ${(error as Error).message}`);
	}
	const before = sums.failures.length;
	const isHeard = await honestStep(world, sums);
	if (!isHeard || sums.failures.length > before || round === 1)
		progress(`${isHeard ? 'honest batches go on' : 'NOT ACKNOWLEDGED'} after: ${lie.name}`);
	for (const failure of sums.failures.slice(before)) progress(`  ${failure}`);
}

/** One batch of the honest access point, and what people at the platform do at the same time. */
async function honestStep({ honest, platform, slices }: World, sums: Sums): Promise<boolean> {
	// Once it is stuck, each further wait would say the same.
	const patienceMs = () => (sums.unacknowledged + sums.unanswered > 0 ? 500 : ANSWER_MS);
	const more = await honest.request('bob', STEP_BYTES);
	const answer = await honest.answerTo(more, patienceMs()).catch(() => undefined);
	if (answer?.kind !== 'give') sums.unanswered += 1;
	const back =
		answer?.kind === 'give' ? { slice: answer.slice, returned: answer.amount, reason: 'detached' } : undefined;
	const sequence = await honest.report(
		[
			recordOf({ account: 'alice', slice: slices.alice.slice, amount: STEP_BYTES }),
			recordOf({ account: 'bob', slice: slices.bob.slice, amount: STEP_BYTES }),
			recordOf({ account: 'room-1', amount: STEP_BYTES }),
		],
		back === undefined ? [] : [honest.event('slice.return', back, { account: 'bob' })],
	);
	sums.steps += 1;
	const attempt = async (what: string, work: () => Promise<unknown>) => {
		try {
			await work();
		} catch (error) {
			sums.failures.push(`${what}: ${(error as Error).message.slice(0, 200)}`);
		}
	};
	for (const account of VICTIMS)
		await attempt(`balance of ${account}`, async () => await platform.ask('GET', `/v1/accounts/${account}`));
	const buyer = VICTIMS[sums.steps % VICTIMS.length] as string;
	await attempt(`top-up of ${buyer}`, async () => {
		await sell(platform, buyer, 1, `step-${sums.steps}`);
		sums.sold += 1;
	});
	const isHeard = await honest.isAcknowledged(sequence, patienceMs());
	if (!isHeard) sums.unacknowledged += 1;
	return isHeard;
}

async function random({ rogue, slices }: World, sums: Sums, progress: (line: string) => void): Promise<void> {
	const source = new Random(20_261_130);
	const names = [slices.alice.slice, slices.bob.slice, 's-none', '', 'x'.repeat(65)];
	for (let sent = 0; sent < RANDOM_RECORDS; sent += RANDOM_BATCH) {
		const records: Json[] = Array.from({ length: RANDOM_BATCH }, () => randomRecord(source, names));
		const sequence = await rogue.report(records);
		if (!(await rogue.isAcknowledged(sequence, ANSWER_MS))) sums.failures.push(`batch ${sequence} of random records`);
	}
	progress(`${RANDOM_RECORDS} random records were sent`);
}

async function listed(platform: PlatformProcess): Promise<Listed[]> {
	return (await platform.ask<{ entries: Listed[] }>('GET', '/v1/reviews')).entries;
}

async function figuresOf(
	{ platform, database, honest, rogue }: World,
	sums: Sums,
	progress: (line: string) => void,
	floodBatches: number,
) {
	const isEnd = await rogue.isAcknowledged(rogue.lastSequence, ANSWER_MS);
	const list = (await listed(platform)).filter(({ ap }) => ap === ROGUE);
	const missing = LIES.filter(({ listed: wanted }) => {
		const isIt = (entry: Listed) =>
			entry.reason === wanted?.reason && (wanted.account === undefined || entry.account === wanted.account);
		return wanted !== undefined && !list.some(isIt);
	});
	for (const { name } of missing) progress(`not on the list: ${name}`);
	const names = VICTIMS.map((account) => `'${account}'`).join();
	const left = await sumOf(
		database,
		`SELECT sum(amount) FROM balance WHERE unit = 'byte' AND book IN ('available', 'slices') AND account IN (${names})`,
	);
	const bought = VICTIMS.reduce((sum, account) => sum + (FUNDS[account] as number), 0) + sums.sold;
	const used = sums.steps * STEP_BYTES;
	const held = await sumOf(
		database,
		`SELECT sum(amount - used - returned) FROM slice WHERE ap = '${ROGUE}' AND member = '${GUEST}' AND state <> 'closed'`,
	);
	const stored = await sumOf(database, `SELECT sum(amount) FROM usage_record WHERE ap = '${honest.name}'`);
	const mixed = await sumOf(
		database,
		`SELECT count(*) FROM usage_record WHERE ap = '${ROGUE}' AND account = 'local' AND amount = ${STEP_BYTES}`,
	);
	progress(`on the list: ${list.map(({ reason, account, records }) => `${reason} ${account} ×${records}`).join(', ')}`);
	return {
		lies_not_listed: missing.length,
		stolen_bytes: bought - left - 2 * used,
		foreign_slices_bytes: VICTIMS.reduce((sum, account) => sum + (rogue.given.get(account) ?? 0), 0),
		foreign_usage_bytes: await sumOf(
			database,
			`SELECT sum(amount) FROM usage_record WHERE ap = '${ROGUE}' AND account IN (${names})`,
		),
		guest_held_bytes: held,
		honest_batches: sums.steps,
		honest_unacknowledged: sums.unacknowledged,
		honest_unanswered: sums.unanswered,
		honest_difference_bytes: stored - 3 * used - floodBatches * STEP_BYTES,
		rogue_unacknowledged: isEnd ? 0 : 1,
		// Two good ones in the first of the mixed batches.
		good_records_missing: Math.max(0, 2 - mixed),
		api_failures: sums.failures.length,
	};
}

/** A sum as another program reads it: it may be larger than any number here. */
async function sumOf(database: string, sql: string): Promise<number> {
	const text = (await runProgram('psql', [database, '-At', '-c', sql])).trim();
	return Number(text || '0');
}

async function brokenIn(url: string): Promise<number> {
	const database = await openDatabase({ url }, silentLog);
	try {
		return (await verify(database)).filter(({ broken }) => broken.length > 0).length;
	} finally {
		await database.close();
	}
}
