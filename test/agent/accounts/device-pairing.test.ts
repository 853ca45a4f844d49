import test from 'ava';
import {
	PAIRING_CALM_MS,
	PAIRING_STEPS,
	PAIRING_VALID_MS,
	PAIRINGS_MAX,
} from '../../../agent/accounts/device-pairing.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { A, ANN, B, C, scene } from './scene.ts';

test('who types the code of the display belongs to the account, once', async (t) => {
	const { identity, ledger, spender } = scene(t);
	ledger.createAccount({ id: ANN });
	const { code, validMs } = identity.pairing.start(ANN);
	t.regex(code, /^\d{6}$/);
	t.is(validMs, PAIRING_VALID_MS);
	t.deepEqual(await identity.pairing.confirm(` ${code.slice(0, 3)}-${code.slice(3)} `, A), {
		answer: 'paired',
		account: ANN,
	});
	t.deepEqual([...spender.attached], [[A, ANN]]);
	t.deepEqual(await identity.pairing.confirm(code, B), { answer: 'wrong' });
	t.like(ledger.codes.handovers(A), [{ mac: A, to: ANN, how: 'pairing' }]);
});

test('a code ends after two minutes, and with the next one of its account', async (t) => {
	const { identity, ledger, clock } = scene(t);
	ledger.createAccount({ id: ANN });
	const first = identity.pairing.start(ANN);
	const second = identity.pairing.start(ANN);
	t.deepEqual(identity.pairing.list(), [second]);
	t.is((await identity.pairing.confirm(first.code, A)).answer, 'wrong');
	await clock.pass(PAIRING_VALID_MS);
	t.deepEqual(identity.pairing.list(), []);
	t.is((await identity.pairing.confirm(second.code, A)).answer, 'wrong');
});

test('wrong codes of a crowd make the open ones longer, and void none', async (t) => {
	const { identity, ledger, clock } = scene(t);
	ledger.createAccount({ id: ANN });
	let { code } = identity.pairing.start(ANN, 'display');
	let stations = 0;
	const guess = async (count: number) => {
		for (let guesses = 0; guesses < count; guesses++) {
			const mac = `02:00:5e:11:${(stations >> 8).toString(16)}:${(stations++ & 255).toString(16)}` as MacAddress;
			t.is((await identity.pairing.confirm('x', mac)).answer, 'wrong');
		}
	};
	const digits: number[] = [];
	for (const { wrongMax } of PAIRING_STEPS) {
		digits.push(code.length);
		await guess(Math.min(wrongMax, 1000));
		const [open] = identity.pairing.list();
		t.is(open?.account, ANN);
		code = open?.code ?? '';
		t.is(identity.pairing.onDisplay(), code);
	}
	t.deepEqual(digits, [6, 8, 10]);
	t.is(code.length, 10, 'the longest stays');
	t.is((await identity.pairing.confirm(code, C)).answer, 'paired');
	t.is(identity.pairing.start(ANN).code.length, 10, 'somebody guesses still');
	clock.skip(PAIRING_VALID_MS + PAIRING_CALM_MS);
	t.is(identity.pairing.start(ANN).code.length, 6);
});

test('all guesses together hit a pairing code of two minutes with less than two in 100,000', (t) => {
	const guesses = PAIRING_STEPS.map(({ digits, wrongMax }) => Math.min(wrongMax, 50_000) / 10 ** digits);
	t.true(guesses.reduce((sum, one) => sum + one, 0) < 2e-5, `${guesses}`);
});

test('wrong pairing codes count as wrong codes of the station', async (t) => {
	const { identity } = scene(t);
	for (let count = 0; count < 5; count++) await identity.pairing.confirm('000000', A);
	t.like(await identity.pairing.confirm('000000', A), { answer: 'wait', scope: 'station' });
	t.like(await identity.desk.enter({ typed: 'Z00000000', mac: A }), { answer: 'mistyped' });
});

test('not more pages than can be watched have a code, and the display has one all the same', (t) => {
	const { identity, ledger } = scene(t);
	for (let count = 0; count <= PAIRINGS_MAX; count++) ledger.createAccount({ id: `a${count}` as AccountId });
	for (let count = 0; count < PAIRINGS_MAX; count++) identity.pairing.start(`a${count}` as AccountId);
	t.throws(() => identity.pairing.start(`a${PAIRINGS_MAX}` as AccountId), { code: 'not_allowed' });
	t.is(identity.pairing.start(`a${PAIRINGS_MAX}` as AccountId, 'display').code.length, 6);
	t.throws(() => identity.pairing.start('nobody' as AccountId), { code: 'not_found' });
});

test('a device is handed over with a record, and stays where it was if it cannot be let in', async (t) => {
	const { identity, ledger, spender } = scene(t);
	const bob = 'bob' as AccountId;
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: bob });
	await spender.attach(A, ANN);
	t.is(await identity.admission.handOver(A, bob, 'operator'), ANN);
	t.deepEqual([...spender.attached], [[A, bob]]);
	t.like(ledger.codes.handovers(), [{ mac: A, from: ANN, to: bob, how: 'operator' }]);
	spender.refused = ANN;
	await t.throwsAsync(identity.admission.handOver(A, ANN, 'operator'), { code: 'netlink_refused' });
	t.deepEqual([...spender.attached], [[A, bob]]);
	t.is(ledger.codes.handovers().length, 1);
	await t.throwsAsync(identity.admission.handOver(A, 'nobody' as AccountId, 'operator'), { code: 'not_found' });
	t.deepEqual([...spender.attached], [[A, bob]]);
	t.is(await identity.admission.handOver(A, bob, 'operator'), bob);
});

test('the display shows the newest code that was asked for it, and never one of a page', async (t) => {
	const { identity, ledger, clock } = scene(t);
	for (const id of ['ann', 'bob', 'eve']) ledger.createAccount({ id: id as AccountId });
	t.is(identity.pairing.onDisplay(), undefined);
	const first = identity.pairing.start('ann' as AccountId, 'display');
	identity.pairing.start('bob' as AccountId);
	t.is(identity.pairing.onDisplay(), first.code);
	const second = identity.pairing.start('eve' as AccountId, 'display');
	t.is(identity.pairing.onDisplay(), second.code);
	await identity.pairing.confirm(second.code, A);
	t.is(identity.pairing.onDisplay(), first.code);
	clock.skip(PAIRING_VALID_MS);
	t.is(identity.pairing.onDisplay(), undefined);
});
