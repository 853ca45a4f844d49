import test from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { PLATFORM_KEY } from '../../fakes/fake-platform.ts';
import { carrierWorld, soon, type World } from './carrier-world.ts';

const ANN = 'ann' as AccountId;
const AP = 'cafe-7';
const terms = { name: 'day', title: 'A day', unit: 'byte', amount: 1000, atEnd: 'block' } as const;
const topup = (account: string) => ({
	kind: 'command' as const,
	body: { command: 'topup' as const, account, terms, create: true },
});
const refused = ({ ap }: World) => Object.fromEntries(Object.entries(ap.sync.figures.refused).filter(([, n]) => n > 0));
const held = ({ ap }: World, account = ANN) => ap.ledger.account(account)?.available.byte;

test('a top-up takes effect once, however often it comes, and each time gets the same reply', async (t) => {
	const world = await carrierWorld(t);
	const { platform } = world;
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, topup('ann')), { outcome: 'done' });
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, topup('ann')), { outcome: 'done' });
	await world.ap.restart();
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, topup('ann')), { outcome: 'done' });
	t.is(held(world), 1000);
	t.true(world.ap.ledger.verify().ok);
});

test('what is refused stays refused, with the reason', async (t) => {
	const world = await carrierWorld(t);
	const { platform } = world;
	const block = { kind: 'command', body: { command: 'block', account: 'ann' } } as const;
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, block), { outcome: 'refused', code: 'not_found' });
	await platform.ask({ audience: AP, id: 'c-2' }, topup('ann'));
	// A duplicate that the broker kept until now must not block somebody who was never to be blocked.
	t.like(await platform.ask({ audience: AP, id: 'c-1' }, block), { outcome: 'refused', code: 'not_found' });
	t.false(world.ap.ledger.account(ANN)?.blocked);
});

test('block, unblock and block again: a repeated message does not undo what came after it', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	await platform.ask({ audience: AP, id: 'c-1' }, topup('ann'));
	t.like(
		await platform.ask({ audience: AP, id: 'c-2' }, { kind: 'command', body: { command: 'block', account: 'ann' } }),
		{
			outcome: 'done',
		},
	);
	t.true(ap.ledger.account(ANN)?.blocked);
	await platform.ask({ audience: AP, id: 'c-3' }, { kind: 'command', body: { command: 'unblock', account: 'ann' } });
	await platform.ask({ audience: AP, id: 'c-2' }, { kind: 'command', body: { command: 'block', account: 'ann' } });
	t.false(ap.ledger.account(ANN)?.blocked);
});

test('speed, end, tariff, transfer and detach', async (t) => {
	const world = await carrierWorld(t, {
		wares: {
			plans: [],
			tariffs: [{ name: 'by-volume', unit: 'byte', priceMicro: 10, per: 1_048_576, free: 0, first: 1, step: 1 }],
		},
	});
	const { platform, ap } = world;
	await platform.ask({ audience: AP, id: 'c-1' }, topup('ann'));
	await platform.ask({ audience: AP, id: 'c-2' }, topup('bob'));
	const ask = async (id: string, body: Parameters<typeof platform.ask>[1]['body']) =>
		(await platform.ask({ audience: AP, id }, { kind: 'command', body } as never)).outcome;
	t.is(await ask('c-3', { command: 'throttle', account: 'ann', downBytesPerSecond: 5000 }), 'done');
	t.deepEqual(ap.ledger.packages(ANN)[0]?.pace, { downBytesPerSecond: 5000 });
	t.is(await ask('c-4', { command: 'throttle', account: 'ann' }), 'done');
	t.is(ap.ledger.packages(ANN)[0]?.pace, undefined, 'as it was sold');
	t.is(await ask('c-5', { command: 'at-end', account: 'ann', atEnd: 'throttle', throttleBytesPerSecond: 100 }), 'done');
	t.like(ap.ledger.packages(ANN)[0], { atEnd: 'throttle', throttleBytesPerSecond: 100 });
	t.is(await ask('c-6', { command: 'tariff', account: 'ann', tariff: 'by-volume' }), 'done');
	t.is(ap.ledger.account(ANN)?.tariff, 'by-volume');
	t.is(await ask('c-7', { command: 'tariff', account: 'ann', tariff: 'none' }), 'refused');
	t.is(await ask('c-8', { command: 'transfer', from: 'ann', to: 'bob', unit: 'byte', amount: 300 }), 'done');
	t.is(held(world), 700);
	t.is(held(world, 'bob' as AccountId), 1300);
	t.is(await ask('c-9', { command: 'transfer', from: 'ann', to: 'bob', unit: 'byte', amount: 5000 }), 'refused');
	t.is(held(world), 700);
	ap.attached.set('02:00:5e:10:00:01' as MacAddress, ANN);
	t.is(await ask('c-10', { command: 'detach', account: 'ann' }), 'done');
	t.is(ap.attached.size, 0);
	t.is(await ask('c-11', { command: 'detach' }), 'refused');
	t.is(await ask('c-12', { command: 'reread' }), 'done');
	t.true(ap.ledger.verify().ok);
});

test('what nobody has signed changes nothing, is counted, and is reported once', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	const good = await platform.token({ audience: AP, id: 'c-1' }, topup('ann'));
	const [head, payload, signature] = good.split('.');
	// RFC 8032, 7.1, test 2, under the name of our key.
	const stranger = {
		kid: PLATFORM_KEY.kid,
		x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
		d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs',
	};
	const topic = 'octroi/1/cafe-7/down/command';
	const publish = (token: string | Buffer) => platform.client.publishAsync(topic, token, { qos: 1 });
	const reversed = Buffer.from(String(payload), 'base64url').reverse().toString('base64url');
	await publish(`${head}.${reversed}.${signature}`);
	await publish('{"version":1}');
	await publish(Buffer.alloc(70_000, 'a'));
	await publish(good.replace(String(head), Buffer.from('{"alg":"EdDSA","kid":"k9"}').toString('base64url')));
	await publish(await platform.token({ audience: AP, id: 'c-1', signer: stranger }, topup('ann')));
	await soon(() => ap.sync.figures.refused.signature === 2);
	t.deepEqual(refused(world), { signature: 2, form: 1, size: 1, key: 1 });
	t.is(ap.ledger.account(ANN), undefined);
	t.is(platform.replies.length, 0, 'a stranger is not answered');
	for (let count = 0; count < 5; count += 1) await publish('{}');
	await ap.pass(1500);
	await soon(() => platform.events.size >= 4 && ap.sync.figures.refused.form === 6);
	await ap.pass(1500);
	t.is([...platform.events.values()].filter(({ kind }) => kind === 'fault').length, 4, 'one event a reason');
});

test('a message for somebody else, of another topic, or too old is refused', async (t) => {
	const clock = new FakeClock();
	const world = await carrierWorld(t, { clock });
	const { platform, ap } = world;
	const topic = 'octroi/1/cafe-7/down/command';
	await platform.send({ audience: 'cafe-8', id: 'c-1', topic }, topup('ann'));
	await platform.send({ audience: AP, id: 'c-2', topic: 'octroi/1/cafe-7/down/grant' }, topup('ann'));
	await soon(() => ap.sync.figures.refused.topic + ap.sync.figures.refused.audience === 2);
	const late = await platform.ask({ audience: AP, id: 'c-3', expiresAt: clock.wallMs() - 3_600_000 }, topup('ann'));
	t.like(late, { outcome: 'refused', code: 'expired' });
	t.deepEqual(refused(world), { topic: 1, audience: 1, expired: 1 });
	t.is(ap.ledger.account(ANN), undefined);
});

test('while the clock is not set nothing expires, and still nothing is done twice', async (t) => {
	const clock = new FakeClock({ wallMs: 0 });
	const world = await carrierWorld(t, { clock });
	const { platform } = world;
	t.like(await platform.ask({ audience: AP, id: 'c-1', expiresAt: 1 }, topup('ann')), { outcome: 'done' });
	t.like(await platform.ask({ audience: AP, id: 'c-1', expiresAt: 1 }, topup('ann')), { outcome: 'done' });
	t.is(held(world), 1000);
});

test('a clock that is years ahead refuses commands, but usage is still acknowledged', async (t) => {
	const clock = new FakeClock({ wallMs: Date.UTC(2044, 0, 1) });
	const world = await carrierWorld(t, { clock });
	const { platform, ap } = world;
	const expiresAt = Date.UTC(2026, 6, 1);
	t.like(await platform.ask({ audience: AP, id: 'c-1', expiresAt }, topup('ann')), { code: 'expired' });
	ap.buy('bob', 1000);
	ap.open('s1', 'bob');
	ap.use('s1', 10, 0);
	await ap.pass(61_000);
	await soon(() => ap.sync.figures.acknowledged === ap.sync.figures.sealed && ap.sync.figures.sealed > 0);
	t.true((platform.states.at(-1)?.at ?? 0) > Date.UTC(2043, 0, 1), 'the carrier sees what time it is there');
});

test('a policy applies as a whole, survives a restart, and an older one is refused', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	const policy = (policyVersion: number, more: object = {}) =>
		({ kind: 'policy', body: { policyVersion, plans: [terms], tariffs: [], ...more } }) as const;
	t.like(await platform.ask({ audience: 'all', id: 'p-2', retain: true }, policy(2)), { outcome: 'done' });
	t.is(ap.catalogue.plan('day')?.amount, 1000);
	await soon(() => platform.states.at(-1)?.policyVersion === 2);
	t.like(await platform.ask({ audience: 'all', id: 'p-1' }, policy(1, { plans: [] })), { code: 'outdated' });
	const [{ name, ...rest }, again] = [terms, policy(2)];
	const turned = { tariffs: [], plans: [{ ...rest, name }], policyVersion: 2 };
	const same = await platform.ask({ audience: 'all', id: 'p-2a' }, { ...again, body: turned } as never);
	t.is(same.outcome, 'exists', 'in whatever order its members come');
	t.like(await platform.ask({ audience: 'all', id: 'p-2b' }, policy(2, { plans: [] })), { outcome: 'refused' });
	const wrong = {
		plans: [{ ...terms, amount: 5 }, terms, { ...terms, name: 'money', unit: 'micro', tariff: 'none' }],
		tariffs: [{ name: 'x', unit: 'second', priceMicro: 1, per: 1_048_576, free: 0, first: 1, step: 1 }],
	};
	const reply = await platform.ask({ audience: 'all', id: 'p-3' }, policy(3, wrong));
	t.is(reply.code, 'policy');
	t.deepEqual(
		reply.faults?.map(({ path }) => path),
		['plans[1].name', 'tariffs[0].per', 'plans[2].tariff'],
	);
	t.is(ap.catalogue.plan('day')?.amount, 1000, 'nothing of it applies');
	const half = await platform.ask({ audience: 'all', id: 'p-4' }, policy(4, { plans: [{ name: 'day' }] }));
	t.like(half, { outcome: 'refused', code: 'invalid_value' });
	await ap.restart();
	t.is(ap.catalogue.plan('day')?.amount, 1000);
	t.is(ap.sync.figures.policyVersion, 2);
	t.like(await platform.ask({ audience: AP, id: 'o-1' }, policy(1, { plans: [] })), { outcome: 'done' });
	t.is(ap.catalogue.plan('day'), undefined, 'its own policy goes before the one for all');
});

test('a live plan changes what was bought of it, at once', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	await platform.ask({ audience: AP, id: 'c-1' }, topup('ann'));
	const live = {
		...terms,
		live: true,
		atEnd: 'throttle',
		throttleBytesPerSecond: 500,
		pace: { downBytesPerSecond: 9000 },
	};
	const body = { policyVersion: 1, plans: [live], tariffs: [] } as never;
	await platform.ask({ audience: 'all', id: 'p-1' }, { kind: 'policy', body });
	t.like(ap.ledger.packages(ANN)[0], {
		atEnd: 'throttle',
		throttleBytesPerSecond: 500,
		pace: { downBytesPerSecond: 9000 },
	});
	await soon(() => ap.done.includes('changed ann'));
	t.true(ap.ledger.verify().ok);
});

test('keys change by policy: a new one is believed, a revoked one no longer, and never is there none', async (t) => {
	const world = await carrierWorld(t);
	const { platform, ap } = world;
	// RFC 8032, 7.1, test 2
	const next = {
		kid: 'k2',
		x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
		d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs',
	};
	const policy = (policyVersion: number, more: object) =>
		({ kind: 'policy', body: { policyVersion, plans: [], tariffs: [], ...more } }) as const;
	const alone = await platform.ask({ audience: 'all', id: 'p-0' }, policy(1, { revokedKeys: [PLATFORM_KEY.kid] }));
	t.like(alone, { outcome: 'refused', code: 'policy' });
	const keys = [{ kid: next.kid, x: next.x }];
	t.like(await platform.ask({ audience: 'all', id: 'p-1' }, policy(1, { keys })), { outcome: 'done' });
	const revoked = policy(2, { keys, revokedKeys: [PLATFORM_KEY.kid] });
	t.like(await platform.ask({ audience: 'all', id: 'p-2', signer: next }, revoked), { outcome: 'done' });
	t.deepEqual(ap.sync.figures.keys, ['k2']);
	await platform.send({ audience: AP, id: 'c-1' }, topup('ann'));
	await soon(() => ap.sync.figures.refused.key === 1);
	await ap.restart();
	t.deepEqual(ap.sync.figures.keys, ['k2'], 'a restart does not bring it back');
	t.like(await platform.ask({ audience: AP, id: 'c-2', signer: next }, topup('ann')), { outcome: 'done' });
});
