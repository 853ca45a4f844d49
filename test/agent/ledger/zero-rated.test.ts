import test from 'ava';
import type { AccountId, BootMs, MacAddress, MeterId } from '../../../agent/core/units.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import { NOW, temporaryLedger } from './temporary-ledger.ts';

const ANN = 'ann' as AccountId;
const METER = 7 as MeterId;
const AT: Moment = { wallMs: NOW, bootMs: 0 as BootMs, trustedWallMs: NOW };
const EPOCH = 'one';

test('zero-rated bytes are recorded beside the paid ones, with a checkpoint of their own, and taken from no package', (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp({
		transferId: 't1',
		account: ANN,
		package: { unit: 'byte', amount: 1000, planName: 'p', atEnd: 'block' },
		at: AT,
	});
	ledger.openSession({
		session: 's1',
		mac: '02:00:00:00:00:01' as MacAddress,
		account: ANN,
		meter: METER,
		epoch: EPOCH,
		at: AT,
	});
	const settle = (own: number, free: number) =>
		ledger.settle({
			epoch: EPOCH,
			account: ANN,
			at: AT,
			readings: [{ meter: METER, up: own, down: 0 }],
			zeroRated: [{ meter: METER, up: 0, down: free }],
			free: false,
			reserve: { byte: 0, second: 0 },
		});
	t.like(settle(100, 5000), { usedBytes: 100, paidBytes: 100, unpaidBytes: 0, overrunBytes: 0 });
	t.like(settle(100, 5600), { usedBytes: 0, written: true });
	t.false(settle(100, 5600).written, 'nothing new');
	t.throws(() => settle(100, 5599), { code: 'ledger_broken' });
	t.like(ledger.openSessions(), [{ id: 's1', upBytes: 100, downBytes: 0, freeUpBytes: 0, freeDownBytes: 5600 }]);
	t.is(ledger.openSessions().length, 1);
	t.is(ledger.account(ANN)?.available.byte, 900);
	const recorded = ledger.history(ANN).filter(({ reason }) => reason === 'zero_rated');
	t.deepEqual(
		recorded.map(({ amount }) => amount),
		[600, 5000],
	);
	t.is(ledger.verify().broken, undefined);
	ledger.closeSession('s1', 'detached', AT);
	ledger.openSession({
		session: 's2',
		mac: '02:00:00:00:00:01' as MacAddress,
		account: ANN,
		meter: METER,
		epoch: EPOCH,
		at: AT,
	});
	t.like(settle(0, 40), { written: true });
	t.is(ledger.verify().broken, undefined);
});
