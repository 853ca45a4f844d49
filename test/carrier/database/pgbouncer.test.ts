import test from 'ava';
import { migrate } from '../../../carrier/database/migrate.ts';
import { openPostgres } from '../../../carrier/database/postgres.ts';
import { silentLog } from '../../../carrier/log.ts';
import { ingest } from '../../../carrier/usage/ingest.ts';
import { verify } from '../../../carrier/verify.ts';
import { startPgBouncer } from '../pgbouncer.ts';
import { startPostgres } from '../postgres-server.ts';
import { addAccessPoints, addFunded, batchOf, MEBIBYTE, recordOf, TERMS } from '../scene.ts';

const PLATFORMS = 4;
const BATCHES = 30;
const RECORDS = 20;

for (const mode of ['session', 'transaction'] as const) {
	test.serial(
		`PgBouncer in ${mode} mode: the platform starts, migrates, and counts once, with fewer sessions than connections`,
		async (t) => {
			const server = await startPostgres();
			t.teardown(() => server.stop());
			// In session mode each connection needs a session of its own.
			const pooler = await startPgBouncer(server, { mode, connections: mode === 'transaction' ? 2 : 40 });
			t.teardown(() => pooler.stop());
			const platforms = await Promise.all(
				Array.from({ length: PLATFORMS }, async () => await openPostgres(pooler.url('postgres'), silentLog)),
			);
			// Platforms that start at once.
			await Promise.all(platforms.map(async (database) => await migrate(database, silentLog)));
			const [first] = platforms as [(typeof platforms)[number]];
			await addAccessPoints(first, 'cafe');
			await addFunded(first, 'alice', MEBIBYTE);
			await Promise.all(
				platforms.map(async (database) => {
					// Everyone takes all of them: each counts once.
					for (let sequence = 1; sequence <= BATCHES; sequence++) {
						const records = Array.from({ length: RECORDS }, (_, index) =>
							recordOf({ id: `${sequence}.${index}`, account: 'guest', amount: 10 }),
						);
						await database.transaction(async (tx) => await ingest(tx, [batchOf('cafe', sequence, records)], TERMS));
					}
				}),
			);
			t.deepEqual(await first.query('SELECT count(*) AS count, sum(amount) AS amount FROM usage_record'), [
				{ count: BATCHES * RECORDS, amount: BATCHES * RECORDS * 10 },
			]);
			t.deepEqual(
				(await verify(first)).flatMap(({ broken }) => broken),
				[],
			);
			// What a transaction sets does not stay for the next one, whoever's it is.
			const settings = "SELECT current_setting('statement_timeout') AS inside";
			const inside = await first.transaction(async (tx) => await tx.query(settings), { timeoutMs: 12_345 });
			t.deepEqual(inside, [{ inside: '12345ms' }]);
			t.deepEqual(await first.query(settings), [{ inside: '0' }]);
			await Promise.all(platforms.map(async (database) => await database.close()));
		},
	);
}

test.serial(
	'PgBouncer in statement mode, which has no transactions, is refused at the start with its own words',
	async (t) => {
		const server = await startPostgres();
		t.teardown(() => server.stop());
		const pooler = await startPgBouncer(server, { mode: 'statement', connections: 2 });
		t.teardown(() => pooler.stop());
		const database = await openPostgres(pooler.url('postgres'), silentLog);
		await t.throwsAsync(migrate(database, silentLog), { message: /transaction blocks not allowed/i });
		await database.close();
	},
);
