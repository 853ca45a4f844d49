import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, AT, bytesPackage, furnish, settleAnn, temporaryLedger } from './temporary-ledger.ts';

test('a holding is what is left, granted or not, with its open grants', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(100, 500));
	const holding = ledger.overview.holding(ANN);
	t.is(holding.byte, 900);
	t.is(holding.byteBought, 1000);
	t.is(holding.second, 0);
	t.deepEqual(
		holding.grants.map(({ unit, amount, plan }) => [unit, amount, plan]),
		[['byte', 500, 'bytes']],
	);
	t.deepEqual([...ledger.overview.holdings().values()], [holding]);
});

test('who holds nothing has no holding', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	t.is(ledger.overview.holdings().size, 0);
	t.is(ledger.overview.holding(ANN).byte, 0);
});

test('what changed is found by the numbers of the transfers', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	const { overview } = ledger;
	const before = overview.newest();
	t.deepEqual(overview.changedSince(before), []);
	t.false(overview.hasPurchaseSince(before));
	const bob = 'bob' as AccountId;
	ledger.createAccount({ id: bob });
	ledger.topUp({ ...bytesPackage('t2', 5), account: bob });
	t.deepEqual(overview.changedSince(before), [bob]);
	t.true(overview.hasPurchaseSince(before));
	t.deepEqual(overview.transfersSince(before, 10), [
		{
			sequence: overview.newest(),
			id: 't2',
			account: bob,
			reason: 'topup',
			text: 'bought',
			unit: 'byte',
			amount: 5,
			plan: 'bytes',
			atMs: AT.wallMs,
		},
	]);
});

test('recent transfers are newest first, bounded, and without reservations', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(100, 500));
	ledger.settle(settleAnn(300, 500));
	const reasons = (limit: number) => ledger.overview.transfersSince(0, limit).map(({ reason }) => reason);
	t.deepEqual(reasons(10), ['used', 'used', 'topup']);
	t.deepEqual(reasons(1), ['used']);
});

test('sales are counted by plan from a moment on', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.topUp(bytesPackage('t2', 500));
	ledger.topUp(bytesPackage('t3', 60, { unit: 'second', planName: 'minute' }));
	t.deepEqual(ledger.overview.salesSince(AT.wallMs), [
		{ plan: 'bytes', unit: 'byte', count: 2, amount: 1500 },
		{ plan: 'minute', unit: 'second', count: 1, amount: 60 },
	]);
	t.deepEqual(ledger.overview.salesSince(AT.wallMs + 1), []);
});

test('the totals are those of the house', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(1200, 500));
	t.deepEqual(ledger.overview.totals(), {
		byte: { sold: 1000, spent: 1000, unpaid: 200, expired: 0, granted: 0 },
		second: { sold: 0, spent: 0, unpaid: 0, expired: 0, granted: 0 },
		micro: { sold: 0, spent: 0, unpaid: 0, expired: 0, granted: 0 },
	});
	t.true(ledger.verify().ok);
});

test('who is blocked is known at once, though no transfer tells', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	t.false(ledger.overview.isBlocked(ANN));
	ledger.blockAccount(ANN, true);
	t.true(ledger.overview.isBlocked(ANN));
	ledger.blockAccount(ANN, false);
	t.false(ledger.overview.isBlocked(ANN));
});
