import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createAccount } from '../../../carrier/account/accounts.ts';
import { bindAccount, bindingsOf, newAccountCode, unbindAccount } from '../../../carrier/account/admission.ts';
import { addTransfer, balancesOf } from '../../../carrier/account/transfers.ts';
import type { Database } from '../../../carrier/database/database.ts';
import { SUM_MAX } from '../../../carrier/database/database.ts';
import { giveSlice } from '../../../carrier/slice/give-slice.ts';
import { accountKeyOf, accountProofOf } from '../../../protocol/account-proof.ts';
import { onBothDatabases } from '../databases.ts';
import { addAccessPoints, MEBIBYTE, NOW, SLICES } from '../scene.ts';

const onBoth = onBothDatabases(test);

async function ask(
	database: Database,
	ap: string,
	{
		proof,
		request = 'ask',
		now = NOW,
		slices = SLICES,
		wants = MEBIBYTE,
	}: { proof?: string; request?: string; now?: number; slices?: typeof SLICES; wants?: number } = {},
) {
	const asked = { ap, request, account: 'alice', wants, proof };
	const answer = await database.transaction((tx) => giveSlice(tx, asked, slices, now));
	return answer.outcome === 'refused' ? answer.why : answer.outcome;
}

async function addAlice(database: Database): Promise<void> {
	await addAccessPoints(database, 'cafe', 'hotel');
	await createAccount(database, { account: 'alice', title: 'Alice', now: NOW });
	const credit = {
		account: 'alice',
		id: 'first',
		unit: 'byte',
		from: 'issued',
		to: 'available',
		amount: 100 * MEBIBYTE,
	} as const;
	await addTransfer(database, { ...credit, kind: 'top-up', about: {}, at: NOW });
}

onBoth('an account is spent only where it is bound, until it is not any more', async (t, database) => {
	await addAlice(database);
	t.is(await ask(database, 'cafe'), 'unproven');
	await database.transaction((tx) => bindAccount(tx, { account: 'alice', ap: 'cafe', by: 'grace' }, NOW));
	t.is(await ask(database, 'cafe'), 'given');
	t.is(await ask(database, 'hotel'), 'unproven');
	t.like(await balancesOf(database, 'alice', 'byte'), { slices: MEBIBYTE });
	await database.transaction((tx) => unbindAccount(tx, { account: 'alice', ap: 'cafe' }, NOW));
	t.deepEqual(await database.query('SELECT state FROM slice'), [{ state: 'revoking' }]);
	t.is(await ask(database, 'cafe', { request: 'again' }), 'unproven');
	await database.transaction((tx) => bindAccount(tx, { account: 'alice', ap: 'all', by: 'grace' }, NOW));
	t.is(await ask(database, 'hotel', { request: 'again' }), 'given');
	await t.throwsAsync(
		() => database.transaction((tx) => bindAccount(tx, { account: 'alice', ap: 'none', by: 'g' }, NOW)),
		{ message: /no access point/ },
	);
});

onBoth("a proof of the customer's code binds the account to that access point, for a while", async (t, database) => {
	await addAlice(database);
	const code = await database.transaction((tx) => newAccountCode(tx, 'alice', randomBytes));
	t.regex(code, /^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$/);
	const key = accountKeyOf(code.toLowerCase().replaceAll('-', ' '), 'alice');
	const proofFor = (ap: string, request: string, account = 'alice') => accountProofOf(key, { ap, account, request });
	for (const proof of [
		proofFor('hotel', 'ask'),
		proofFor('cafe', 'other'),
		proofFor('cafe', 'ask', 'bob'),
		'A'.repeat(43),
		accountProofOf(accountKeyOf(code, 'bob'), { ap: 'cafe', account: 'alice', request: 'ask' }),
	])
		t.is(await ask(database, 'cafe', { proof }), 'unproven');
	t.is(await ask(database, 'cafe', { proof: proofFor('cafe', 'ask') }), 'given');
	t.is(await ask(database, 'cafe', { request: 'next' }), 'given', 'whoever is there goes on');
	t.is(await ask(database, 'hotel'), 'unproven');
	const end = NOW + SLICES.provenForSeconds * 1000;
	t.like(await bindingsOf(database, 'alice'), [{ ap: 'cafe', madeBy: 'proof', until: end }]);
	t.is(await ask(database, 'cafe', { request: 'late', now: end }), 'unproven');
	await database.transaction((tx) => newAccountCode(tx, 'alice', randomBytes));
	t.is(await ask(database, 'hotel', { proof: proofFor('hotel', 'ask') }), 'unproven', 'the old code proves nothing');
});

onBoth('an access point holds no more of an account, and of all, than its bounds', async (t, database) => {
	await addAlice(database);
	await database.transaction((tx) => bindAccount(tx, { account: 'alice', ap: 'all', by: 'grace' }, NOW));
	const slices = { ...SLICES, amountMax: 2 * MEBIBYTE, heldSlicesMax: 3, heldBytesMax: 1000 * MEBIBYTE };
	const outcomes = [];
	for (let count = 0; count < 20; count++)
		outcomes.push(await ask(database, 'cafe', { request: `r${count}`, slices, wants: 2 ** 50 }));
	t.deepEqual(new Set(outcomes), new Set(['given', 'limit']));
	t.like(await balancesOf(database, 'alice', 'byte'), { slices: 6 * MEBIBYTE });
	t.is(await ask(database, 'hotel', { slices, wants: 2 ** 50 }), 'given', 'another one has bounds of its own');
	const [denial] = await database.query<{ body: object }>(
		"SELECT body FROM down_message WHERE body->>'kind' = 'deny' LIMIT 1",
	);
	t.like(denial?.body, { kind: 'deny', reason: 'limit' });
	await Promise.all(
		Array.from(
			{ length: 10 },
			async (_, count) =>
				await ask(database, 'hotel', {
					request: `p${count}`,
					slices: { ...slices, heldSlicesMax: 100, heldBytesMax: 5 * MEBIBYTE },
				}),
		),
	);
	t.is(
		(await database.query<{ sum: number }>("SELECT sum(amount) AS sum FROM slice WHERE ap = 'hotel'"))[0]?.sum,
		5 * MEBIBYTE,
	);
});

onBoth('a balance that would be larger than a number holds exactly is refused when it is made', async (t, database) => {
	await addAlice(database);
	const large = (id: string) =>
		({
			account: 'alice',
			id,
			unit: 'byte',
			from: 'issued',
			to: 'available',
			amount: 2 ** 50,
			kind: 'top-up',
			about: {},
			at: NOW,
		}) as const;
	for (let count = 0; count < 7; count++) await database.transaction((tx) => addTransfer(tx, large(`t${count}`)));
	await t.throwsAsync(() => database.transaction((tx) => addTransfer(tx, large('t7'))), {
		message: new RegExp(String(SUM_MAX)),
	});
	t.like(await balancesOf(database, 'alice', 'byte'), { available: 7 * 2 ** 50 + 100 * MEBIBYTE });
});
