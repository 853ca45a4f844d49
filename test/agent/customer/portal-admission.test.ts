import test, { type ExecutionContext } from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { PortalAdmission } from '../../../agent/customer/portal-admission.ts';
import type { Requester } from '../../../agent/session/requester.ts';
import { checkSymbol } from '../../../agent/voucher/alphabet.ts';
import { A, B, scene } from '../accounts/scene.ts';

const FIRST = 'spring-1' as AccountId;

/** Desks over a real ledger; A is in with the first code, B with the second. */
async function setUp(t: ExecutionContext) {
	const { identity, spender, print } = scene(t);
	const [first = '', second = '', third = ''] = print('spring', 3, { devices: 3 });
	const taken: string[] = [];
	const state = { leased: false, blocked: false, taken: false };
	const admission = new PortalAdmission({
		identity,
		accountOf: (mac) => spender.accountOf(mac),
		state: () => (state.blocked ? 'blocked' : 'active'),
		leases: () => state.leased,
		isTakeable: async () => !state.taken,
		take: async ({ mac, address }) => {
			if (state.taken) return false;
			taken.push(`${mac.slice(-2)} ${address}`);
			return true;
		},
	});
	const peer = (mac: MacAddress) => ({ mac, address: '10.1.0.9', device: 'br-lan' });
	const guest = (mac: MacAddress): Requester => ({ ...peer(mac), isContested: false });
	const clone = (mac: MacAddress): Requester => ({ ...peer(mac), isContested: true });
	const owner = (mac: MacAddress): Requester => {
		return { ...guest(mac), account: spender.accountOf(mac) as AccountId };
	};
	await admission.redeem(guest(A), first, '');
	await admission.redeem(guest(B), second, '');
	const accounts = () => [spender.accountOf(A), spender.accountOf(B)];
	return { identity, admission, spender, accounts, taken, state, guest, clone, owner, codes: [first, second, third] };
}

test('who comes in by a code has the session by his address from then on', async (t) => {
	const { taken, accounts } = await setUp(t);
	t.deepEqual(taken, ['0a 10.1.0.9', '0b 10.1.0.9']);
	t.deepEqual(accounts(), [FIRST, 'spring-2' as AccountId]);
});

test("a clone comes in by the session's code alone: with its own it takes nobody's device along", async (t) => {
	const { admission, clone, accounts, taken, codes } = await setUp(t);
	const [first = '', second = '', third = ''] = codes;
	for (const code of [second, third]) {
		t.deepEqual(await admission.redeem(clone(A), code, code), { answer: 'contested' });
	}
	t.like(await admission.redeem(clone(A), 'ZZZZZZZZZ', ''), { answer: 'mistyped' });
	t.deepEqual(accounts()[0], FIRST);
	t.is(taken.length, 2);
	t.deepEqual(await admission.redeem(clone(A), first, ''), { answer: 'returned' });
	t.deepEqual(taken.at(-1), '0a 10.1.0.9', 'he has proved that it is his');
});

test('the leaseholder of a hardware address is let in by any code', async (t) => {
	const { admission, clone, accounts, state, codes } = await setUp(t);
	state.leased = true;
	t.deepEqual(await admission.redeem(clone(A), codes[2] ?? '', ''), { answer: 'redeemed' });
	t.deepEqual(accounts()[0], 'spring-3' as AccountId);
});

test('a customer tops up by an unused code, and goes to another account only with the code of his own', async (t) => {
	const { admission, owner, accounts, codes } = await setUp(t);
	const [first = '', second = '', third = ''] = codes;
	t.deepEqual(await admission.redeem(owner(A), third, ''), { answer: 'topped_up' });
	t.deepEqual(await admission.redeem(owner(A), second, ''), { answer: 'unproven', why: { answer: 'missing' } });
	t.deepEqual(await admission.redeem(owner(A), second, second), { answer: 'unproven', why: { answer: 'wrong' } });
	t.is(accounts()[0], FIRST);
	t.deepEqual(await admission.redeem(owner(A), second, first), { answer: 'returned' });
	t.is(accounts()[0], 'spring-2' as AccountId);
});

test('from an account with nothing left a device goes as it likes', async (t) => {
	const { admission, owner, accounts, state, codes } = await setUp(t);
	state.blocked = true;
	t.deepEqual(await admission.redeem(owner(A), codes[1] ?? '', ''), { answer: 'returned' });
	t.is(accounts()[0], 'spring-2' as AccountId);
});

test('the same form sent twice is answered as the first time', async (t) => {
	const { admission, owner, codes } = await setUp(t);
	t.deepEqual(await admission.redeem(owner(A), codes[0] ?? '', ''), { answer: 'returned' });
});

test("by another device's digits a device leaves its account with a proof alone, and a clone never", async (t) => {
	const { identity, admission, owner, clone, accounts, codes } = await setUp(t);
	const open = () => identity.pairing.start('spring-2' as AccountId).code;
	t.deepEqual(await admission.join(clone(A), open(), ''), { answer: 'contested' });
	t.deepEqual(await admission.join(owner(A), open(), ''), { answer: 'unproven', why: { answer: 'missing' } });
	t.is(accounts()[0], FIRST);
	t.deepEqual(await admission.join(owner(A), open(), codes[0] ?? ''), { answer: 'paired' });
	t.is(accounts()[0], 'spring-2' as AccountId);
	t.deepEqual(await admission.join(clone(A), '000000', ''), { answer: 'wrong' });
});

test("the free plan is another account too, unless it is the device's own", async (t) => {
	const { admission, owner, clone } = await setUp(t);
	let taken = 0;
	const free = (account: AccountId) => ({ account, take: async () => taken++ === 0 });
	t.deepEqual(await admission.takeFree(clone(A), '', free('free-a' as AccountId)), { answer: 'contested' });
	t.like(await admission.takeFree(owner(A), '', free('free-a' as AccountId)), { answer: 'unproven' });
	t.is(taken, 0);
	t.deepEqual(await admission.takeFree(owner(A), '', free(FIRST)), { answer: 'taken' });
	t.deepEqual(await admission.takeFree(owner(A), '', free(FIRST)), { answer: 'used' });
});

test('wrong codes of somebody with his hardware address, and without his lease, do not make a leaseholder wait', async (t) => {
	const { identity, admission, guest, owner, state, codes } = await setUp(t);
	const MINE = '02:00:5e:10:00:0f' as MacAddress;
	const isWaiting = async (answer: Promise<{ answer: string }>) => (await answer).answer === 'wait';
	// Well-formed, so that it is looked up.
	const unknown = `ZZZZZZZZ${checkSymbol('letters', 'ZZZZZZZZ')}`;
	for (let count = 0; count < 10; count++) {
		await admission.redeem(guest(MINE), unknown, '');
		admission.prove(owner(A), FIRST, unknown);
		await admission.join(guest(MINE), '000000', '');
	}
	t.true(await isWaiting(admission.redeem(guest(MINE), codes[2] ?? '', '')), 'he himself has to wait');
	t.like(admission.prove(owner(A), FIRST, codes[0] ?? ''), { answer: 'wait' });
	state.leased = true;
	t.is(admission.prove(owner(A), FIRST, codes[0] ?? ''), undefined);
	t.like(await admission.join(guest(MINE), identity.pairing.start(FIRST).code, ''), { answer: 'paired' });
	t.like(await admission.redeem(guest(MINE), codes[2] ?? '', ''), { answer: 'redeemed' });
});

test('at an address that is of another station nothing is sold: the same code is good by another address', async (t) => {
	const { admission, spender, state, guest, codes } = await setUp(t);
	const third = codes[2] ?? '';
	const stranger = guest('02:00:00:00:00:0c' as MacAddress);
	state.taken = true;
	t.deepEqual(await admission.redeem(stranger, third, ''), { answer: 'address_taken' });
	t.is(spender.accountOf(stranger.mac), undefined);
	state.taken = false;
	t.deepEqual(await admission.redeem(stranger, third, ''), { answer: 'redeemed' });
});
