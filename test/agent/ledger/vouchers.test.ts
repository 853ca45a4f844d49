import test from 'ava';
import type { AccountId, MacAddress, WallMs } from '../../../agent/core/units.ts';
import { batchOf, giftOf, hashOf, redemptionOf } from './code-scenario.ts';
import { ANN, AT, bytesPackage, NOW, rawDatabase, temporaryLedger } from './temporary-ledger.ts';

const BOB = 'bob' as AccountId;
const LATER = { ...AT, wallMs: (NOW + 1000) as WallMs, trustedWallMs: (NOW + 1000) as WallMs };

test('a code makes an account with its credit, once, and finds it again', (t) => {
	const { ledger } = temporaryLedger(t);
	t.is(ledger.codes.createBatch(batchOf('may', 3)), 'created');
	const redeemed = ledger.codes.redeem(redemptionOf('may-2'));
	t.like(redeemed, { answer: 'redeemed', kind: 'voucher', account: 'may-2', opens: true, devices: 1 });
	t.is(ledger.account('may-2' as AccountId)?.available.byte, 1000);
	t.like(ledger.codes.redeem(redemptionOf('may-2')), { answer: 'returned', account: 'may-2', opens: true });
	t.is(ledger.account('may-2' as AccountId)?.available.byte, 1000);
	t.deepEqual(ledger.codes.batch('may')?.states, { redeemed: 1, blocked: 0, void: 0, expired: 0, unused: 2 });
	t.is(ledger.verify().broken, undefined);
});

test('a code that tops up an account is used up, and no key to it', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.codes.createBatch(batchOf('may', 1));
	const request = redemptionOf('may-1', { account: ANN });
	t.like(ledger.codes.redeem(request), { answer: 'redeemed', account: ANN, opens: false });
	t.like(ledger.codes.redeem(request), { answer: 'returned', account: ANN });
	t.like(ledger.codes.redeem(redemptionOf('may-1', { account: BOB })), { answer: 'used', redeemedWallMs: NOW });
	t.like(ledger.codes.redeem(redemptionOf('may-1')), { answer: 'used' });
	t.is(ledger.account(ANN)?.available.byte, 1000);
	t.is(ledger.codes.devicesOf(ANN), null);
	t.is(ledger.verify().broken, undefined);
});

test('unknown, void and expired codes credit nothing, and say why', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.codes.createBatch(batchOf('may', 2, { validUntilWallMs: (NOW + 500) as WallMs }));
	t.deepEqual(ledger.codes.redeem(redemptionOf('may-9')), { answer: 'unknown' });
	t.deepEqual(ledger.codes.redeem(redemptionOf('may-1', { account: BOB })), { answer: 'no_account' });
	t.deepEqual(ledger.codes.void('may', 1, AT), { answer: 'changed', voided: 1 });
	t.deepEqual(ledger.codes.void('may', 1, AT), { answer: 'exists', voided: 0 });
	t.deepEqual(ledger.codes.redeem(redemptionOf('may-1')), { answer: 'void' });
	t.deepEqual(ledger.codes.redeem(redemptionOf('may-2', { at: LATER })), { answer: 'expired' });
	t.deepEqual(
		ledger.codes.vouchers('may', LATER.wallMs).map(({ state }) => state),
		['void', 'expired'],
	);
	t.like(ledger.codes.redeem(redemptionOf('may-2', { at: { ...LATER, trustedWallMs: null } })), { answer: 'redeemed' });
	t.deepEqual(
		ledger.accounts().map(({ id }) => id),
		['may-2'],
	);
	t.is(ledger.verify().broken, undefined);
});

test('what was printed is what is sold, whatever an operator named before', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: 'may-1' as AccountId });
	ledger.codes.createBatch(batchOf('may', 1));
	t.like(ledger.codes.redeem(redemptionOf('may-1')), { answer: 'redeemed', account: 'may-1.2' });
	t.is(ledger.account('may-1' as AccountId)?.available.byte, 0);
	t.like(ledger.codes.redeem(redemptionOf('may-1')), { answer: 'returned', account: 'may-1.2' });
});

test('a batch is made once, whole, and no two codes are the same', (t) => {
	const { ledger } = temporaryLedger(t);
	t.is(ledger.codes.createBatch(batchOf('may', 2)), 'created');
	t.is(ledger.codes.createBatch(batchOf('may', 2)), 'exists_with_different_values');
	t.is(ledger.codes.createBatch(batchOf('june', 1, { hashes: [hashOf('new'), hashOf('may-1')] })), 'code_taken');
	t.is(ledger.codes.batch('june'), undefined);
	t.throws(() => ledger.codes.createBatch(batchOf('july', 1, { hashes: [hashOf('a'), hashOf('a')] })));
	t.is(ledger.codes.batch('july'), undefined);
	for (const wrong of [{ id: 'Büro' }, { devices: 0 }, { hashes: [] }, { hashes: [new Uint8Array(15)] }])
		t.throws(() => ledger.codes.createBatch(batchOf('x', 1, wrong)), { code: 'invalid_value' });
});

test('the cards of a set share one account that is credited once', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.codes.createBatch(batchOf('family', 3, { isSet: true, devices: 2 }));
	t.like(ledger.codes.redeem(redemptionOf('family-2')), { answer: 'redeemed', kind: 'card', account: 'family' });
	const control = ledger.codes.redeem(redemptionOf('family-1'));
	t.like(control, { answer: 'redeemed', card: { set: 'family', serial: 1, isControl: true }, packages: [] });
	t.like(ledger.codes.redeem(redemptionOf('family-2')), { answer: 'returned', account: 'family' });
	t.is(ledger.account('family' as AccountId)?.available.byte, 1000);
	t.is(ledger.codes.devicesOf('family' as AccountId), 6);
	t.is(ledger.codes.blockCard('family', 2, true, AT), 'changed');
	t.is(ledger.codes.blockCard('family', 2, true, AT), 'exists');
	t.deepEqual(ledger.codes.redeem(redemptionOf('family-2')), { answer: 'blocked' });
	t.is(ledger.codes.blockCard('family', 2, false, AT), 'changed');
	t.like(ledger.codes.redeem(redemptionOf('family-2')), { answer: 'returned' });
	ledger.createAccount({ id: ANN });
	t.deepEqual(ledger.codes.redeem(redemptionOf('family-3', { account: ANN })), { answer: 'bound' });
	t.is(ledger.codes.createBatch(batchOf('ann', 2, { isSet: true })), 'account_taken');
	t.is(ledger.verify().broken, undefined);
});

test('a set recharges with any voucher, and remembers which station came with which card', (t) => {
	const { ledger } = temporaryLedger(t);
	const mac = '02:00:5e:10:00:09' as MacAddress;
	ledger.codes.createBatch(batchOf('family', 2, { isSet: true }));
	ledger.codes.createBatch(batchOf('may', 1));
	ledger.codes.redeem(redemptionOf('family-1'));
	ledger.codes.redeem(redemptionOf('may-1', { account: 'family' as AccountId }));
	t.is(ledger.account('family' as AccountId)?.available.byte, 2000);
	ledger.codes.cameWithCard(mac, 'family', 1);
	ledger.codes.cameWithCard(mac, 'family', 2);
	t.deepEqual(ledger.codes.stationsOfCard('family', 2), [mac]);
	t.deepEqual(ledger.codes.stationsOfCard('family', 1), []);
	t.deepEqual(ledger.codes.cardOf(mac), { set: 'family', serial: 2 });
	t.is(ledger.verify().broken, undefined);
});

test('the database itself refuses a second redemption, and verify finds a missing credit', (t) => {
	const { ledger, path } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.codes.createBatch(batchOf('may', 2));
	ledger.codes.redeem(redemptionOf('may-1'));
	const raw = rawDatabase(t, path);
	t.throws(() => raw.exec('UPDATE voucher SET redeemed_wall_ms = 1 WHERE serial = 1'), {
		any: true,
		message: /redeemed once/,
	});
	t.throws(() => raw.exec('DELETE FROM voucher'), { any: true, message: /never deleted/ });
	raw.exec('UPDATE voucher SET account = 1, opens = 0, redeemed_wall_ms = 1 WHERE serial = 2');
	t.is(ledger.verify().broken, 'vouchers_credited_once');
});

test('every redeemed code is an account, and counting them is cheap', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.codes.createBatch(batchOf('may', 3));
	for (const code of ['may-1', 'may-2', 'may-3']) ledger.codes.redeem(redemptionOf(code));
	t.is(ledger.accountCount(), 3);
	t.is(ledger.accounts().length, 3);
});

test('a voucher that cannot be credited is not redeemed', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('much', 2 ** 50));
	ledger.codes.createBatch(batchOf('may', 1));
	t.throws(() => ledger.codes.redeem(redemptionOf('may-1', { account: ANN })), { code: 'invalid_value' });
	t.like(ledger.codes.batch('may')?.states, { unused: 1, redeemed: 0 });
	t.like(ledger.codes.redeem(redemptionOf('may-1')), { answer: 'redeemed' });
	t.is(ledger.verify().broken, undefined);
});

test('a key is bound once', (t) => {
	const { ledger } = temporaryLedger(t);
	t.false(ledger.codes.hasKey());
	t.is(ledger.codes.bindKey(Buffer.alloc(8, 1)), 'created');
	t.is(ledger.codes.bindKey(Buffer.alloc(8, 1)), 'exists');
	t.is(ledger.codes.bindKey(Buffer.alloc(8, 2)), 'exists_with_different_values');
	t.true(ledger.codes.hasKey());
});

test('a device that is handed over leaves a record', (t) => {
	const { ledger } = temporaryLedger(t);
	const mac = '02:00:5e:10:00:09' as MacAddress;
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.topUp(bytesPackage('t1', 5));
	ledger.codes.recordHandover({ mac, to: ANN, how: 'pairing' }, AT);
	ledger.codes.recordHandover({ mac, from: ANN, to: BOB, how: 'operator' }, AT);
	t.deepEqual(ledger.codes.handovers(mac), [
		{ mac, from: ANN, to: BOB, how: 'operator', wallMs: NOW },
		{ mac, to: ANN, how: 'pairing', wallMs: NOW },
	]);
	t.deepEqual(ledger.codes.handovers('02:00:5e:10:00:0a' as MacAddress), []);
});

test('the chance of a hit is that of all batches together, also of used codes, and of gifts', (t) => {
	const { ledger } = temporaryLedger(t);
	t.is(ledger.codes.hitChance(1000), 0);
	ledger.codes.createBatch(batchOf('may', 3, { codeSpace: 1e6 }));
	ledger.codes.createBatch(batchOf('june', 5, { codeSpace: 1e7 }));
	ledger.codes.createBatch(batchOf('older', 2));
	ledger.codes.redeem(redemptionOf('may-1'));
	t.is(ledger.codes.hitChance(1000), 3 / 1e6 + 5 / 1e7 + 2 / 1000);
	ledger.codes.give({ ...giftOf('g', 1), account: 'may-1' as AccountId });
	t.true(Math.abs(ledger.codes.hitChance(1000) - (3 / 1e6 + 5 / 1e7 + 3 / 1000)) < 1e-12);
});
