import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { systemClock } from '../../../carrier/clock.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { migrate } from '../../../carrier/database/migrate.ts';
import { openPostgres } from '../../../carrier/database/postgres.ts';
import { natureOf, sqlStateOf } from '../../../carrier/database/sqlstates.ts';
import { WatchedDatabase } from '../../../carrier/database/watched-database.ts';
import { silentLog } from '../../../carrier/log.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import type { Sender } from '../../../carrier/worker/sender.ts';
import { Worker } from '../../../carrier/worker/worker.ts';
import { upTopic } from '../../../protocol/topics.ts';
import { HANG_MS, until } from '../../lab/until.ts';
import { keepingLog, type Line } from '../logged.ts';
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { addAccessPoints, batchOf, eventOf, recordOf, SLICES } from '../scene.ts';

const CONNECTIONS = 12;
let server: PostgresServer;
let witness: Database;

test.serial.before(async () => {
	server = await startPostgres({
		settings: [`max_connections=${CONNECTIONS}`, 'superuser_reserved_connections=2'],
	});
	witness = await openPostgres(server.url('postgres'), silentLog);
	await migrate(witness, silentLog);
	await addAccessPoints(witness, 'cafe');
});

test.after.always(async () => {
	await witness?.close();
	await server?.stop();
});

/** A worker whose messages are counted when they are stored. */
function workerOn(database: Database, lines: Line[]) {
	const sender = { sendAcks: async () => undefined, sendDue: async () => 0 } as unknown as Sender;
	const system = systemClock();
	const clock = {
		wallMs: system.wallMs,
		after: (ms: number, call: () => void) => system.after(Math.min(ms, 50), call),
	};
	const ports = { database, clock, log: keepingLog(lines).log, metrics: new Metrics(), sender, slices: SLICES };
	const worker = new Worker({ ...ports, random: () => 0.5 });
	const send = (kind: 'usage' | 'event', message: object) => {
		const payload = new TextEncoder().encode(JSON.stringify(message));
		worker.receive({ topic: upTopic('cafe', kind), payload });
	};
	const done = () =>
		ports.metrics.count('messages', { kind: 'usage' }) + ports.metrics.count('messages', { kind: 'event' });
	return { worker, send, done, metrics: ports.metrics };
}

let sequence = 0;
type Row = {
	readonly what: string;
	readonly code: string;
	readonly nature: 'passing' | 'lasting';
	begin(): Promise<() => Promise<void>>;
};

const ROWS: readonly Row[] = [
	{
		what: 'a server that is read-only',
		code: '25006',
		nature: 'lasting',
		begin: async () => {
			await witness.script('ALTER DATABASE postgres SET default_transaction_read_only = on');
			return async () =>
				await witness.transaction(async (tx) => {
					await tx.query('SET TRANSACTION READ WRITE');
					await tx.query('ALTER DATABASE postgres RESET default_transaction_read_only');
				});
		},
	},
	{
		what: 'a disk that is full',
		code: '53100',
		nature: 'lasting',
		begin: async () => {
			// The server says it with the code that it has for this, in the statement that would write.
			await witness.script(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $body$
				BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $body$;
				CREATE TRIGGER full_disk BEFORE INSERT ON event EXECUTE FUNCTION full_disk();
				CREATE TRIGGER full_disk BEFORE INSERT ON usage_record EXECUTE FUNCTION full_disk()`);
			return async () => await witness.script('DROP FUNCTION full_disk CASCADE');
		},
	},
	{
		what: 'a role that may not write any more',
		code: '42501',
		nature: 'lasting',
		begin: async () => {
			await witness.script('REVOKE ALL ON event, usage_stream FROM platform');
			return async () => await witness.script('GRANT ALL ON event, usage_stream TO platform');
		},
	},
];

for (const { what, code, nature, begin } of ROWS) {
	test.serial(
		`${what} (${code}): nothing is refused or lost, one line in the log, and it goes on by itself`,
		async (t) => {
			await witness.script(`DO $body$ BEGIN CREATE ROLE platform LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $body$;
			GRANT ALL ON ALL TABLES IN SCHEMA public TO platform; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO platform`);
			const end = await begin();
			const database = new WatchedDatabase(
				await openPostgres(server.url('postgres').replace('octroi@', 'platform@'), silentLog),
				systemClock(),
			);
			const lines: Line[] = [];
			const { worker, send, done, metrics } = workerOn(database, lines);
			sequence += 1;
			send('usage', batchOf('cafe', sequence, [recordOf({ id: `r${sequence}`, account: 'guest' })]).usage);
			// One that is alone, and fails more often than a defect of its own would be tried.
			await until('ten failures', HANG_MS, () => metrics.count('transactions', { outcome: 'failed' }) >= 10);
			send('event', eventOf('cafe', `e${sequence}`, 'fault', { what: 'x' }, 'guest'));
			await until('ten more', HANG_MS, () => metrics.count('transactions', { outcome: 'failed' }) >= 20);
			t.is(done(), 0);
			t.regex(database.sight.fault ?? '', new RegExp(code));
			t.is(lines.filter(({ message }) => message === 'a transaction failed').length, 1);
			t.is(metrics.text().match(/messages_refused_total\{/g), null);
			await end();
			await until('both are stored', HANG_MS, () => done() === 2);
			t.is((await witness.query('SELECT 1 FROM usage_record WHERE id = $1', [`r${sequence}`])).length, 1);
			t.is((await witness.query('SELECT 1 FROM event WHERE id = $1', [`e${sequence}`])).length, 1);
			t.is(database.sight.fault, undefined);
			t.is(nature, 'lasting');
			await worker.stop();
			await database.close();
		},
	);
}

test.serial('too many connections (53300) are a passing fault, and the next question is answered', async (t) => {
	const others: Database[] = [];
	const held: Promise<unknown>[] = [];
	let isFull = false;
	const database = await openPostgres(server.url('postgres').replace('octroi@', 'platform@'), silentLog);
	let release = () => {};
	const released = new Promise<void>((resolve) => {
		release = resolve;
	});
	for (let count = 0; count < 2; count++) {
		const other = await openPostgres(server.url('postgres').replace('octroi@', 'platform@'), silentLog);
		others.push(other);
		for (let one = 0; one < 6; one++) {
			held.push(other.transaction(async () => await released).catch(() => (isFull = true)));
		}
	}
	// Before that a connection would be free for us, and stay ours.
	await until('one too many', HANG_MS, () => isFull);
	let error: unknown;
	await until('a refusal', HANG_MS, async () => {
		error = await database.query('SELECT 1').then(
			() => undefined,
			(cause: unknown) => cause,
		);
		return error !== undefined;
	});
	t.is(sqlStateOf(error), '53300');
	t.is(natureOf(error), 'passing');
	release();
	await Promise.all(held);
	for (const other of others) await other.close();
	await until('an answer', HANG_MS, async () => (await database.query('SELECT 1').catch(() => [])).length === 1);
	await database.close();
});

test.serial('a transaction that sleeps is ended by the server, and its row is free', async (t) => {
	const timeouts = { connectMs: 5000, statementMs: 5000, idleInTransactionMs: 200, graceMs: 1000 };
	const database = await openPostgres(server.url('postgres'), silentLog, timeouts);
	const error = await t.throwsAsync(
		database.transaction(async (tx) => {
			await tx.query("SELECT 1 FROM access_point WHERE ap = 'cafe' FOR UPDATE");
			await until('the row is free', HANG_MS, async () => {
				await delay(50);
				return (
					(await witness.query("SELECT 1 FROM access_point WHERE ap = 'cafe' FOR UPDATE SKIP LOCKED")).length === 1
				);
			});
			await tx.query('SELECT 1');
		}),
	);
	t.is(natureOf(error), 'passing');
	t.deepEqual(await database.query('SELECT 1 AS one'), [{ one: 1 }]);
	await database.close();
});
