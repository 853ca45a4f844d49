import test from 'ava';
import type { AccountId, MeterId, Unit } from '../../../agent/core/units.ts';
import type { PackageTerms } from '../../../agent/ledger/package.ts';
import { playScenario } from './scenario.ts';
import { ANN, AT, bytesPackage, openAnn, rawDatabase, settleAnn, temporaryLedger } from './temporary-ledger.ts';

const scenario = test.macro({ exec: playScenario, title: (title) => title as string });
const BOB = 'bob' as AccountId;

test(
	'all that an account has becomes the other one’s, with its dates, once',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte valid 500
	topup t2 ann 60 second
	topup t3 bob 5 byte
	open s1 ann 1
	settle ann 1=0/0 1=10s reserve 0 0          -> paid 10 available 150
	close s1
	merge ann bob                               -> changed 2
	merge ann bob                               -> exists
	packages ann                                ->
	packages bob                                -> ~merged-5:50 ~merged-7:100 t3:5
	expiry bob                                  -> 500
	history ann                                 -> given:100 given:50 used:10 topup:60 topup:100
	merge bob ann                               -> changed 3
	merge ann bob                               -> changed 3
	funds bob                                   -> packages 105 B, packages 50 s
	end ann                                     -> block
`,
);

test(
	'who is not known, the same, or blocked is refused, and nothing is moved',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte
	merge ann nobody                            -> not_found
	merge nobody ann                            -> not_found
	merge ann ann                               -> invalid_value
	block bob
	merge ann bob                               -> not_allowed
	unblock bob
	block ann
	merge ann bob                               -> not_allowed
	packages ann                                -> t1:100
	packages bob                                ->
`,
);

test(
	'neither a group nor a member is merged away, but a group may receive',
	scenario,
	`
	account family
	account ann
	account bob
	join family ann
	topup t1 ann 100 byte
	topup t2 bob 10 byte
	topup t3 family 1 byte
	merge ann bob                               -> not_allowed
	merge family bob                            -> not_allowed
	merge bob family                            -> changed 1
	funds ann                                   -> packages 111 B
	open s1 ann 1
	settle ann 1=0/0 reserve 111                -> granted 111
	settle ann 1=100/0 reserve 11
	settle ann 1=105/0 reserve 0
	leave family ann
	close s1
	merge ann bob
	packages ann                                ->
`,
);

test(
	'what renews is not cut short: the cycle is ended first, and its rest moves with its date',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte valid 500 renews
	topup t2 ann 7 byte
	merge ann bob                               -> not_allowed
	packages ann                                -> t1:100 t2:7
`,
);

test(
	'money goes along with its tariff, and two tariffs are not mixed',
	scenario,
	`
	account ann
	account bob
	account eve
	topup t1 ann 1000 micro tariff a byte 1 per 1
	topup t2 eve 1000 micro tariff b byte 2 per 1
	merge ann eve                               -> not_allowed
	packages ann                                -> t1:1000
	merge ann bob                               -> changed 1
	funds bob                                   -> wallet 1000 B
	merge eve ann                               -> changed 1
	funds ann                                   -> wallet 500 B
	merge ann bob                               -> not_allowed
`,
);

test(
	'what is reserved or expired is not moved, and the end goes along once',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte valid 500 throttle 9
	open s1 ann 1
	settle ann 1=0/0 reserve 20                 -> granted 20 available 80
	merge ann bob                               -> not_allowed
	settle ann 1=20/0 reserve 0                 -> paid 20 available 80
	end ann                                     -> throttle 9 t1
	merge ann bob                               -> changed 1
	end ann                                     -> block
	wait 500
	merge bob ann                               -> exists
`,
);

test(
	'more stations than the packages allow are refused, whole',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte stations 2
	topup t2 bob 100 byte stations 1
	merge ann bob 3                             -> not_allowed
	packages ann                                -> t1:100
	packages bob                                -> t2:100
	merge ann bob 2                             -> changed 1
`,
);

test('every term of a package is kept, but what of its tethered part is used up', (t) => {
	const { ledger, path } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	const terms: Partial<PackageTerms> = {
		validForSeconds: 500,
		validFrom: 'first_use',
		grace: { unit: 'second', amount: 9 },
		stationsMax: 3,
		pace: { upBytesPerSecond: 5, downBytesPerSecond: 6 },
		tethered: { rule: 'slowed', bytesPerSecond: 8, afterBytes: 40 },
	};
	ledger.topUp(bytesPackage('t1', 100, terms));
	const database = rawDatabase(t, path);
	t.is(ledger.merge({ from: ANN, into: BOB, at: AT }).answer, 'changed');
	const rows = database.prepare('SELECT * FROM package ORDER BY balance').all() as Record<string, unknown>[];
	const [before, after] = rows as [Record<string, unknown>, Record<string, unknown>];
	const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
	t.deepEqual(changed, ['balance', 'id', 'account', 'kind', 'source'], 'and nothing else');
	t.is(after.tethered_after_bytes, 40);
});

test('a part for tethered flows, and a speed by command, count on where they were', (t) => {
	const { ledger, path } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	ledger.topUp(bytesPackage('t1', 1000, { tethered: { rule: 'blocked', afterBytes: 500 } }));
	openAnn(ledger);
	ledger.settle(settleAnn(0, 500));
	ledger.settle(settleAnn(100, 0, { tethered: [{ meter: 7 as MeterId, up: 200, down: 0 }] }));
	const database = rawDatabase(t, path);
	database.exec('INSERT INTO sold_pace SELECT balance, 7, 8 FROM package');
	t.like(ledger.merge({ from: ANN, into: BOB, at: AT }), { answer: 'changed', moved: { byte: 700 } });
	t.like(ledger.packages(BOB), { 0: { remaining: 700, source: 't1', tethered: { rule: 'blocked', afterBytes: 300 } } });
	const sold = database.prepare('SELECT up, down FROM sold_pace ORDER BY balance').all();
	t.deepEqual(sold, [
		{ up: 7, down: 8 },
		{ up: 7, down: 8 },
	]);
	t.is(ledger.verify().broken, undefined);
});

test('once its cycle has been ended, the rest of what renewed moves, and renews no more', (t) => {
	const { ledger } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	ledger.topUp(bytesPackage('t1', 100, { validForSeconds: 500, renews: true }));
	t.throws(() => ledger.merge({ from: ANN, into: BOB, at: AT }), { code: 'not_allowed', message: /renews/ });
	ledger.endRenewal(ANN, 't1');
	t.is(ledger.merge({ from: ANN, into: BOB, at: AT }).answer, 'changed');
	t.is(ledger.packages(BOB)[0]?.renews, undefined);
	const later = AT.wallMs + 600_000;
	t.is(ledger.issueRenewals({ ...AT, trustedWallMs: later as typeof AT.wallMs }), 0);
	t.is(ledger.verify().broken, undefined);
});

test('a slice stays with the account that the platform knows, and so does all that is beside it', (t) => {
	const { ledger } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	ledger.topUp(bytesPackage('t1', 100));
	ledger.carrier.giveSlice({ id: 'slice-1', account: ANN, amount: 50, validForSeconds: 500, at: AT });
	t.throws(() => ledger.merge({ from: ANN, into: BOB, at: AT }), { code: 'not_allowed', message: /platform/ });
	t.is(ledger.account(ANN)?.available.byte, 150);
	t.is(ledger.merge({ from: BOB, into: ANN, at: AT }).answer, 'exists');
});

test('a balance beyond the largest amount is refused', (t) => {
	const { ledger } = temporaryLedger(t);
	for (const id of [ANN, BOB]) ledger.createAccount({ id });
	const most = 2 ** 50;
	const unit: Unit = 'byte';
	let fits = 0;
	for (const account of [ANN, BOB]) {
		const package_ = { unit, amount: most, planName: 'most', atEnd: 'block' as const };
		try {
			for (let index = 0; index < 8; index += 1) {
				ledger.topUp({ transferId: `${account}-${index}`, account, package: package_, at: AT });
				fits += 1;
			}
		} catch (error) {
			t.is((error as { code: string }).code, 'invalid_value');
		}
	}
	t.true(fits > 0);
	t.throws(() => ledger.merge({ from: ANN, into: BOB, at: AT }), { code: 'not_allowed' });
	t.is(ledger.verify().broken, undefined);
});
