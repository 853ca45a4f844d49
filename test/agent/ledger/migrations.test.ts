import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { AccountId, MeterId } from '../../../agent/core/units.ts';
import { openDatabase } from '../../../agent/ledger/database.ts';
import { MIGRATIONS, type Migration, SCHEMA_VERSION } from '../../../agent/ledger/migrations.ts';
import { SCHEMA_OWN } from '../../../agent/ledger/schema-own.ts';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import {
	ANN,
	bytesPackage,
	furnish,
	rawDatabase,
	reopened,
	settleAnn,
	temporaryFolder,
	temporaryLedger,
} from './temporary-ledger.ts';

const NEXT: Migration = { version: SCHEMA_VERSION + 1, sql: 'CREATE TABLE later (code TEXT PRIMARY KEY) STRICT' };
const BROKEN: Migration = { version: SCHEMA_VERSION + 2, sql: 'CREATE TABLE half (x TEXT) STRICT; DROP TABLE missing' };

test('versions follow each other without a gap', (t) => {
	t.deepEqual(
		MIGRATIONS.map(({ version }) => version),
		MIGRATIONS.map((_, index) => index + 1),
	);
});

for (const { version } of MIGRATIONS) {
	test(`a database of version ${version} is brought up to date, with a backup, and verifies`, (t) => {
		const path = join(temporaryFolder(t), 'ledger.db');
		openDatabase(path, { migrations: MIGRATIONS.slice(0, version) }).close();
		reopened(path).close();
		t.true(verifyLedger(path).ok);
		t.is(existsSync(`${path}.before-v${SCHEMA_VERSION}`), version < SCHEMA_VERSION);
	});
}

test('a ledger that version 1 wrote goes on: balances, grants, sessions and history as they were', (t) => {
	const path = join(temporaryFolder(t), 'ledger.db');
	const old = openDatabase(path, { migrations: MIGRATIONS.slice(0, 1) });
	old.exec(readFileSync('test/agent/ledger/released/v1.sql', 'utf8'));
	old.close();
	t.is(verifyLedger(path).broken, undefined, 'a file of version 1 is checked as it will be');
	const ledger = reopened(path);
	t.teardown(() => ledger.close());
	t.is(ledger.verify().broken, undefined);
	t.like(ledger.account(ANN), { available: { byte: 700 }, reserved: { byte: 300 }, used: { byte: 458, micro: 0 } });
	t.like(ledger.account('bob' as AccountId), { reserved: { second: 570 }, used: { byte: 9100, second: 30 } });
	t.deepEqual(
		ledger.openSessions().map(({ id, upBytes, downBytes }) => `${id} ${upBytes}/${downBytes}`),
		['s1 400/50', 's3 9000/100'],
	);
	t.deepEqual(
		ledger.explain({ session: 's1' }).records[0]?.items.map(({ amount, text }) => `${amount} ${text}`),
		['450 used before records were itemised'],
	);
	const settled = ledger.settle(settleAnn(0, 300, { readings: [{ meter: 1 as MeterId, up: 500, down: 50 }] }));
	t.like(settled, { paidBytes: 100, granted: { byte: 300 }, available: { byte: 600 } });
	t.is(ledger.topUp(bytesPackage('t1', 1000)).answer, 'exists', 'what was bought before is recognised');
	t.is(ledger.verify().broken, undefined);
});

test('what own flows had of a package before they were counted apart is computed from its items', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	const settled = ledger.settle(settleAnn(300, 300, { tethered: [{ meter: 7 as MeterId, up: 40, down: 0 }] }));
	const { usedBytes } = settled.own ?? {};
	t.true(Number(usedBytes) >= 300);
	ledger.close();
	const raw = openDatabase(path);
	raw.exec('UPDATE balance SET own_bytes = 0');
	raw.exec(SCHEMA_OWN.slice(SCHEMA_OWN.indexOf('UPDATE balance')));
	raw.close();
	t.is(verifyLedger(path).broken, undefined);
	const again = reopened(path);
	t.teardown(() => again.close());
	t.is(again.settle(settleAnn(300, 300)).own?.usedBytes, usedBytes);
});

test('a migration keeps everything, and a whole backup of what was before', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	ledger.close();
	openDatabase(path, { migrations: [...MIGRATIONS, NEXT] }).close();
	const backup = `${path}.before-v${NEXT.version}`;
	t.true(verifyLedger(backup).ok);
	const again = reopened(backup);
	t.teardown(() => again.close());
	t.like(again.account(ANN), { available: { byte: 400, second: 0 }, reserved: { byte: 600, second: 0 } });
	t.is(rawDatabase(t, path).prepare('SELECT count(*) FROM transfer').pluck().get(), 2);
	t.deepEqual(
		readdirSync(dirname(path)).filter((name) => name.includes('unfinished')),
		[],
	);
});

test('a database of a newer version is refused, unharmed, with the way back', (t) => {
	const { ledger, path } = temporaryLedger(t);
	ledger.close();
	openDatabase(path, { migrations: [...MIGRATIONS, NEXT] }).close();
	const error = t.throws(() => reopened(path));
	t.like(error, {
		code: 'ledger_too_new',
		fix: `install the newer Octroi again, or restore the backup ${path}.before-v${NEXT.version}`,
	});
	t.like(
		t.throws(() => verifyLedger(path)),
		{ code: 'ledger_too_new' },
	);
});

test('a migration that fails leaves the version before it, whole', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	ledger.close();
	t.throws(() => openDatabase(path, { migrations: [...MIGRATIONS, NEXT, BROKEN] }));
	const raw = rawDatabase(t, path);
	t.is(raw.pragma('user_version', { simple: true }), NEXT.version);
	t.deepEqual(raw.prepare("SELECT name FROM sqlite_schema WHERE name IN ('later', 'half')").pluck().all(), ['later']);
});
