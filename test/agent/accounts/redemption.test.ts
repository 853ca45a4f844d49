import { readFileSync } from 'node:fs';
import test from 'ava';
import { entryError } from '../../../agent/accounts/redemption.ts';
import type { AccountId } from '../../../agent/core/units.ts';
import { checkSymbol } from '../../../agent/voucher/alphabet.ts';
import { A, B, C, scene } from './scene.ts';

const SPRING = 'spring-1' as AccountId;

/** A code of the right form that was never made. */
function wrongCode(number: number): string {
	const text = `Z${number.toString(16).toUpperCase().padStart(8, '0')}`;
	return text + checkSymbol('letters', text);
}

test('a station enters a code, has an account, and is in', async (t) => {
	const { identity, spender, print } = scene(t);
	const [code = ''] = print('spring', 1);
	const entry = await identity.desk.enter({ typed: code.toLowerCase().replaceAll('-', ' '), mac: A });
	t.like(entry, { answer: 'redeemed', account: SPRING, replaced: [] });
	t.deepEqual(spender.events, ['+0a spring-1']);
});

test('the same code on another station takes the session along', async (t) => {
	const { identity, ledger, spender, print } = scene(t);
	const [code = ''] = print('spring', 1);
	await identity.desk.enter({ typed: code, mac: A });
	t.like(await identity.desk.enter({ typed: code, mac: B }), { answer: 'returned', account: SPRING, replaced: [A] });
	t.deepEqual([...spender.attached], [[B, SPRING]]);
	t.is(ledger.account(SPRING)?.available.byte, 1000);
	t.like(await identity.desk.enter({ typed: code, mac: B }), { answer: 'returned', replaced: [] });
	t.is(spender.events.length, 3);
});

test('a code for two devices lets two in, and the third replaces the first', async (t) => {
	const { identity, spender, print } = scene(t);
	const [code = ''] = print('spring', 1, { devices: 2 });
	for (const mac of [A, B, C]) await identity.desk.enter({ typed: code, mac });
	t.deepEqual([...spender.attached.keys()], [B, C]);
});

test('a hundred stations with one code at once: one credit, one station', async (t) => {
	const { identity, ledger, spender, print } = scene(t);
	const [code = ''] = print('spring', 1);
	const macs = Array.from({ length: 100 }, (_, n) => `02:00:5e:11:00:${n.toString(16).padStart(2, '0')}` as typeof A);
	const answers = await Promise.all(macs.map((mac) => identity.desk.enter({ typed: code, mac })));
	t.is(answers.filter(({ answer }) => answer === 'redeemed').length, 1);
	t.is(answers.filter(({ answer }) => answer === 'returned').length, 99);
	t.is(spender.attached.size, 1);
	t.is(ledger.account(SPRING)?.available.byte, 1000);
});

test('who is online tops up with a second code, and stays who he is', async (t) => {
	const { identity, ledger, spender, print } = scene(t);
	const [first = '', second = ''] = print('spring', 2);
	await identity.desk.enter({ typed: first, mac: A });
	t.like(await identity.desk.enter({ typed: second, mac: A, account: SPRING }), { answer: 'redeemed', opens: false });
	t.is(ledger.account(SPRING)?.available.byte, 2000);
	t.is(spender.events.length, 1);
	t.like(await identity.desk.enter({ typed: second, mac: B }), { answer: 'used' });
	t.deepEqual([...spender.attached.keys()], [A]);
});

test('guesses are counted, slips are not, and a wait is told', async (t) => {
	const { identity, clock, print } = scene(t);
	const [code = ''] = print('spring', 1);
	const slip = code.replace(/.$/, (symbol) => (symbol === 'A' ? 'B' : 'A'));
	for (let count = 0; count < 20; count++)
		t.is((await identity.desk.enter({ typed: slip, mac: A })).answer, 'mistyped');
	for (let count = 0; count < 5; count++)
		t.is((await identity.desk.enter({ typed: wrongCode(count), mac: A })).answer, 'unknown');
	t.deepEqual(await identity.desk.enter({ typed: code, mac: A }), { answer: 'wait', waitMs: 30_000, scope: 'station' });
	await clock.pass(30_000);
	t.is((await identity.desk.enter({ typed: code, mac: A })).answer, 'redeemed');
});

test('parallel guesses are counted one by one', async (t) => {
	const { identity, print } = scene(t);
	print('spring', 1);
	const guesses = Array.from({ length: 50 }, (_, n) => identity.desk.enter({ typed: wrongCode(n), mac: A }));
	const answers = (await Promise.all(guesses)).map(({ answer }) => answer);
	t.is(answers.filter((answer) => answer === 'unknown').length, 5);
	t.is(answers.filter((answer) => answer === 'wait').length, 45);
});

test('what is redeemed stays so when the kernel refuses the station, and goes on from there', async (t) => {
	const { identity, ledger, spender, print } = scene(t);
	const [code = ''] = print('spring', 1);
	spender.refused = SPRING;
	await t.throwsAsync(identity.desk.enter({ typed: code, mac: A }), { code: 'netlink_refused' });
	t.is(ledger.account(SPRING)?.available.byte, 1000);
	spender.refused = undefined;
	t.like(await identity.desk.enter({ typed: code, mac: A }), { answer: 'returned' });
	t.deepEqual([...spender.attached.keys()], [A]);
});

test('cards of a set are one account: each card has its own station', async (t) => {
	const { identity, ledger, spender, print } = scene(t);
	const [control = '', second = '', third = ''] = print('family', 3, { isSet: true });
	const family = 'family' as AccountId;
	await identity.desk.enter({ typed: second, mac: A });
	await identity.desk.enter({ typed: third, mac: B });
	t.like(await identity.desk.enter({ typed: control, mac: C }), { kind: 'card', card: { isControl: true } });
	t.deepEqual([...spender.attached.values()], [family, family, family]);
	t.is(ledger.account(family)?.available.byte, 1000);
	t.like(await identity.cards.blockFrom(B, 2, true), { answer: 'not_control' });
	t.like(await identity.cards.blockFrom(C, 1, true), { answer: 'is_control' });
	t.like(await identity.cards.blockFrom(C, 9, true), { answer: 'not_found' });
	t.deepEqual(await identity.cards.blockFrom(C, 2, true), { answer: 'changed', detached: [A] });
	t.deepEqual(
		identity.cards.cards(C).map(({ state }) => state),
		['redeemed', 'blocked', 'redeemed'],
	);
	t.deepEqual(identity.cards.cards(B), []);
	t.deepEqual([...spender.attached.keys()], [B, C]);
	t.is((await identity.desk.enter({ typed: second, mac: A })).answer, 'blocked');
	t.like(await identity.desk.enter({ typed: third, mac: A }), { answer: 'returned', replaced: [B] });
});

test('neither a code nor its key is in the database', (t) => {
	const { path, print } = scene(t);
	const codes = print('spring', 200);
	const bytes = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]).toString('latin1');
	t.true(bytes.includes('spring'));
	for (const code of codes) {
		t.false(bytes.includes(code));
		t.false(bytes.includes(code.replaceAll('-', '')));
	}
	const key = readFileSync(`${path}.code-key`, 'utf8').trim();
	t.false(bytes.includes(key));
	t.false(bytes.includes(Buffer.from(key, 'hex').toString('latin1')));
});

test('codes that could be guessed are not made', (t) => {
	const { identity } = scene(t);
	const terms = { unit: 'byte', amount: 1000, planName: 'ten', atEnd: 'block' } as const;
	const form = { alphabet: 'digits', length: 8, prefix: '' } as const;
	t.throws(() => identity.codes.createBatch({ id: 'x', terms, count: 100, form, devices: 1 }), {
		code: 'invalid_value',
		message: /guessed within about \d+ days/,
	});
});

test('a gift goes from one account to another by code, or comes back', async (t) => {
	const { identity, ledger, clock, print } = scene(t);
	const [first = '', second = ''] = print('spring', 2);
	await identity.desk.enter({ typed: first, mac: A });
	await identity.desk.enter({ typed: second, mac: B });
	const given = await identity.gifts.give({ id: 'g1', account: SPRING, unit: 'byte', amount: 300 });
	t.like(given, { answer: 'given', available: 700 });
	t.like(await identity.gifts.give({ id: 'g1', account: SPRING, unit: 'byte', amount: 300 }), {
		answer: 'exists',
		code: undefined,
	});
	const claimed = await identity.desk.enter({ typed: given.code ?? '', mac: B, account: 'spring-2' as AccountId });
	t.like(claimed, { answer: 'redeemed', kind: 'gift' });
	t.is(ledger.account('spring-2' as AccountId)?.available.byte, 1300);
	identity.gifts.start();
	await identity.gifts.give({ id: 'g2', account: SPRING, unit: 'byte', amount: 700 });
	t.is(ledger.account(SPRING)?.available.byte, 0);
	await clock.pass(86_400_000);
	t.is(ledger.account(SPRING)?.available.byte, 700);
	t.is(await identity.gifts.takeBack('g2'), 'exists');
	t.is(await identity.gifts.takeBack('nothing'), 'not_found');
	t.is(ledger.verify().broken, undefined);
	await identity.stop();
});

test('a refusal has words for the operator', (t) => {
	const wait = entryError({ answer: 'wait', waitMs: 1500, scope: 'station' });
	t.is(wait.code, 'too_many_attempts');
	t.regex(wait.message, /wait 2 s/);
	for (const answer of ['unknown', 'no_account', 'blocked', 'bound', 'void', 'expired'] as const)
		t.true(entryError({ answer }).message.length > 0);
});
