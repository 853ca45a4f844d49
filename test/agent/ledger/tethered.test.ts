import test from 'ava';
import fc from 'fast-check';
import type { MeterId } from '../../../agent/core/units.ts';
import { ClassSplit } from '../../../agent/ledger/class-split.ts';
import type { SettleRequest } from '../../../agent/ledger/settle.ts';
import { ANN, bytesPackage, MAC, openAnn, settleAnn, temporaryLedger } from './temporary-ledger.ts';

const METER = 7 as MeterId;
const behind = (up: number, more: Partial<SettleRequest> = {}) => ({
	tethered: [{ meter: METER, up, down: 0 }],
	...more,
});

test('tethered bytes are paid from the same packages, and every book says how many of them there were', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 1000));
	ledger.topUp(bytesPackage('t2', 1000));
	openAnn(ledger);
	const granted = ledger.settle(settleAnn(0, 500));
	t.deepEqual(granted.tethered, { package: 't1', usedBytes: 0 });
	const settled = ledger.settle(settleAnn(300, 500, behind(200)));
	t.like(settled, { usedBytes: 500, paidBytes: 500, overrunBytes: 0, tethered: { package: 't1', usedBytes: 200 } });
	t.deepEqual(settled.own, { package: 't1', usedBytes: 300 });
	t.like(ledger.openSessions(), { 0: { upBytes: 300, tetheredUpBytes: 200, tetheredDownBytes: 0 } });
	// Over the end of the first package.
	t.like(ledger.settle(settleAnn(700, 100, behind(500))), {
		paidBytes: 700,
		own: { package: 't2', usedBytes: 0 },
		tethered: { package: 't2', usedBytes: 200 },
	});
	t.false(ledger.settle(settleAnn(700, 100, behind(500))).written, 'nothing new');
	t.is(ledger.account(ANN)?.used.byte, 1200);
	t.like(ledger.records(ANN), { 0: { upBytes: 1200, tetheredBytes: 500 } });
	const lines = ledger.receipt('s7').lines;
	t.deepEqual(
		lines.map(({ amount, tetheredBytes = 0 }) => [amount, tetheredBytes]),
		[
			[1000, 300],
			[200, 200],
		],
	);
	const used = ledger.history(ANN).filter(({ reason }) => reason === 'used');
	t.is(
		used.reduce((sum, { tetheredBytes = 0 }) => sum + tetheredBytes, 0),
		500,
	);
	t.is(ledger.verify().broken, undefined);
	t.throws(() => ledger.settle(settleAnn(700, 100, behind(499))), { code: 'ledger_broken' });
});

test('bytes that nobody pays for have a class too: included in time, slowed, and beyond what was granted', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 100, { unit: 'second' }));
	openAnn(ledger);
	const time = (up: number, seconds: number, tethered: number) =>
		ledger.settle(
			settleAnn(up, 0, {
				...behind(tethered),
				elapsed: [{ meter: METER, seconds }],
				free: 'included',
				reserve: { byte: 0, second: 50 },
			}),
		);
	time(0, 0, 0);
	t.like(time(10_000, 10, 4000), {
		own: { package: 't1', usedBytes: 10_000 },
		tethered: { package: 't1', usedBytes: 4000 },
	});
	ledger.settle(settleAnn(10_500, 0, behind(4100, { free: 'throttled' })));
	ledger.settle(settleAnn(10_600, 0, behind(4150)));
	t.deepEqual(
		ledger
			.explain({ session: 's7' })
			.records[0]?.items.map(({ reason, amount, tetheredBytes }) => [reason, amount, tetheredBytes]),
		[
			['used', 10, undefined],
			['included', 14_000, 4000],
			['throttled', 600, 100],
			['overrun', 150, 50],
		],
	);
	t.is(ledger.verify().broken, undefined);
});

test('a wallet pays for tethered bytes by its tariff', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	const tariff = { name: 'per-byte', unit: 'byte' as const, priceMicro: 1, per: 1, free: 0, first: 1, step: 1 };
	ledger.topUp(bytesPackage('t1', 100_000, { unit: 'micro', tariff }));
	openAnn(ledger);
	ledger.settle(settleAnn(0, 5000));
	t.like(ledger.settle(settleAnn(600, 5000, behind(400))), {
		paidBytes: 1000,
		costMicro: 1000,
		own: { package: 't1', usedBytes: 600 },
		tethered: { package: 't1', usedBytes: 400 },
	});
	t.like(ledger.receipt('s7').lines, { 0: { amount: 1000, tetheredBytes: 400, costMicro: 1000 } });
	t.is(ledger.verify().broken, undefined);
});

for (const of of ['own', 'tethered'] as const) {
	test(`the policy of a package for ${of} flows comes with what is granted of it, and with all that is made of it`, (t) => {
		const { ledger } = temporaryLedger(t);
		ledger.createAccount({ id: ANN });
		const policy = { rule: 'slowed', bytesPerSecond: 125_000, afterBytes: 5000 } as const;
		ledger.topUp(bytesPackage('t1', 1000, { [of]: policy }));
		openAnn(ledger);
		t.deepEqual(ledger.settle(settleAnn(0, 500))[of], { package: 't1', usedBytes: 0, policy });
		t.deepEqual(ledger.packages(ANN)[0]?.[of], policy);
		t.is(ledger.topUp(bytesPackage('t1', 1000, { [of]: policy })).answer, 'exists');
		t.is(ledger.topUp(bytesPackage('t1', 1000)).answer, 'exists_with_different_values');
		for (const wrong of [
			{ rule: 'slowed' },
			{ rule: 'blocked', bytesPerSecond: 5 },
			{ rule: 'allowed', afterBytes: 5 },
			{ rule: 'slowed', bytesPerSecond: 0 },
			{ rule: 'faster' },
			...(of === 'own' ? [{ rule: 'blocked' }] : []),
		]) {
			t.throws(() => ledger.topUp(bytesPackage('t2', 1000, { [of]: wrong as unknown as typeof policy })), {
				code: 'invalid_value',
			});
		}
	});
}

test('pins are kept, changed and taken back', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.pin(MAC, 'own');
	ledger.pin(MAC, 'tethered');
	t.deepEqual([...ledger.pins()], [[MAC, 'tethered']]);
	ledger.pin(MAC, undefined);
	ledger.pin(MAC, undefined);
	t.is(ledger.pins().size, 0);
});

test('a split gives every byte one class, and the sums are those of the session', (t) => {
	fc.assert(
		fc.property(fc.array(fc.nat(50), { minLength: 1 }), fc.nat(1000), (parts, wished) => {
			const byte = parts.reduce((sum, part) => sum + part, 0);
			const tethered = Math.min(wished, byte);
			const split = new ClassSplit([{ session: 1, byte, second: 0, tethered }]);
			const taken = parts.map((part) => split.take(1, part));
			t.true(taken.every((part, index) => part >= 0 && part <= (parts[index] as number)));
			t.is(
				taken.reduce((sum, part) => sum + part, 0),
				tethered,
			);
		}),
	);
});
