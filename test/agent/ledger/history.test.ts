import test from 'ava';
import type { AccountId, BootMs } from '../../../agent/core/units.ts';
import { ANN, AT, bytesPackage, furnish, NOW, openAnn, settleAnn, temporaryLedger } from './temporary-ledger.ts';

test('history is newest first, readable, and limited', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(30, 600));
	t.deepEqual(ledger.history(ANN), [
		{
			sequence: 3,
			id: '~3',
			kind: 'post',
			reason: 'used',
			text: 'used and paid',
			unit: 'byte',
			amount: 30,
			package: 't1',
			planName: 'bytes',
			grant: '~2',
			session: 's7',
			wallMs: NOW,
		},
		{
			sequence: 1,
			id: 't1',
			kind: 'transfer',
			reason: 'topup',
			text: 'bought',
			unit: 'byte',
			amount: 1000,
			package: 't1',
			planName: 'bytes',
			wallMs: NOW,
		},
	]);
	t.deepEqual(
		ledger.history(ANN, { limit: 1 }).map(({ id }) => id),
		['~3'],
	);
	t.deepEqual(
		ledger.history(ANN, { reservations: true }).map(({ id, reason }) => `${id} ${reason}`),
		['~4 grant', '~3 used', '~2 grant', 't1 topup'],
	);
});

test('history of one account never shows another', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	const bob = 'bob' as AccountId;
	ledger.createAccount({ id: bob });
	ledger.topUp({ ...bytesPackage('t2', 5), account: bob });
	ledger.settle(settleAnn(30, 600));
	t.deepEqual(
		ledger.history(bob).map(({ id }) => id),
		['t2'],
	);
	t.is(ledger.history(ANN).length, 2);
});

test('an unknown account and a limit out of range are refused', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	t.like(
		t.throws(() => ledger.history('eve' as AccountId)),
		{ code: 'not_found' },
	);
	for (const limit of [0, -1, 1.5, 10_001]) {
		t.like(
			t.throws(() => ledger.history(ANN, { limit })),
			{ code: 'invalid_value' },
		);
	}
});

test("the ledger's own transfers take their ids from the maker that it is given", (t) => {
	const { ledger } = temporaryLedger(t, { transferIdOf: (sequence) => `ap-1/${sequence}` });
	furnish(ledger);
	t.is(ledger.history(ANN, { reservations: true })[0]?.id, 'ap-1/2');
});

test('up to when a unit was charged is told on the boot clock of its epoch', (t) => {
	const { ledger } = temporaryLedger(t);
	const at = (bootMs: number) => ({ at: { ...AT, bootMs: bootMs as BootMs } });
	const { epoch } = settleAnn(0, 0);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('t1', 1000));
	t.is(ledger.lastSettled(ANN, 'byte', epoch), null, 'a top-up belongs to no epoch');
	openAnn(ledger);
	ledger.settle(settleAnn(0, 600, at(6000)));
	ledger.settle(settleAnn(30, 600, at(7000)));
	t.is(ledger.lastSettled(ANN, 'byte', epoch) as number | null, 7000);
	ledger.settle(settleAnn(30, 600, at(8000)));
	t.is(ledger.lastSettled(ANN, 'byte', epoch) as number | null, 7000, 'what changed nothing was not written');
	t.is(ledger.lastSettled(ANN, 'second', epoch), null);
	t.is(ledger.lastSettled(ANN, 'byte', 'epoch-of-another-life'), null);
	t.throws(() => ledger.lastSettled('eve' as AccountId, 'byte', epoch), { code: 'not_found' } as object);
});
