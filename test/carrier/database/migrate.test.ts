import test from 'ava';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import { MIGRATIONS, migrate } from '../../../carrier/database/migrate.ts';
import { silentLog } from '../../../carrier/log.ts';
import { arrivedSlice, returnSlice } from '../../../carrier/slice/take-back.ts';
import { verify } from '../../../carrier/verify.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, NOW, SLICES } from '../scene.ts';

const onBoth = onBothDatabases(test);

onBoth('a database of the first version goes on, with what was out and what was sold', async (t, database) => {
	await database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
	await database.script(
		`${MIGRATIONS[0]}; CREATE TABLE schema_version (single BOOLEAN PRIMARY KEY DEFAULT true CHECK (single), version INTEGER NOT NULL);
		INSERT INTO schema_version (version) VALUES (1)`,
	);
	await addAccessPoints(database, 'cafe');
	await database.script(`
		INSERT INTO account (account, title, created_at) VALUES ('alice', 'Alice', ${NOW});
		INSERT INTO transfer VALUES ('alice', 'first', 'byte', 'issued', 'available', 1000, 'top-up', '{"plan": "day"}', ${NOW}),
			('alice', 'slice:s-1', 'byte', 'available', 'slices', 400, 'slice-given', '{}', ${NOW});
		INSERT INTO slice (account, slice, member, ap, unit, amount, given_at, expires_at)
			VALUES ('alice', 's-1', 'alice', 'cafe', 'byte', 400, ${NOW}, ${NOW + 10 * 3_600_000});`);
	await migrate(database, silentLog);
	t.deepEqual(await database.query('SELECT version FROM schema_version'), [{ version: MIGRATIONS.length }]);
	await database.transaction(async (tx) => {
		await arrivedSlice(tx, { ap: 'cafe', slice: 's-1' }, SLICES, NOW);
		await returnSlice(tx, { ap: 'cafe', slice: 's-1', returned: 400 }, SLICES, NOW);
	});
	t.deepEqual(await database.query('SELECT expires_at, state FROM slice'), [
		{ expires_at: NOW + SLICES.validForSeconds * 1000 + SLICES.reportMs, state: 'closed' },
	]);
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 1000, slices: 0 });
	t.deepEqual(
		(await verify(database)).filter((verdict) => verdict.broken.length > 0),
		[],
	);
});
