import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../../../carrier/clock.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { migrate } from '../../../carrier/database/migrate.ts';
import { openPostgres } from '../../../carrier/database/postgres.ts';
import { sqlStateOf } from '../../../carrier/database/sqlstates.ts';
import { WatchedDatabase } from '../../../carrier/database/watched-database.ts';
import { healthOf, INGEST_LATE_MS } from '../../../carrier/health.ts';
import { silentLog } from '../../../carrier/log.ts';
import { Metrics } from '../../../carrier/metrics.ts';
import type { Sender } from '../../../carrier/worker/sender.ts';
import { Worker } from '../../../carrier/worker/worker.ts';
import { upTopic } from '../../../protocol/topics.ts';
import { HANG_MS, until } from '../../lab/until.ts';
import { startPostgres } from '../postgres-server.ts';
import { addAccessPoints, batchOf, recordOf, SLICES } from '../scene.ts';

/** Runs in a network namespace of its own, with nothing but loopback: packets of the server's port are dropped there, without a word. */
const PORT = 5432;
/** Short, so that the test need not wait as long as in service; what is proven is that they hold without an answer. */
const TIMEOUTS = { connectMs: 2000, statementMs: 2000, idleInTransactionMs: 2000, graceMs: 500 };

// Of that name npm has another program in its path.
const nft = (...words: string[]) => execFileSync('/usr/sbin/nft', words, { stdio: ['ignore', 'ignore', 'inherit'] });
const cut = () => {
	nft('add', 'table', 'inet', 'cut');
	nft('add', 'chain', 'inet', 'cut', 'in', '{ type filter hook input priority 0; }');
	nft('add', 'rule', 'inet', 'cut', 'in', 'tcp', 'dport', String(PORT), 'drop');
	nft('add', 'rule', 'inet', 'cut', 'in', 'tcp', 'sport', String(PORT), 'drop');
};
const mend = () => nft('delete', 'table', 'inet', 'cut');

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const server = await startPostgres({ port: PORT });
try {
	// By the Unix socket, which no packet filter sees.
	const witness = await openPostgres(server.url('postgres'), silentLog, { ...TIMEOUTS, statementMs: HANG_MS });
	await migrate(witness, silentLog);
	await addAccessPoints(witness, 'cafe');
	const far = await openPostgres(server.tcpUrl('postgres'), silentLog, TIMEOUTS);
	process.stdout.write(
		JSON.stringify({ held: await lockOfTheDead(far, witness), ingest: await ingestGoesOn(far, witness) }),
	);
	await far.close();
	await witness.close();
} finally {
	await server.stop();
}

/** What becomes of a row that somebody has locked when he vanishes. */
async function lockOfTheDead(
	far: Database,
	witness: Database,
): Promise<{ error: string | undefined; isFree: boolean }> {
	let error: unknown;
	await far
		.transaction(async (tx) => {
			await tx.query("SELECT 1 FROM access_point WHERE ap = 'cafe' FOR UPDATE");
			cut();
			await tx.query('SELECT 1');
		})
		.catch((cause: unknown) => {
			error = cause;
		});
	// The server has not heard that the connection is gone; it gives up the lock by itself.
	const rows = await witness.query("UPDATE access_point SET title = 'free' WHERE ap = 'cafe' RETURNING 1");
	mend();
	return { error: sqlStateOf(error), isFree: rows.length === 1 };
}

/** A worker whose connections fall silent, and what the health says meanwhile. */
async function ingestGoesOn(far: Database, witness: Database) {
	let aheadMs = 0;
	const system = systemClock();
	const clock = { wallMs: () => system.wallMs() + aheadMs, after: system.after };
	const database = new WatchedDatabase(far, clock);
	const sender = { sendAcks: async () => undefined, sendDue: async () => 0 } as unknown as Sender;
	const ports = { database, clock, log: silentLog, metrics: new Metrics(), sender, slices: SLICES };
	const worker = new Worker({ ...ports, random: () => 0.5 });
	const health = async () =>
		await healthOf({ database, clock, isConnected: () => true, behindSinceMs: () => worker.behindSinceMs });
	const done = () => ports.metrics.count('messages', { kind: 'usage' });
	const send = (sequence: number) => {
		const usage = batchOf('cafe', sequence, [recordOf({ id: `r${sequence}`, account: 'guest' })]).usage;
		const payload = new TextEncoder().encode(JSON.stringify(usage));
		worker.receive({ topic: upTopic('cafe', 'usage'), payload });
	};
	send(1);
	await until('the first batch', HANG_MS, () => done() === 1);
	const before = await health();
	cut();
	send(2);
	await until('a fault', HANG_MS, () => database.sight.fault !== undefined);
	aheadMs += INGEST_LATE_MS;
	const silent = await health();
	mend();
	const begin = performance.now();
	await until('the second batch', HANG_MS, () => done() === 2);
	const backMs = Math.round(performance.now() - begin);
	const after = await health();
	await worker.stop();
	const [stored] = await witness.query<{ count: number }>('SELECT count(*) AS count FROM usage_record');
	return { before, silent, after, stored: stored?.count, backMs };
}
