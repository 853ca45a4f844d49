import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openDatabase } from '../../../agent/ledger/database.ts';
import { keepPrivate, openFiles } from '../../../agent/ledger/private-files.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

function folderOf(t: ExecutionContext, mode: number): string {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-private-'));
	chmodSync(folder, mode);
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

test('a new ledger, its log and its shared memory are for their owner alone, and so is its folder', (t) => {
	const path = join(folderOf(t, 0o755), 'new', 'ledger.db');
	const database = openDatabase(path);
	for (const suffix of ['', '-wal', '-shm']) t.is(modeOf(`${path}${suffix}`), 0o600, suffix);
	t.is(modeOf(join(path, '..')), 0o700);
	database.close();
});

test('what an earlier version left open is closed at the start: the ledger, its log, backups, the key', (t) => {
	const folder = folderOf(t, 0o755);
	const path = join(folder, 'ledger.db');
	openDatabase(path).close();
	chmodSync(folder, 0o755);
	const names = ['', '-wal', '-shm', '.before-v3', '.code-key', '.broken'];
	for (const name of names) {
		if (name !== '') writeFileSync(`${path}${name}`, name === '.code-key' ? 'key' : '');
		chmodSync(`${path}${name}`, 0o644);
	}
	t.is(openFiles(path).length, names.length + 1);
	t.is(keepPrivate(path).length, names.length + 1);
	for (const name of names) t.is(modeOf(`${path}${name}`), 0o600, name);
	t.is(modeOf(folder), 0o700);
	t.deepEqual(openFiles(path), []);
});

test('a folder that others use too stays as it is, and is named', (t) => {
	const folder = folderOf(t, 0o755);
	const path = join(folder, 'ledger.db');
	writeFileSync(join(folder, 'of-others'), '');
	chmodSync(join(folder, 'of-others'), 0o644);
	openDatabase(path).close();
	t.is(modeOf(folder), 0o755);
	t.is(modeOf(join(folder, 'of-others')), 0o644);
	t.deepEqual(openFiles(path), [{ path: folder, mode: 0o700 }]);
});

test('what is not there is not open', (t) => {
	t.deepEqual(openFiles('/nonexistent/ledger.db'), []);
});
