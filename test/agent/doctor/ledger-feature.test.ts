import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { probeLedger } from '../../../agent/doctor/ledger-feature.ts';
import { openDatabase } from '../../../agent/ledger/database.ts';

test('the doctor says which files of the ledger others may open, and how they are closed', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-doctor-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const database = join(folder, 'ledger.db');
	openDatabase(database).close();
	const config = { ...loadConfig('docs/example-config.json'), database, statusGroup: 'root' };
	t.deepEqual(
		probeLedger(config).map(({ ok }) => ok),
		[true, true],
	);
	chmodSync(database, 0o644);
	t.like(probeLedger({ ...config, statusGroup: 'no-such-group' }), [
		{ ok: false, grade: 'should', detail: `others may open ${database}`, fix: `chmod 600 ${database}` },
		{ ok: false, grade: 'should' },
	]);
	t.deepEqual(probeLedger(undefined), []);
});
