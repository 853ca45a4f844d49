import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import {
	ANN,
	furnish,
	rawDatabase,
	reopened,
	settleAnn,
	temporaryFolder,
	temporaryLedger,
} from './temporary-ledger.ts';

const CHILD = fileURLToPath(new URL('full-disk-child.js', import.meta.url));
/** A mount namespace of our own, as root or in a user namespace. */
const UNSHARE = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
const canMount = spawnSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

(canMount ? test : test.skip)(
	'a full and a read-only disk are reported, and afterwards the same call succeeds, once',
	(t) => {
		const child = spawnSync('unshare', [...UNSHARE, process.execPath, CHILD, temporaryFolder(t)], { encoding: 'utf8' });
		t.is(child.stderr, '');
		const [full, recovered, readOnly, verified, again] = child.stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
		t.like(full, { name: 'full', code: 'ledger_unwritable', hasFix: true, hasCause: true });
		t.regex(full.message, /no space left/);
		t.deepEqual(recovered, { before: 'whole', answer: recovered.answer, overrun: 0, lost: 0, used: 900 });
		t.true(['created', 'exists'].includes(recovered.answer));
		t.like(readOnly, { name: 'read-only', code: 'ledger_unwritable', hasFix: true, hasCause: true });
		t.deepEqual(verified, { verified: 'whole' });
		t.deepEqual(again, { again: 'exists', verified: 'whole' });
	},
);

test('a second writer is told so after a bounded wait, and the same call succeeds when the first has ended', (t) => {
	const { ledger, path } = temporaryLedger(t, { busyTimeoutMs: 10 });
	furnish(ledger);
	const other = rawDatabase(t, path);
	other.exec('BEGIN IMMEDIATE');
	const error = t.throws(() => ledger.settle(settleAnn(30, 600)));
	t.like(error, { code: 'ledger_unwritable', fix: 'stop the other process: one agent per ledger' });
	t.throws(() => reopened(path, { busyTimeoutMs: 10 }), { code: 'ledger_unwritable' } as object);
	t.is(ledger.account(ANN)?.available.byte, 400, 'reading goes on');
	other.exec('ROLLBACK');
	t.like(ledger.settle(settleAnn(30, 600)), { paidBytes: 30, written: true });
	t.like(ledger.settle(settleAnn(30, 600)), { paidBytes: 0, written: false });
});

test('two ledgers on one file, in turn, keep one set of books', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	const other = reopened(path);
	t.teardown(() => other.close());
	for (let up = 10; up <= 100; up += 20) {
		t.is(ledger.settle(settleAnn(up, 50)).paidBytes as number, 10);
		t.is(other.settle(settleAnn(up + 10, 60)).paidBytes as number, 10);
	}
	t.true(ledger.verify().ok);
});

test('one account that fails takes the whole transaction back', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	const eve = 'eve' as typeof ANN;
	t.throws(() => ledger.settleAll([settleAnn(30, 50), { ...settleAnn(0, 0), account: eve, readings: [] }]));
	t.is(ledger.session('s7')?.upBytes as number | undefined, 0);
	t.throws(() => ledger.settleAll([settleAnn(30, 50), settleAnn(30, 50)]), { code: 'invalid_value' } as object);
	t.is(ledger.settle(settleAnn(30, 600)).paidBytes as number, 30);
});

test('a settle that changes nothing writes no row', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(30, 600));
	const raw = rawDatabase(t, path);
	const version = () => raw.pragma('data_version', { simple: true });
	const before = version();
	for (let i = 0; i < 3; i++) t.false(ledger.settle(settleAnn(30, 600)).written);
	t.is(version(), before);
	ledger.settle(settleAnn(31, 600));
	t.not(version(), before);
});

for (const [what, sql] of [
	['changing a transfer', 'UPDATE transfer SET amount = 1'],
	['deleting a transfer', 'DELETE FROM transfer'],
	[
		'replacing a transfer',
		'INSERT OR REPLACE INTO transfer SELECT sequence, id, kind, reason, unit, debit, credit, 1, pending, account, previous, session, epoch, 0, 0 FROM transfer WHERE sequence = 1',
	],
	[
		'resolving a grant twice',
		"INSERT INTO transfer VALUES (3,'a','void','released','byte',9,2,600,2,1,2,NULL,1,0,0), (4,'b','void','released','byte',9,2,600,2,1,3,NULL,1,0,0)",
	],
	['posting more than a grant', "INSERT INTO transfer VALUES (3,'a','post','used','byte',9,2,601,2,1,2,NULL,1,0,0)"],
	[
		'releasing half of a grant',
		"INSERT INTO transfer VALUES (3,'a','void','released','byte',9,2,300,2,1,2,NULL,1,0,0)",
	],
	[
		'spending what is reserved',
		"INSERT INTO transfer VALUES (3,'a','transfer','used','byte',9,2,401,NULL,1,2,NULL,1,0,0)",
	],
	[
		'a second grant of a package',
		"INSERT INTO transfer VALUES (3,'a','pending','grant','byte',9,2,1,NULL,1,2,NULL,1,0,0)",
	],
	[
		'turning bytes into seconds',
		"INSERT INTO transfer VALUES (3,'a','transfer','used','byte',9,6,1,NULL,1,2,NULL,1,0,0)",
	],
	['a negative amount', "INSERT INTO transfer VALUES (3,'a','transfer','used','byte',9,2,-1,NULL,1,2,NULL,1,0,0)"],
	['an unknown reason', "INSERT INTO transfer VALUES (3,'a','transfer','gift','byte',9,2,1,NULL,1,2,NULL,1,0,0)"],
	['a negative balance', 'UPDATE balance SET debits_posted = 1001 WHERE number = 18'],
] as const) {
	test(`the database itself refuses ${what}`, (t) => {
		const { ledger, path } = temporaryLedger(t);
		furnish(ledger);
		const raw = rawDatabase(t, path);
		raw.pragma('recursive_triggers = ON');
		t.throws(() => raw.exec(sql), { any: true });
		t.true(ledger.verify().ok);
	});
}
