import test from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { ASK_AGAIN_MS, DENIED_MS, earlyMs, FIRST_WAIT_MS, IDLE_MS } from '../../../agent/sync/slices.ts';
import { accountKeyOf, accountProofOf } from '../../../protocol/account-proof.ts';
import type { FakePlatform } from '../../fakes/fake-platform.ts';
import { carrierWorld, soon } from './carrier-world.ts';

const AP = 'cafe-7';
const ANN = 'ann' as AccountId;
const EARLY_MS = earlyMs({ validMs: 60_000 });
const MAC = '02:00:5e:10:00:01' as MacAddress;
const give = (slice: string, amount: number, validForSeconds = 3600) =>
	({ kind: 'grant', body: { kind: 'give', slice, account: 'ann', unit: 'byte', amount, validForSeconds } }) as const;
const of = (platform: FakePlatform, kind: string) =>
	[...platform.events.values()].filter((event) => event.kind === kind);

test('a slice is spent as a package; its usage names it, and its rest goes back with the same batch', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	t.like(await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000)), { outcome: 'done' });
	t.like(await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000)), { outcome: 'done' });
	t.like(await platform.ask({ audience: AP, id: 'g-2' }, give('s-1', 1000)), { outcome: 'exists' });
	t.is(ap.ledger.account(ANN)?.available.byte, 1000);
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	ap.use('s1', 300, 100);
	await platform.ask({ audience: AP, id: 'g-3' }, { kind: 'grant', body: { kind: 'revoke', slice: 's-1' } });
	await soon(() => of(platform, 'slice.return').length === 1);
	t.like(of(platform, 'slice.return')[0], {
		account: 'ann',
		details: { slice: 's-1', returned: 600, reason: 'revoked' },
	});
	t.like(platform.records[0], { slice: 's-1', amount: 400, paid: true });
	const [batch] = [...platform.streams.values()][0]?.values() ?? [];
	t.is(batch?.usage.records.length, 1, 'the usage is in the batch that gives back');
	t.is(ap.ledger.account(ANN)?.available.byte, 0);
	const again = await platform.ask(
		{ audience: AP, id: 'g-4' },
		{ kind: 'grant', body: { kind: 'revoke', slice: 's-1' } },
	);
	t.is(again.outcome, 'exists');
	t.true(ap.ledger.verify().ok);
});

test('what is left goes back so early that the platform has it within the validity, with a station or without', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000, 60));
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	ap.use('s1', 100, 0);
	await ap.pass(60_000 - EARLY_MS - 2000);
	t.is(of(platform, 'slice.return').length, 0);
	await ap.pass(3000);
	await soon(() => of(platform, 'slice.return').length === 1);
	t.like(of(platform, 'slice.return')[0]?.details, { returned: 900, reason: 'expired' });
	ap.attached.clear();
	await platform.ask({ audience: AP, id: 'g-2' }, give('s-2', 50, 16));
	await ap.pass(12_000 - 2000);
	t.is(of(platform, 'slice.return').length, 1);
	await ap.pass(3000);
	await soon(() => of(platform, 'slice.return').length === 2);
	t.like(of(platform, 'slice.return')[1]?.details, { slice: 's-2', returned: 50, reason: 'expired' });
	t.true(ap.ledger.verify().ok);
});

test('whoever spends a slice has the next one before it goes back', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 2 ** 30, 60));
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	await ap.pass(60_000 - EARLY_MS - ASK_AGAIN_MS - 2000);
	t.is(of(platform, 'slice.request').length, 0);
	await ap.pass(3000);
	await soon(() => of(platform, 'slice.request').length === 1);
	t.is(of(platform, 'slice.return').length, 0);
	await platform.ask({ audience: AP, id: 'g-2' }, give('s-2', 2 ** 30, 60));
	await ap.pass(ASK_AGAIN_MS);
	await soon(() => of(platform, 'slice.return').length === 1);
	t.like(of(platform, 'slice.return')[0]?.details, { slice: 's-1', reason: 'expired' });
	t.is(of(platform, 'slice.request').length, 1, 'the one that came lasts');
	t.is(ap.ledger.account(ANN)?.available.byte, 2 ** 30);
	t.true(ap.ledger.verify().ok);
});

test('without the platform a slice may be spent to its end, and goes back when there is somebody to tell', async (t) => {
	const { platform, ap, broker } = await carrierWorld(t);
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000, 60));
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	await broker.stop();
	await soon(() => !ap.sync.figures.connected);
	await ap.pass(58_000);
	ap.use('s1', 100, 0);
	t.is(ap.ledger.account(ANN)?.available.byte, 900);
	// The settle of the meter finds it expired before anybody looks.
	ap.clock.skip(3000);
	ap.use('s1', 0, 0);
	await ap.pass(2000);
	t.is(ap.ledger.account(ANN)?.available.byte, 0);
	t.deepEqual(ap.ledger.carrier.slices(), []);
	t.is(ap.sync.figures.backlog.events, 1, 'it is said as soon as somebody hears it');
	t.true(ap.ledger.verify().ok);
});

test('a slice has the speed of what it is a part of, and ends with it at the latest', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const now = ap.clock.wallMs();
	const ask = (id: string, slice: string, more: object) => {
		const { kind, body } = give(slice, 1000);
		return platform.ask({ audience: AP, id }, { kind, body: { ...body, ...more } } as never);
	};
	const pace = { downBytesPerSecond: 5000 };
	t.like(await ask('g-1', 's-1', { pace, endsAt: now + 90_500 }), { outcome: 'done' });
	t.like(ap.ledger.packages(ANN)[0], { pace, remaining: 1000, expiresAtWallMs: now + 90_000 });
	t.like(await ask('g-2', 's-2', { endsAt: now + 10_000_000 }), { outcome: 'done' });
	t.like(ap.ledger.packages(ANN)[1], { id: 's-2', expiresAtWallMs: now + 3_600_000 }, 'its own validity is sooner');
	t.like(await ask('g-3', 's-3', { endsAt: now + 500 }), { outcome: 'refused', code: 'expired' });
	t.like(await ask('g-3', 's-3', { endsAt: now + 500 }), { outcome: 'refused', code: 'expired' }, 'for ever');
	t.is(ap.ledger.packages(ANN).length, 2);
	t.true(ap.ledger.verify().ok);
});

test('a slice of a restricted allowance is slow from its first byte, and as it was sold when that is over', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const ask = (id: string, slice: string, more: object) => {
		const { kind, body } = give(slice, 1000);
		return platform.ask({ audience: AP, id }, { kind, body: { ...body, ...more } } as never);
	};
	const paces = () => ap.ledger.packages(ANN).map(({ pace }) => pace);
	const slow = { upBytesPerSecond: 100, downBytesPerSecond: 100 };
	await ask('g-1', 's-1', {});
	await ask('g-2', 's-2', { pace: { downBytesPerSecond: 5000 }, paceNow: slow });
	await ask('g-3', 's-3', { paceNow: slow });
	t.deepEqual(paces(), [undefined, slow, slow], 'each its own; what was there is changed by a command');
	t.like(await ask('g-4', 's-2', { pace: { downBytesPerSecond: 5000 } }), { outcome: 'exists' });
	const over = { kind: 'command', body: { command: 'throttle', account: 'ann' } } as const;
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, over), { outcome: 'done' });
	t.deepEqual(paces(), [undefined, { downBytesPerSecond: 5000 }, undefined]);
	t.true(ap.ledger.verify().ok);
});

test('credit does not wait for a station that went away', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000));
	await ap.pass(IDLE_MS + 3000);
	await soon(() => of(platform, 'slice.return').length === 1);
	t.like(of(platform, 'slice.return')[0]?.details, { returned: 1000, reason: 'detached' });
	t.true(ap.ledger.verify().ok);
});

test('the next slice is asked for before the last one is used up, and not in vain', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const slices = { bytes: 5000, lowBytes: 400 };
	const body = { policyVersion: 1, plans: [], tariffs: [], slices };
	await platform.ask({ audience: 'all', id: 'p-1' }, { kind: 'policy', body });
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000));
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	ap.use('s1', 500, 0);
	await ap.pass(1500);
	t.is(of(platform, 'slice.request').length, 0);
	ap.use('s1', 200, 0);
	ap.sync.renewed(ANN, { isOut: false, mode: 'bytes', unsettledBytes: 50 });
	ap.sync.renewed(ANN, { isOut: false, mode: 'bytes', unsettledBytes: 50 });
	await soon(() => of(platform, 'slice.request').length === 1);
	const [request] = of(platform, 'slice.request');
	t.like(request, { account: 'ann', details: { wants: 5000, remaining: 250, reason: 'low' } });
	const denied = { kind: 'deny', request: request?.id ?? '', account: 'ann', reason: 'empty' } as const;
	await platform.ask({ audience: AP, id: 'g-2' }, { kind: 'grant', body: denied });
	await ap.pass(DENIED_MS - 2000);
	t.is(of(platform, 'slice.request').length, 1);
	await ap.pass(4000);
	await soon(() => of(platform, 'slice.request').length === 2);
	t.deepEqual(platform.broken, []);
});

test('an account that is not known here is asked for; who comes waits for the answer, but not for ever', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const found = ap.sync.findAccount(ANN);
	await soon(() => of(platform, 'slice.request').length === 1);
	t.like(of(platform, 'slice.request')[0]?.details, { reason: 'first', remaining: 0 });
	await platform.send({ audience: AP, id: 'g-1' }, give('s-1', 1000));
	await found;
	t.is(ap.ledger.account(ANN)?.available.byte, 1000);
	const nobody = ap.sync.findAccount('nobody' as AccountId);
	await ap.pass(FIRST_WAIT_MS);
	await nobody;
	t.is(ap.ledger.account('nobody' as AccountId), undefined);
});

test("with a customer's code each request has a proof, of this access point, account and request", async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const code = 'ABCD-EFGH-IJKL-MNOP';
	const found = ap.sync.findAccount(ANN, code);
	await soon(() => of(platform, 'slice.request').length === 1);
	const [request] = of(platform, 'slice.request');
	const subject = { ap: AP, account: 'ann', request: request?.id ?? '' };
	t.is(request?.details.proof, accountProofOf(accountKeyOf(code, 'ann'), subject));
	t.false(JSON.stringify(request).includes('ABCD'), 'the code itself stays here');
	await platform.send({ audience: AP, id: 'g-1' }, give('s-1', 1000));
	await found;
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	ap.use('s1', 900, 0);
	await ap.pass(3000);
	await soon(() => of(platform, 'slice.request').length === 2);
	const next = of(platform, 'slice.request')[1];
	t.is(next?.details.proof, accountProofOf(accountKeyOf(code, 'ann'), { ...subject, request: next?.id ?? '' }));
	t.deepEqual(platform.broken, []);
});

test('with an offline allowance and no other word it asks for as much as it can get', async (t) => {
	const { platform, ap } = await carrierWorld(t);
	const body = { policyVersion: 1, plans: [], tariffs: [], offline: { sliceBytesMax: 1000, silent: 'hold' } } as const;
	t.like(await platform.ask({ audience: 'all', id: 'p-1' }, { kind: 'policy', body }), { outcome: 'done' });
	await platform.ask({ audience: AP, id: 'g-1' }, give('s-1', 1000));
	ap.attached.set(MAC, ANN);
	ap.open('s1', 'ann');
	ap.use('s1', 400, 0);
	await ap.pass(1500);
	t.is(of(platform, 'slice.request').length, 0, 'more than half is left');
	ap.use('s1', 100, 0);
	await ap.pass(1500);
	await soon(() => of(platform, 'slice.request').length === 1);
	t.like(of(platform, 'slice.request')[0]?.details, { wants: 1000, remaining: 500 });
});
