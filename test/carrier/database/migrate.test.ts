import test from 'ava';
import { accountPicture } from '../../../carrier/account/accounts.ts';
import { balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { MIGRATIONS, migrate } from '../../../carrier/database/migrate.ts';
import { silentLog } from '../../../carrier/log.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
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

/** The version of 0.1.0: the first that was released. */
const RELEASED = 1;

/** A database as a released program left it. */
async function released(database: Database, script: string): Promise<void> {
	await database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
	await database.script(
		`${MIGRATIONS.slice(0, RELEASED).join(';')}; CREATE TABLE schema_version (single BOOLEAN PRIMARY KEY DEFAULT true CHECK (single), version INTEGER NOT NULL);
		INSERT INTO schema_version (version) VALUES (${RELEASED})`,
	);
	await addAccessPoints(database, 'cafe', 'hotel', 'kiosk');
	await database.script(script);
	await migrate(database, silentLog);
}

onBoth(
	'whoever has a slice out when the platform is upgraded goes on, though nothing of it was reported',
	async (t, database) => {
		const slice = (account: string, ap: string, used: number, state: string) =>
			`('${account}', 's-${account}-${ap}', '${account}', '${ap}', 'byte', 1000, ${used}, 0, '${state}', ${NOW}, ${NOW + 3_600_000})`;
		await released(
			database,
			`INSERT INTO account (account, title, created_at) VALUES ('alice', 'Alice', ${NOW}), ('bob', 'Bob', ${NOW});
		INSERT INTO slice (account, slice, member, ap, unit, amount, used, returned, state, given_at, expires_at) VALUES
			${[
				slice('alice', 'cafe', 0, 'given'),
				slice('alice', 'hotel', 5, 'closed'),
				slice('alice', 'kiosk', 0, 'closed'),
				slice('bob', 'cafe', 0, 'revoking'),
				slice('bob', 'hotel', 0, 'silent'),
				slice('bob', 'kiosk', 0, 'released'),
			].join()}`,
		);
		t.deepEqual(await database.query('SELECT account, ap, made_by FROM account_access_point ORDER BY account, ap'), [
			{ account: 'alice', ap: 'cafe', made_by: 'upgrade' },
			{ account: 'alice', ap: 'hotel', made_by: 'upgrade' },
			{ account: 'bob', ap: 'cafe', made_by: 'upgrade' },
			{ account: 'bob', ap: 'hotel', made_by: 'upgrade' },
		]);
		const asked = { ap: 'cafe', request: 'next', account: 'alice', wants: 1000 };
		const answer = await database.transaction(async (tx) => await giveSlice(tx, asked, SLICES, NOW));
		t.deepEqual(answer, { outcome: 'refused', why: 'empty' }, 'there is no credit; it may ask');
	},
);

onBoth(
	'what was used under a name before there was such an account is not its own after the upgrade',
	async (t, database) => {
		const hour = Math.floor(NOW / 3_600_000) * 3_600_000;
		const used = (account: string, at: number, amount: number) =>
			`('${account}', ${at}, 'own', 'byte', ${amount}, 0, ${amount}, 0)`;
		await released(
			database,
			`INSERT INTO account (account, title, created_at) VALUES ('alice', 'Alice', ${NOW});
		INSERT INTO account_usage VALUES ${[used('alice', hour - 3_600_000, 7), used('alice', hour, 11), used('local', hour, 13)].join()}`,
		);
		t.like((await accountPicture(database, 'alice')).usage[0], { amount: 11 });
		t.deepEqual(await database.query('SELECT sum(amount) AS sum FROM account_usage'), [{ sum: 31 }], 'nothing is lost');
	},
);

onBoth('subscriptions of an older version have their receivers', async (t, database) => {
	await released(
		database,
		`INSERT INTO subscription VALUES ('a', NULL, '{}', 'webhook', 'https://App.example:8443/hook?x=1', 'secret', ${NOW}),
			('b', NULL, '{}', 'webhook', 'https://app.example:8443/other', 'secret', ${NOW}),
			('c', NULL, '{}', 'mqtt', 'apps/x', 'secret', ${NOW}), ('d', NULL, '{}', 'pull', '', 'secret', ${NOW})`,
	);
	t.deepEqual(await database.query('SELECT name FROM receiver ORDER BY name'), [
		{ name: 'https://app.example:8443' },
		{ name: 'mqtt' },
	]);
});
