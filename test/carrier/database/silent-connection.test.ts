import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const CHILD = fileURLToPath(new URL('silent-connection-child.js', import.meta.url));
const isRoot = process.getuid?.() === 0;

(isRoot ? test : test.skip)(
	'a connection that is silently dead is an error of whoever asks; its locks are given up, ingest goes on, and the health says so meanwhile',
	(t) => {
		const child = spawnSync('unshare', ['--net', process.execPath, CHILD], { encoding: 'utf8' });
		t.is(child.stderr, '');
		const { held, ingest } = JSON.parse(child.stdout);
		t.deepEqual(held, { error: '08006', isFree: true });
		t.like(ingest.before, { database: true, ingest: true, databaseFault: undefined });
		t.like(ingest.silent, { database: false, ingest: false, broker: true });
		t.is(ingest.silent.databaseFault, 'SQLSTATE 08006: connection exception');
		t.true(ingest.silent.databaseAnsweredSecondsAgo >= 15);
		t.like(ingest.after, { database: true, ingest: true, databaseFault: undefined });
		t.is(ingest.stored, 2);
		t.log(`the batch was stored ${ingest.backMs} ms after packets passed again`);
	},
);
