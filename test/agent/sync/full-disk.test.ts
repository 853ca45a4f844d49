import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { rawDatabase, temporaryFolder } from '../ledger/temporary-ledger.ts';
import { carrierWorld, soon } from './carrier-world.ts';

const CHILD = fileURLToPath(new URL('full-disk-child.js', import.meta.url));
/** A mount namespace of our own, as root or in a user namespace. */
const UNSHARE = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
const canMount = spawnSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

(canMount ? test : test.skip)(
	'while the disk under the outbox is full nothing is lost or done by half; it is counted, warned of, and told to the carrier afterwards',
	(t) => {
		const child = spawnSync('unshare', [...UNSHARE, process.execPath, CHILD], {
			encoding: 'utf8',
			env: { ...process.env, TMPDIR: temporaryFolder(t) },
		});
		t.is(child.stderr, '');
		const { full, done, bytes, warning, events } = JSON.parse(child.stdout);
		t.like(full, { sealed: 0, records: 0, refused: { outcome: 'failed', code: 'ledger_unwritable' } });
		t.true(full.unwritten >= 2);
		t.regex(full.warning, /nothing can be reported .* the ledger cannot be written/);
		t.like(done, { outcome: 'done' });
		t.is(bytes, 123);
		t.is(warning, null, 'the warning is gone');
		t.is(events.length, 1);
		t.like(events[0].details, { what: 'unwritable' });
		t.true(events[0].details.failures >= 2);
	},
);

test('while another process holds the ledger nothing is acknowledged or lost; the log says so once, and everything goes on by itself', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	ap.buy('ann', 10_000);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 23);
	const other = rawDatabase(t, ap.path);
	other.exec('BEGIN IMMEDIATE');
	await ap.pass(70_000);
	t.is(ap.sync.figures.sealed, 0);
	t.is(platform.records.length, 0);
	const body = { command: 'block', account: 'ann' } as const;
	t.like(await platform.ask({ audience: 'cafe-7', id: 'c-1' }, { kind: 'command', body }), {
		outcome: 'failed',
		code: 'ledger_unwritable',
	});
	t.is(ap.logged.filter((text) => text.startsWith('nothing can be reported')).length, 1);
	other.exec('ROLLBACK');
	t.like(await platform.ask({ audience: 'cafe-7', id: 'c-1' }, { kind: 'command', body }), { outcome: 'done' });
	t.true(ap.ledger.account('ann' as AccountId)?.blocked);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged > 0 && ap.sync.figures.backlog.sessions === 0);
	t.is(platform.bytesOf('ann'), 123);
	t.is(ap.logged.filter((text) => text.startsWith('the ledger can be written again')).length, 1);
});
