import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CODE_INVARIANTS } from '../../../agent/ledger/code-invariants.ts';
import { INVARIANTS } from '../../../agent/ledger/invariants.ts';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import { bytesPackage, furnish, rawDatabase, settleAnn, temporaryFolder, temporaryLedger } from './temporary-ledger.ts';

/** What someone (or a defect) might do to the file, with every guard taken away first; the guards are put back after. */
const DAMAGES: readonly (readonly [invariant: string, sql: string, detail: RegExp])[] = [
	[
		'references_exist',
		"INSERT INTO package (balance, id, account, plan_name, amount, at_end, bought_wall_ms) VALUES (99,'x',1,'p',5,'block',0)",
		/package row 99 .* balance/,
	],
	[
		'transfers_complete',
		'UPDATE transfer SET sequence = sequence + 1 WHERE sequence = 4; UPDATE account SET last_transfer = 5',
		/transfer 5 is the newest of 4/,
	],
	['transfers_fit', "UPDATE transfer SET reason = 'throttled' WHERE sequence = 3", /transfer ~3 \(throttled\)/],
	[
		'debits_equal_credits',
		"UPDATE balance SET credits_posted = credits_posted + 1 WHERE house = 'served' AND unit = 'byte'",
		/byte: debits 1030 .* credits 1031/,
	],
	[
		'no_negative_balance',
		'UPDATE balance SET debits_posted = 500, debits_pending = 501 WHERE account = 1',
		/account ann: used 500 and reserved 501 of 1000/,
	],
	[
		'grants_resolved_once',
		`INSERT INTO transfer SELECT 5, 'again', kind, reason, unit, debit, credit, amount, pending, account, 4, session, epoch, 0, 0, 0
		FROM transfer WHERE sequence = 3; UPDATE account SET last_transfer = 5`,
		/grant ~2 .* resolved by 2 transfers of 60/,
	],
	['open_grants_known', 'UPDATE balance SET open_grant = 2 WHERE account = 1', /grant 4 of balance \d+/],
	[
		'balances_equal_transfers',
		"UPDATE balance SET debits_posted = debits_posted + 7 WHERE house = 'issued' AND unit = 'byte'; UPDATE balance SET credits_posted = credits_posted + 7 WHERE house = 'expired' AND unit = 'byte'",
		/issued\): debits 1007\/1000/,
	],
	['live_balances_known', 'UPDATE balance SET live = 0 WHERE account = 1', /balance \d+ has 970 left and live = 0/],
	['packages_bought', 'UPDATE package SET amount = 2000', /package t1/],
	['usage_equals_sessions', 'UPDATE meter SET up_bytes = up_bytes + 1', /account ann: .* differ by 1 byte/],
	[
		'transit_empty',
		"UPDATE balance SET credits_posted = credits_posted + 1 WHERE house = 'transit' AND unit = 'byte'",
		/byte: 1 are on their way/,
	],
	['items_add_up', 'UPDATE item SET amount = amount + 1', /session s7: use and items differ by -1 byte/],
	[
		'tethered_adds_up',
		"UPDATE item SET amount = 1; INSERT INTO tethered_item VALUES (1, 'used', 0, 2)",
		/session s7: tethered use and items differ by -2/,
	],
	['tethered_adds_up', "INSERT INTO tethered_item VALUES (1, 'zero_rated', 0, 2)", /session s7: .*/],
	[
		'own_adds_up',
		'UPDATE balance SET own_bytes = own_bytes + 7 WHERE account IS NOT NULL',
		/own use and items differ by 7/,
	],
	['tethered_equals_sessions', 'UPDATE transfer SET tethered = 1 WHERE sequence = 3', /account ann: .* differ by -1/],
	[
		'costs_follow_tariffs',
		"INSERT INTO tariff VALUES (1,'t','byte',5,1,0,1,1); INSERT INTO item VALUES (1,'byte','rated',1,3,14)",
		/session s7 was charged 14 for 3 byte; tariff t says 15/,
	],
	['checkpoints_fit', 'UPDATE meter SET down_checkpoint = 1', /session s7, meter 7/],
	['history_chained', 'UPDATE transfer SET previous = 1 WHERE sequence = 4', /transfer ~4/],
	['transfers_immutable', 'DROP TRIGGER transfer_is_never_deleted', /transfer_is_never_deleted is missing/],
	[
		'transfers_immutable',
		'DROP TRIGGER transfer_is_never_changed; CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer BEGIN SELECT 1; END',
		/not as released/,
	],
	['transfers_immutable', 'DROP INDEX transfer_resolves', /transfer_resolves is missing/],
];

for (const [invariant, sql, detail] of DAMAGES) {
	test(`${invariant} is reported when broken by: ${sql.replaceAll(/\s+/g, ' ')}`, (t) => {
		const { ledger, path } = temporaryLedger(t);
		furnish(ledger);
		ledger.settle(settleAnn(30, 600));
		t.deepEqual(
			verifyLedger(path).checks.filter((check) => !check.ok),
			[],
		);
		const raw = rawDatabase(t, path);
		raw.pragma('foreign_keys = OFF');
		raw.pragma('ignore_check_constraints = ON');
		const isGuard = sql.startsWith('DROP');
		const guards = "SELECT name, sql, type FROM sqlite_schema WHERE type = 'trigger' OR name = 'transfer_resolves'";
		const removed = (isGuard ? [] : raw.prepare(guards).all()) as { name: string; sql: string; type: string }[];
		for (const guard of removed) raw.exec(`DROP ${guard.type} ${guard.name}`);
		raw.exec(sql);
		for (const guard of removed) if (invariant !== 'grants_resolved_once') raw.exec(guard.sql);
		const report = verifyLedger(path);
		const found = report.checks.find((check) => check.name === invariant);
		t.false(report.ok);
		t.false(found?.ok);
		t.regex(found?.detail ?? '', detail);
		const firstBroken = report.checks.find((check) => !check.ok)?.name;
		t.is(report.broken, firstBroken);
	});
}

test('every invariant has a test that breaks it', (t) => {
	const broken = new Set([...DAMAGES.map(([name]) => name), 'file_intact', ...CODE_INVARIANTS.map(({ name }) => name)]);
	t.deepEqual(
		INVARIANTS.map(({ name }) => name).filter((name) => !broken.has(name)),
		[],
	);
});

test('file_intact is reported when an index does not match its table', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	ledger.close();
	const raw = rawDatabase(t, path);
	const page = raw
		.prepare("SELECT pageno FROM dbstat WHERE name = 'sqlite_autoindex_transfer_1'")
		.pluck()
		.get() as number;
	raw.close();
	const file = readFileSync(path);
	const at = file.indexOf('t1', (page - 1) * 1024);
	t.true(at > 0 && at < page * 1024);
	file.write('t9', at);
	writeFileSync(path, file);
	t.is(verifyLedger(path).broken, 'file_intact');
});

test('a damaged page is reported, not believed', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	for (let i = 2; i < 300; i++) ledger.topUp(bytesPackage(`t${i}`, 5));
	ledger.close();
	const copy = join(temporaryFolder(t), 'copy.db');
	copyFileSync(path, copy);
	writeFileSync(copy, Buffer.alloc(1024 * 20, 0x55), { flag: 'r+' });
	t.throws(() => verifyLedger(copy), { code: 'ledger_unwritable' } as object);
});

test('a live ledger is verified while it is written to, and a copy without its log too', (t) => {
	const { ledger, path } = temporaryLedger(t);
	furnish(ledger);
	for (let up = 1; up < 20; up++) {
		ledger.settle(settleAnn(up, 600));
		t.true(verifyLedger(path).ok);
	}
	ledger.close();
	const copy = join(temporaryFolder(t), 'copy.db');
	copyFileSync(path, copy);
	t.true(verifyLedger(copy).ok);
	rmSync(copy);
	t.like(
		t.throws(() => verifyLedger(copy)),
		{ code: 'not_found' },
	);
});
