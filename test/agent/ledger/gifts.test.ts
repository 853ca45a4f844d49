import test from 'ava';
import type { AccountId, WallMs } from '../../../agent/core/units.ts';
import { giftOf, redemptionOf } from './code-scenario.ts';
import { ANN, AT, bytesPackage, furnish, NOW, rawDatabase, temporaryLedger } from './temporary-ledger.ts';

const BOB = 'bob' as AccountId;
const DAY = 86_400;
const LATER = { ...AT, wallMs: (NOW + DAY * 1000) as WallMs, trustedWallMs: (NOW + DAY * 1000) as WallMs };

test('a gift leaves the giver at once, waits, and reaches the receiver with the rest of its validity', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.topUp(bytesPackage('soon', 100, { validForSeconds: DAY }));
	ledger.topUp(bytesPackage('late', 100, { validForSeconds: 10 * DAY }));
	t.like(ledger.codes.give(giftOf('g1', 150)), { answer: 'given', available: 50, gift: { state: 'offered' } });
	t.is(ledger.account(ANN)?.available.byte, 50);
	t.like(ledger.codes.give(giftOf('g1', 150)), { answer: 'exists' });
	t.like(ledger.codes.give(giftOf('g1', 151)), { answer: 'exists_with_different_values' });
	t.is(ledger.verify().broken, undefined);
	const claimed = ledger.codes.redeem(redemptionOf('gift g1', { account: BOB }));
	t.like(claimed, { answer: 'redeemed', kind: 'gift', account: BOB, opens: false });
	t.deepEqual(
		ledger.packages(BOB).map(({ amount, expiresAtWallMs }) => [amount, expiresAtWallMs]),
		[
			[50, NOW + DAY * 1000],
			[100, NOW + 10 * DAY * 1000],
		],
	);
	t.like(ledger.codes.redeem(redemptionOf('gift g1', { account: BOB })), { answer: 'returned' });
	t.like(ledger.codes.redeem(redemptionOf('gift g1', { account: ANN })), { answer: 'used' });
	t.deepEqual(
		ledger.history(BOB).map(({ reason, amount, package: id }) => [reason, amount, id]),
		[
			['gift_claimed', 50, '~gift-1-2-out'],
			['gift_claimed', 100, '~gift-1-1-out'],
		],
	);
	t.is(ledger.verify().broken, undefined);
});

test('a gift can be claimed by somebody without an account, who then has one', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 100));
	ledger.codes.give(giftOf('g1', 40));
	t.like(ledger.codes.redeem(redemptionOf('gift g1')), { answer: 'redeemed', account: 'gift-1', opens: true });
	t.like(ledger.codes.redeem(redemptionOf('gift g1')), { answer: 'returned', account: 'gift-1' });
	t.is(ledger.codes.devicesOf('gift-1' as AccountId), 1);
});

test('a gift that nobody claims comes back when its time is over, with all that it was', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 100, { atEnd: 'throttle', throttleBytesPerSecond: 9 }));
	ledger.codes.give(giftOf('g1', 40, { validForSeconds: DAY }));
	t.is(ledger.codes.nextReturn(), LATER.wallMs);
	t.deepEqual(ledger.codes.returnExpired(AT), []);
	t.deepEqual(ledger.codes.returnExpired({ ...LATER, trustedWallMs: null }), []);
	t.deepEqual(ledger.codes.redeem(redemptionOf('gift g1', { at: LATER })), { answer: 'expired' });
	t.like(ledger.codes.returnExpired(LATER), [{ id: 'g1', state: 'returned' }]);
	t.deepEqual(ledger.codes.redeem(redemptionOf('gift g1', { at: LATER })), { answer: 'void' });
	t.like(ledger.packages(ANN)[1], { amount: 40, atEnd: 'throttle', throttleBytesPerSecond: 9 });
	t.is(ledger.account(ANN)?.available.byte, 100);
	t.is(ledger.codes.nextReturn(), null);
	t.is(ledger.verify().broken, undefined);
});

test('only what is available and still valid can be given, and not by a blocked account', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	t.deepEqual(ledger.codes.give(giftOf('g1', 401)), { answer: 'too_little', available: 400 });
	t.deepEqual(ledger.codes.give(giftOf('g1', 1, { unit: 'second' })), { answer: 'too_little', available: 0 });
	t.deepEqual(ledger.codes.give(giftOf('g1', 1, { account: BOB })), { answer: 'not_found' });
	ledger.topUp(bytesPackage('t2', 50, { validForSeconds: DAY }));
	t.deepEqual(ledger.codes.give(giftOf('g1', 401, { at: LATER })), { answer: 'too_little', available: 400 });
	ledger.blockAccount(ANN, true);
	t.deepEqual(ledger.codes.give(giftOf('g1', 1)), { answer: 'account_blocked' });
	for (const amount of [0, -1, 1.5, Number.NaN])
		t.throws(() => ledger.codes.give(giftOf('g1', amount)), { code: 'invalid_value' });
	t.deepEqual(ledger.codes.gifts(ANN), []);
});

test('a gift given while the clock was not set keeps waiting for it', (t) => {
	const { ledger } = temporaryLedger(t);
	const unset = { ...AT, trustedWallMs: null };
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.topUp({ ...bytesPackage('t1', 100, { validForSeconds: DAY }), at: unset });
	ledger.codes.give(giftOf('g1', 100, { at: unset, validForSeconds: DAY }));
	ledger.codes.redeem(redemptionOf('gift g1', { account: BOB, at: unset }));
	t.is(ledger.packages(BOB)[0]?.expiresAtWallMs, undefined);
	ledger.settle({ epoch: 'e1', account: BOB, at: AT, readings: [], free: false, reserve: { byte: 0, second: 0 } });
	t.is(ledger.packages(BOB)[0]?.expiresAtWallMs, (NOW + DAY * 1000) as WallMs);
	t.is(ledger.verify().broken, undefined);
});

test('a gift is taken back by hand, once, and never ends twice', (t) => {
	const { ledger, path } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 100));
	ledger.codes.give(giftOf('g1', 100));
	t.is(ledger.codes.returnGift('g1', AT), 'changed');
	t.is(ledger.codes.returnGift('g1', AT), 'exists');
	t.is(ledger.codes.returnGift('g2', AT), 'not_found');
	t.is(ledger.account(ANN)?.available.byte, 100);
	t.throws(() => rawDatabase(t, path).exec("UPDATE gift SET state = 'claimed'"), { any: true, message: /ends once/ });
	t.is(ledger.codes.give(giftOf('g2', 1, { hash: giftOf('g1', 1).hash })).answer, 'code_taken');
	t.is(ledger.verify().broken, undefined);
});

test('what may be tethered of a package is shared with its gifts, and does not grow by them', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.topUp(bytesPackage('t1', 100, { tethered: { rule: 'blocked', afterBytes: 50 } }));
	ledger.codes.give(giftOf('g1', 40));
	ledger.codes.redeem(redemptionOf('gift g1', { account: BOB }));
	t.like(ledger.packages(BOB), { 0: { amount: 40, tethered: { rule: 'blocked', afterBytes: 20 } } });
	ledger.codes.give(giftOf('g2', 10, { validForSeconds: DAY }));
	ledger.codes.returnExpired(LATER);
	t.like(ledger.packages(ANN).at(-1), { amount: 10, tethered: { rule: 'blocked', afterBytes: 5 } });
	t.is(ledger.verify().broken, undefined);
});
