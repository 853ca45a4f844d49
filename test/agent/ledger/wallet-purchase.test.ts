import test, { type ExecutionContext } from 'ava';
import type { AccountId, MeterId } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { BuyRequest } from '../../../agent/ledger/wallet-purchase.ts';
import { giftOf, redemptionOf } from './code-scenario.ts';
import { ANN, AT, bytesPackage, openAnn, settleAnn, temporaryLedger } from './temporary-ledger.ts';

const BOB = 'bob' as AccountId;
const PER_BYTE = { name: 'data', unit: 'byte', priceMicro: 1, per: 1, free: 0, first: 1, step: 1 } as const;

/** Ann has 100 and 50 micro. */
function withMoney(t: ExecutionContext): Ledger {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	for (const [id, amount] of [
		['coins', 100],
		['more', 50],
	] as const) {
		ledger.topUp(bytesPackage(id, amount, { unit: 'micro', planName: id, tariff: PER_BYTE }));
	}
	return ledger;
}

function buy(transferId: string, priceMicro: number, more: Partial<BuyRequest['package']> = {}): BuyRequest {
	return { ...bytesPackage(transferId, 1000, more), priceMicro };
}

test('a plan is paid from the wallet in the order in which it is spent, and credited with it', (t) => {
	const ledger = withMoney(t);
	t.like(ledger.buy(buy('b1', 120)), { answer: 'created', package: { id: 'b1', remaining: 1000 } });
	t.like(ledger.account(ANN), { available: { byte: 1000, micro: 30 }, used: { micro: 0 } });
	t.like(ledger.overview.totals().micro, { sold: 150, spent: 120 });
	t.deepEqual(
		ledger.history(ANN).map(({ reason, unit, amount, planName }) => `${reason} ${amount} ${unit} ${planName}`),
		[
			'spent 20 micro more',
			'spent 100 micro coins',
			'topup 1000 byte bytes',
			'topup 50 micro more',
			'topup 100 micro coins',
		],
	);
	t.is(ledger.verify().broken, undefined);
});

test('asking twice pays once; with another plan it is refused', (t) => {
	const ledger = withMoney(t);
	ledger.buy(buy('b1', 60));
	t.is(ledger.buy(buy('b1', 60)).answer, 'exists');
	t.is(ledger.buy(buy('b1', 60, { planName: 'other' })).answer, 'exists_with_different_values');
	t.like(ledger.account(ANN), { available: { byte: 1000, micro: 90 } });
});

test('with too little money nothing is moved, and the answer says what there is', (t) => {
	const ledger = withMoney(t);
	t.deepEqual(ledger.buy(buy('b1', 151)), { answer: 'too_little', availableMicro: 150 });
	t.is(ledger.buy({ ...buy('b2', 1), account: 'nobody' as AccountId }).answer, 'not_found');
	t.is(ledger.buy(buy('b3', 1, { addOn: true, validForSeconds: 60 })).answer, 'nothing_to_extend');
	t.like(ledger.account(ANN), { available: { byte: 0, micro: 150 } });
	t.is(ledger.history(ANN).length, 2);
});

test('what is reserved for running traffic cannot be spent on a plan', (t) => {
	const ledger = withMoney(t);
	openAnn(ledger);
	ledger.settle(settleAnn(0, 140));
	t.like(ledger.buy(buy('b1', 11)), { answer: 'too_little', availableMicro: 10 });
	t.is(ledger.buy(buy('b2', 10)).answer, 'created');
	t.is(ledger.verify().broken, undefined);
});

test('money is not bought with money, and a price is a whole number above nothing', (t) => {
	const ledger = withMoney(t);
	for (const wrong of [buy('b1', 0), buy('b1', 1.5), buy('b1', 1, { unit: 'micro', tariff: PER_BYTE })]) {
		t.like(
			t.throws(() => ledger.buy(wrong)),
			{ code: 'invalid_value' },
		);
	}
});

test('an alert hears of money that was spent on a plan', (t) => {
	const ledger = withMoney(t);
	ledger.setAlert({ account: ANN, id: 'low', unit: 'micro', remaining: 40 }, AT);
	ledger.buy(buy('b1', 109));
	t.is(ledger.alerts(ANN)[0]?.state, 'armed');
	ledger.buy(buy('b2', 1));
	t.is(ledger.alerts(ANN)[0]?.state, 'raised');
});

test('given money is spent by the tariff of the giver, where the receiver has none', (t) => {
	const ledger = withMoney(t);
	ledger.codes.give({ ...giftOf('g1', 70), unit: 'micro' });
	t.like(ledger.codes.redeem(redemptionOf('gift g1', { account: BOB })), { answer: 'redeemed' });
	t.like(ledger.account(BOB), { available: { micro: 70 }, tariff: 'data' });
	t.is(ledger.packages(BOB)[0]?.tariff, 'data');
	const mac = '02:00:5e:10:00:02' as never;
	ledger.openSession({ session: 's9', mac, account: BOB, meter: 9 as MeterId, epoch: 'e1', at: AT });
	const readings = [{ meter: 9 as MeterId, up: 0, down: 0 }];
	const granted = ledger.settle({ ...settleAnn(0, 500), account: BOB, readings });
	t.is(granted.granted.byte, 70);
	t.is(ledger.verify().broken, undefined);
});

test('a gift takes the limit of stations along', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: BOB });
	ledger.topUp(bytesPackage('t1', 100, { stationsMax: 2 }));
	ledger.codes.give(giftOf('g1', 40));
	ledger.codes.redeem(redemptionOf('gift g1', { account: BOB }));
	t.is(ledger.packages(BOB)[0]?.stationsMax, 2);
});

test('a device keeps its name over a restart, and one that makes no sense is refused', (t) => {
	const ledger = withMoney(t);
	const mac = '02:00:5e:10:00:01' as never;
	t.is(ledger.deviceName(mac), undefined);
	t.is(ledger.nameDevice(mac, '<b>Phone'), 'created');
	t.is(ledger.nameDevice(mac, '<b>Phone'), 'exists');
	t.is(ledger.nameDevice(mac, 'Ann’s'), 'changed');
	t.is(ledger.deviceName(mac), 'Ann’s');
	for (const name of ['', 'x'.repeat(65)]) {
		t.like(
			t.throws(() => ledger.nameDevice(mac, name)),
			{ code: 'invalid_value' },
		);
	}
});
