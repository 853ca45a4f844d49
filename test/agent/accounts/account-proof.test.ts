import test from 'ava';
import { PAIRING_STEPS } from '../../../agent/accounts/device-pairing.ts';
import type { AccountId } from '../../../agent/core/units.ts';
import { RATES } from '../voucher/guesser.ts';
import { A, ANN, B, scene } from './scene.ts';

const SPRING = 'spring-1' as AccountId;

test('the code that opens an account proves it, and no other does', async (t) => {
	const { identity, print } = scene(t);
	const [own = '', other = '', toppedUp = ''] = print('spring', 3);
	await identity.desk.enter({ typed: own, mac: A });
	await identity.desk.enter({ typed: toppedUp, mac: A, account: SPRING });
	const prove = (typed: string) => identity.proof.prove({ typed, account: SPRING, mac: A }).answer;
	t.is(prove(own.toLowerCase().replaceAll('-', ' ')), 'proven');
	t.is(prove(''), 'missing');
	t.is(prove(own.replace(/.$/, 'U')), 'mistyped');
	t.is(prove(other), 'wrong', 'a code that nobody has used yet');
	t.is(prove(toppedUp), 'wrong', 'a code that was spent on it opens nothing');
	await identity.desk.enter({ typed: other, mac: B });
	t.is(prove(other), 'wrong', "another account's");
	t.is(prove(own), 'proven', 'and it proves as often as it is given');
});

test('a card of a set proves it, until it is blocked', async (t) => {
	const { identity, print } = scene(t);
	const [first = '', second = ''] = print('family', 2, { isSet: true });
	for (const [index, typed] of [first, second].entries())
		await identity.desk.enter({ typed, mac: index === 0 ? A : B });
	const prove = (typed: string) => identity.proof.prove({ typed, account: 'family' as AccountId, mac: A }).answer;
	t.deepEqual([first, second].map(prove), ['proven', 'proven']);
	await identity.cards.block('family', 2, true);
	t.deepEqual([first, second].map(prove), ['proven', 'wrong']);
});

test('a gift proves the account that it has opened', async (t) => {
	const { identity, print, spender } = scene(t);
	const [own = ''] = print('spring', 1);
	await identity.desk.enter({ typed: own, mac: A });
	const { code = '' } = await identity.gifts.give({ id: 'g1', account: SPRING, unit: 'byte', amount: 10 });
	const prove = (account: AccountId) => identity.proof.prove({ typed: code, account, mac: B }).answer;
	t.is(prove(SPRING), 'wrong', 'not the one that it came from');
	await identity.desk.enter({ typed: code, mac: B });
	t.is(prove(spender.accountOf(B) as AccountId), 'proven');
});

test('wrong ones are counted with all other wrong codes, and then nothing is looked up', async (t) => {
	const { identity, print } = scene(t);
	const [own = '', other = ''] = print('spring', 2);
	await identity.desk.enter({ typed: own, mac: A });
	const prove = (typed: string) => identity.proof.prove({ typed, account: SPRING, mac: A }).answer;
	for (let count = 0; count < RATES.freeAttempts; count++) t.is(prove(other), 'wrong');
	t.is(prove(own), 'wait');
	t.is((await identity.desk.enter({ typed: own, mac: A })).answer, 'wait');
	t.is(identity.proof.look(own, A), undefined);
});

test('an account without a code is proved by the display of the router, and by nothing else', (t) => {
	const { identity, ledger } = scene(t);
	ledger.createAccount({ id: ANN });
	ledger.createAccount({ id: SPRING });
	const prove = (typed: string) => identity.proof.prove({ typed, account: ANN, mac: A }).answer;
	t.is(prove('anything'), 'no_code');
	const page = identity.pairing.start(ANN, 'page');
	t.is(prove(page.code), 'no_code', 'a code that a page shows is seen by whoever sees the page');
	identity.pairing.start(SPRING, 'display');
	t.is(prove(''), 'no_code');
	const { code } = identity.pairing.start(ANN, 'display');
	t.is(prove(''), 'missing');
	t.is(prove(code), 'proven');
	const wrong = code === '000000' ? '000001' : '000000';
	const [short] = PAIRING_STEPS;
	for (let count = 0; count < (short?.wrongMax ?? 0); count++) {
		identity.proof.prove({ typed: wrong, account: ANN, mac: B });
	}
	t.is(prove(code), 'wrong', 'a few wrong ones replace it by a longer one');
	t.is(prove(identity.pairing.onDisplay() ?? ''), 'proven');
});

test('a look at a code tells where it leads, and counts nothing', async (t) => {
	const { identity, print } = scene(t);
	const [own = '', other = ''] = print('spring', 2);
	const [card = ''] = print('family', 1, { isSet: true });
	await identity.desk.enter({ typed: own, mac: A });
	t.deepEqual(identity.proof.look(own, B), { opens: SPRING });
	t.deepEqual(identity.proof.look(other, B), {});
	t.deepEqual(identity.proof.look(card, B), { opens: 'family' as AccountId });
	t.is(identity.proof.look('ZZZZ', B), undefined);
});
