import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { openDatabase, PRAGMAS } from '../../../agent/ledger/database.ts';
import { rawDatabase, reopened, temporaryFolder, temporaryLedger } from './temporary-ledger.ts';

test('every pragma reads back as it was set, on a new file and on an existing one', (t) => {
	const path = join(temporaryFolder(t), 'ledger.db');
	for (let opening = 0; opening < 2; opening++) {
		const database = openDatabase(path);
		const found = Object.keys(PRAGMAS).map((name) => [name, database.pragma(name, { simple: true })]);
		t.deepEqual(Object.fromEntries(found), PRAGMAS);
		database.close();
	}
});

test('a commit is on the disk when it returns: the log is synced by every one of them', (t) => {
	const { synchronous, journal_mode } = PRAGMAS;
	t.deepEqual({ synchronous, journal_mode }, { synchronous: 2, journal_mode: 'wal' });
});

test('every table is STRICT', (t) => {
	const { path } = temporaryLedger(t);
	const tables = rawDatabase(t, path).pragma('table_list') as { name: string; strict: number }[];
	const loose = tables.filter(({ name, strict }) => strict === 0 && !name.startsWith('sqlite_'));
	t.deepEqual(loose, []);
});

test('the folder of the database is made', (t) => {
	const path = join(temporaryFolder(t), 'a', 'b', 'ledger.db');
	reopened(path).close();
	t.true(rawDatabase(t, path).open);
});

test('a folder that is a file is named with a fix', (t) => {
	const folder = temporaryFolder(t);
	writeFileSync(join(folder, 'file'), '');
	t.like(
		t.throws(() => openDatabase(join(folder, 'file', 'ledger.db'))),
		{ code: 'ledger_unwritable' },
	);
	mkdirSync(join(folder, 'ledger.db'));
	t.like(
		t.throws(() => openDatabase(join(folder, 'ledger.db'))),
		{ code: 'ledger_unwritable' },
	);
});

test('a file that is not a database, and the database of another program, are left alone', (t) => {
	const folder = temporaryFolder(t);
	const text = join(folder, 'notes.txt');
	writeFileSync(text, 'these are notes, long enough to be mistaken for a header of a database file\n'.repeat(20));
	const notLedger = t.throws(() => openDatabase(text));
	t.like(notLedger, { code: 'ledger_unwritable' });
	t.regex(notLedger?.message ?? '', /not a ledger/);
	const other = new Database(join(folder, 'other.db'));
	other.exec('CREATE TABLE song (title TEXT)');
	other.close();
	const refused = t.throws(() => openDatabase(join(folder, 'other.db')));
	t.like(refused, { code: 'ledger_unwritable' });
	t.regex(refused?.message ?? '', /another program/);
	t.deepEqual(rawDatabase(t, join(folder, 'other.db')).prepare('SELECT name FROM sqlite_schema').pluck().all(), [
		'song',
	]);
});

const unprivileged = process.getuid?.() === 0 ? test.skip : test;
unprivileged('a file without write permission is reported when it is opened', (t) => {
	const path = join(temporaryFolder(t), 'ledger.db');
	reopened(path).close();
	chmodSync(path, 0o444);
	t.like(
		t.throws(() => openDatabase(path)),
		{ code: 'ledger_unwritable' },
	);
});
