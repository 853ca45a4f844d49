import test from 'ava';
import type { MeterId } from '../../../agent/core/units.ts';
import {
	ANN,
	AT,
	bytesPackage,
	furnish,
	openAnn,
	rawDatabase,
	settleAnn,
	temporaryLedger,
} from './temporary-ledger.ts';

const METER = 7 as MeterId;
const END = { endsRecords: true } as const;

function zeroRated(down: number) {
	return { zeroRated: [{ meter: METER, up: 0, down }] };
}

test('what is free for everybody after the end is in a record of its own, and the ended one stays as it was', (t) => {
	const { ledger, path } = temporaryLedger(t, { newSessionId: () => 'next' });
	furnish(ledger);
	ledger.settle(settleAnn(600, 0, zeroRated(50)));
	ledger.settle(settleAnn(1000, 0, zeroRated(50)));
	t.like(ledger.settle(settleAnn(1000, 0, { ...END, ...zeroRated(50) })), {
		written: true,
		usedBytes: 0,
		followed: undefined,
	});
	const [ended] = ledger.records(ANN);
	t.like(ended, { session: 's7', upBytes: 1000, downBytes: 50, endWallMs: AT.wallMs, endReason: 'used up' });
	t.like(ledger.openSessions(), [{ id: 's7', checkpoints: { up: 1000, down: 0, free: { up: 0, down: 50 } } }]);
	t.is(ledger.openSessions().length, 1, 'its station is attached');
	t.false(ledger.settle(settleAnn(1000, 0, { ...END, ...zeroRated(50) })).written, 'nothing new, nothing ends twice');
	t.deepEqual([...(ledger.settle(settleAnn(1000, 0, zeroRated(80))).followed ?? [])], [[METER, 'next']]);
	ledger.settle(settleAnn(1000, 0, { ...END, ...zeroRated(90) }));
	t.is(ledger.closeSession('next', 'left', AT), 'changed');
	t.is(ledger.closeSession('s7', 'left', AT), 'exists');
	const [next, before] = ledger.records(ANN);
	t.deepEqual(before, ended);
	t.like(next, { session: 'next', mac: ended?.mac, upBytes: 0, downBytes: 40, endReason: 'left' });
	t.deepEqual(ledger.openSessions(), []);
	t.is(ledger.verify().broken, undefined);
	rawDatabase(t, path).exec("UPDATE session SET closed_wall_ms = NULL, close_reason = NULL WHERE id = 'next'");
	t.is(ledger.verify().broken, 'checkpoints_fit');
});

test('what nobody granted after the end is charged to the next record, never to the ended one', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(1000, 0, END));
	t.like(ledger.settle(settleAnn(1030, 0)), { overrunBytes: 30 });
	t.deepEqual(
		ledger.records(ANN).map(({ upBytes }) => upBytes),
		[30, 1000],
	);
	t.is(ledger.verify().broken, undefined);
});

test('a counter that goes back is refused after the end too', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(1000, 0, END));
	t.throws(() => ledger.settle(settleAnn(999, 0)), { code: 'ledger_broken' });
});

test('a lost epoch takes the station away from an ended session, and leaves its end', (t) => {
	const { ledger } = temporaryLedger(t);
	furnish(ledger);
	ledger.settle(settleAnn(1000, 0, END));
	ledger.resolveLost({ epoch: 'e1', direction: 'customer', at: AT });
	t.like(ledger.records(ANN), [{ endReason: 'used up' }]);
	t.deepEqual(ledger.openSessions(), []);
	openAnn(ledger, 8);
	t.is(ledger.verify().broken, undefined);
});

test('an account that lives at a platform has no end here: its next slice may come at any moment', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	openAnn(ledger);
	ledger.carrier.giveSlice({ id: 'slice-1', account: ANN, amount: 500, validForSeconds: 500, at: AT });
	ledger.settle(settleAnn(500, 0, END));
	t.is(ledger.records(ANN)[0]?.endWallMs, undefined);
	ledger.topUp(bytesPackage('t1', 100));
	ledger.settle(settleAnn(600, 0, END));
	t.is(ledger.records(ANN)[0]?.endReason, 'used up');
});

test('records of a station that stayed attached are rated as one: what is free, and the first charge, come once', (t) => {
	const { ledger } = temporaryLedger(t);
	const tariff = { name: 'step', unit: 'byte', priceMicro: 1, per: 1, free: 100, first: 50, step: 10 } as const;
	const buy = (id: string, amount: number) => ledger.topUp(bytesPackage(id, amount, { unit: 'micro', tariff }));
	ledger.createAccount({ id: ANN });
	buy('t1', 65);
	openAnn(ledger);
	t.is(ledger.settle(settleAnn(0, 1000)).granted.byte, 160);
	t.is(ledger.settle(settleAnn(155, 0)).costMicro, 60);
	// What is begun is paid, and half of a step's money is left: no reason to end it, and nothing is free again.
	t.is(ledger.settle(settleAnn(155, 1000, END)).granted.byte, 5);
	t.is(ledger.settle(settleAnn(160, 1000, END)).granted.byte, 0);
	t.is(ledger.funds(ANN, AT).wallet.byte, 0);
	t.is(ledger.records(ANN)[0]?.endReason, 'funds');
	buy('t2', 6);
	t.is(ledger.funds(ANN, AT).wallet.byte, 10);
	const { granted, followed } = ledger.settle(settleAnn(160, 1000));
	t.is(granted.byte, 10);
	t.is(followed?.size, 1);
	ledger.settle(settleAnn(170, 0, END));
	t.deepEqual(
		ledger.records(ANN).map(({ upBytes, costMicro, endReason }) => [upBytes, costMicro, endReason]),
		[
			[10, 10, 'funds'],
			[160, 60, 'funds'],
		],
	);
	t.is(ledger.account(ANN)?.available.micro, 1);
	t.is(ledger.verify().broken, undefined);
	// Who leaves and comes again begins anew.
	ledger.closeSession(ledger.openSessions()[0]?.id ?? '', 'left', AT);
	openAnn(ledger, 8);
	t.is(ledger.funds(ANN, AT).wallet.byte, 100);
});
