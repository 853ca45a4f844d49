import test from 'ava';
import { CODE_INVARIANTS } from '../../../agent/ledger/code-invariants.ts';
import { verifyLedger } from '../../../agent/ledger/verify.ts';
import { batchOf, giftOf, redemptionOf } from './code-scenario.ts';
import { ANN, AT, bytesPackage, rawDatabase, temporaryLedger } from './temporary-ledger.ts';

/** What someone (or a defect) might do to the file, with every guard taken away first. */
const DAMAGES: readonly (readonly [invariant: string, sql: string, detail: RegExp])[] = [
	['codes_known', 'DELETE FROM code WHERE voucher = 2', /voucher 2 has 0 codes/],
	['codes_known', 'DELETE FROM code WHERE gift = 1', /gift g1 has 0 codes/],
	['codes_known', 'DELETE FROM code WHERE voucher = 2; DELETE FROM voucher WHERE number = 2', /batch may has 1 of 2/],
	[
		'vouchers_credited_once',
		'UPDATE voucher SET account = NULL, opens = NULL, redeemed_wall_ms = NULL WHERE number = 1',
		/~voucher-may-1 was credited and not redeemed/,
	],
	[
		'vouchers_credited_once',
		'UPDATE voucher SET account = 1, opens = 0, redeemed_wall_ms = 1 WHERE number = 2',
		/~voucher-may-2 was redeemed and not credited/,
	],
	[
		'vouchers_credited_once',
		`UPDATE voucher_batch SET terms = json_set(terms, '$.amount', 999) WHERE id = 'may'`,
		/~voucher-may-1/,
	],
	[
		'vouchers_credited_once',
		`UPDATE voucher SET account = 3, opens = 1, redeemed_wall_ms = 1 WHERE batch = 2`,
		/~set-family was redeemed and not/,
	],
	['vouchers_fit', 'UPDATE voucher SET revoked_wall_ms = 1 WHERE number = 1', /voucher may 1/],
	['vouchers_fit', 'UPDATE voucher SET control = 1 WHERE number = 1', /voucher may 1/],
	['gifts_held', 'UPDATE gift SET amount = 31 WHERE number = 1', /byte: held 30, offered 31/],
	['gifts_held', "UPDATE gift SET state = 'returned', ended_wall_ms = 1 WHERE number = 1", /byte: held 30, offered 0/],
	['gifts_moved_once', 'UPDATE gift_part SET amount = 29 WHERE gift = 1', /gift g1/],
	['gifts_moved_once', 'UPDATE gift SET giver = 2 WHERE number = 2', /gift g2/],
	['gifts_moved_once', 'UPDATE gift_part SET ended = NULL WHERE gift = 2', /gift g2/],
	['gifts_moved_once', 'DELETE FROM gift_part WHERE gift = 1', /gift g1/],
];

for (const [invariant, sql, detail] of DAMAGES) {
	test(`${invariant} is reported when broken by: ${sql}`, (t) => {
		const { ledger, path } = temporaryLedger(t);
		ledger.createAccount({ id: ANN });
		ledger.topUp(bytesPackage('t1', 100));
		ledger.codes.createBatch(batchOf('may', 2));
		ledger.codes.redeem(redemptionOf('may-1'));
		ledger.codes.createBatch(batchOf('family', 2, { isSet: true }));
		ledger.codes.give(giftOf('g1', 30));
		ledger.codes.give(giftOf('g2', 30));
		ledger.codes.redeem(redemptionOf('gift g2', { account: ANN }));
		ledger.codes.give(giftOf('g3', 1));
		ledger.codes.returnGift('g3', AT);
		t.is(verifyLedger(path).broken, undefined);
		const raw = rawDatabase(t, path);
		raw.pragma('foreign_keys = OFF');
		raw.pragma('ignore_check_constraints = ON');
		const triggers = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[];
		for (const name of triggers) raw.exec(`DROP TRIGGER ${name}`);
		raw.exec(sql);
		const found = verifyLedger(path).checks.find(({ name }) => name === invariant);
		t.false(found?.ok);
		t.regex(found?.detail ?? '', detail);
	});
}

test('every invariant of the codes has a test that breaks it', (t) => {
	t.deepEqual(
		CODE_INVARIANTS.map(({ name }) => name).filter((name) => !DAMAGES.some(([broken]) => broken === name)),
		[],
	);
});
