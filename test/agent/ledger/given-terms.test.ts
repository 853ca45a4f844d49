import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { giftOf, redemptionOf } from './code-scenario.ts';
import { ANN, AT, bytesPackage, temporaryLedger } from './temporary-ledger.ts';

const BOB = 'bob' as AccountId;
const EVE = 'eve' as AccountId;

function giveSlice(ledger: Ledger, account: AccountId, amount: number): void {
	ledger.carrier.giveSlice({ id: `slice-${account}`, account, amount, validForSeconds: 500, at: AT });
}

function take(ledger: Ledger, amount: number) {
	const code = `permit-${amount}`;
	ledger.permit({ code, giver: ANN, taker: BOB, unit: 'byte', amount, at: AT });
	return ledger.take({ transferId: `taken-${amount}`, code, taker: BOB, at: AT });
}

test("a slice of the platform's cannot be given away, by code or by permission; what is beside it can", (t) => {
	const { ledger } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	giveSlice(ledger, ANN, 500);
	t.like(ledger.codes.give(giftOf('g1', 1)), { answer: 'too_little', available: 0 });
	t.throws(() => take(ledger, 1), { code: 'not_allowed', message: /cannot give 1/ });
	ledger.topUp(bytesPackage('t1', 100));
	t.like(ledger.codes.give(giftOf('g2', 101)), { answer: 'too_little', available: 100 });
	t.throws(() => take(ledger, 101), { code: 'not_allowed' });
	t.like(ledger.codes.give(giftOf('g3', 40)), { answer: 'given', available: 60 });
	t.like(take(ledger, 60), { answer: 'created' });
	t.is(ledger.account(ANN)?.available.byte, 500);
	t.is(ledger.carrier.slices(ANN)[0]?.remaining, 500);
	t.is(ledger.verify().broken, undefined);
});

test("nor can a member let others take what is a slice of its group's", (t) => {
	const { ledger } = temporaryLedger(t);
	const family = 'family' as AccountId;
	for (const id of [ANN, BOB, family]) ledger.createAccount({ id });
	for (const account of [ANN, BOB]) ledger.joinGroup({ group: family, account, allowance: {} });
	giveSlice(ledger, family, 500);
	t.throws(() => take(ledger, 1), { code: 'not_allowed' });
	ledger.topUp({ ...bytesPackage('t1', 100), account: family });
	t.throws(() => take(ledger, 101), { code: 'not_allowed' });
	t.like(take(ledger, 100), { answer: 'created' });
	t.is(ledger.account(family)?.available.byte, 500);
	t.is(ledger.verify().broken, undefined);
});

test('what is given keeps the speed that it was sold with, whatever its speed is by command for now', (t) => {
	const { ledger } = temporaryLedger(t);
	for (const id of [ANN, BOB, EVE]) ledger.createAccount({ id });
	const sold = { upBytesPerSecond: 7, downBytesPerSecond: 8 };
	const slowed = { upBytesPerSecond: 1, downBytesPerSecond: 1 };
	ledger.topUp(bytesPackage('t1', 100, { pace: sold }));
	ledger.carrier.changeTerms(ANN, { pace: slowed });
	ledger.codes.give(giftOf('claimed', 20));
	ledger.codes.give(giftOf('back', 30));
	t.like(ledger.codes.redeem(redemptionOf('gift claimed', { account: EVE })), { answer: 'redeemed' });
	t.is(ledger.codes.returnGift('back', AT), 'changed');
	take(ledger, 10);
	const paces = () => [ANN, BOB, EVE].map((id) => ledger.packages(id).map(({ pace }) => pace));
	t.deepEqual(paces(), [[slowed, slowed], [slowed], [slowed]]);
	for (const id of [ANN, BOB, EVE]) ledger.carrier.changeTerms(id, { pace: {} });
	t.deepEqual(paces(), [[sold, sold], [sold], [sold]]);
	t.is(ledger.verify().broken, undefined);
});
