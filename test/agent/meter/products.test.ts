import test, { type ExecutionContext } from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import type { NamedTariff } from '../../../agent/ledger/tariff-store.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

/** A micro for each 100 bytes. */
const DATA: NamedTariff = { name: 'data', unit: 'byte', priceMicro: 1, per: 100, free: 0, first: 1, step: 1 };
/** The first minute whole, then half minutes. */
const CALL: NamedTariff = { name: 'call', unit: 'second', priceMicro: 60, per: 60, free: 0, first: 60, step: 30 };
const FAMILY = 'family' as AccountId;
const BOB = 'bob' as AccountId;

test('a wallet is spent by the byte, to its end, and paid for exactly', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 1000, tariff: DATA });
	const meter = await venue.attach(FIRST);
	const forwarded = await venue.send(meter, 1000, { times: 120 });
	t.true(forwarded > 98_500 && forwarded <= 100_000, `${forwarded}`);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().used.micro, Math.ceil(forwarded / 100));
	t.is(venue.account().available.micro, 1000 - Math.ceil(forwarded / 100));
	t.is(venue.life.books.verify().broken, undefined);
});

test('a package first, then the wallet, without a gap', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 1000, tariff: DATA });
	await venue.buy({ unit: 'byte', amount: 30_000 });
	const meter = await venue.attach(FIRST);
	t.is(await venue.send(meter, 1000, { times: 60 }), 60_000);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().available.micro, 700);
});

test('a wallet is spent by the minute: bytes are included, and it ends with the last paid second', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 90, tariff: CALL });
	const meter = await venue.attach(FIRST);
	t.is(venue.kernel.send(meter, 'down', 5000), 'timed');
	await venue.pass(89_000);
	t.is(venue.kernel.send(meter, 'down', 5000), 'timed');
	await venue.pass(1500);
	t.is(venue.kernel.send(meter, 'down', 5000), 'dropped');
	t.like(venue.account(), { used: { byte: 10_000, second: 90, micro: 90 }, available: { micro: 0 } });
	const [record] = venue.life.books.records(ANN);
	t.like(record, { seconds: 90, costMicro: 90, endReason: 'funds', downBytes: 10_000 });
	await venue.meter.detach(FIRST, 'test');
	t.deepEqual(venue.life.books.records(ANN), [record]);
});

test('two stations pay their minutes each by itself', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 200, tariff: CALL });
	await venue.attach(FIRST);
	await venue.attach(SECOND);
	await venue.pass(30_000);
	await venue.meter.detach(SECOND, 'test');
	await venue.pass(31_000);
	await venue.meter.detach(FIRST, 'test');
	const costs = venue.life.books.records(ANN).map(({ mac, seconds, costMicro }) => [mac, seconds, costMicro]);
	t.deepEqual(costs, [
		[SECOND, 30, 60],
		[FIRST, 61, 90],
	]);
	t.is(venue.account().available.micro, 50);
});

test('an hour of the wallet at a time: a long session goes on without a gap', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 20_000, tariff: CALL });
	const meter = await venue.attach(FIRST);
	t.is(venue.account().reserved.micro, 3600);
	for (let minute = 0; minute < 150; minute += 1) {
		await venue.pass(60_000);
		t.is(venue.kernel.send(meter, 'down', 100), 'timed', `minute ${minute}`);
	}
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().used.micro, 9000);
});

test('a restart of the agent loses nothing of a wallet, by the byte or by the minute', async (t) => {
	for (const tariff of [DATA, CALL]) {
		const venue = await Venue.open(t);
		await venue.buy({ unit: 'micro', amount: 1000, tariff });
		const meter = await venue.attach(FIRST);
		venue.kernel.send(meter, 'down', 5000);
		await venue.pass(20_000);
		venue.kill();
		venue.kernel.send(meter, 'down', 5000);
		await venue.pass(10_000);
		await venue.restart();
		t.not(venue.kernel.send(meter, 'down', 5000), 'dropped');
		await venue.meter.detach(FIRST, 'test');
		t.is(venue.account().used.byte, 15_000, tariff.name);
		t.is(venue.account().used.micro, tariff === DATA ? 150 : 60, tariff.name);
		t.is(venue.account().reserved.micro, 0);
	}
});

test('grace: so many bytes after the end, once, and the next purchase goes on in the same flow', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 30_000, grace: { unit: 'byte', amount: 10_000 } });
	const meter = await venue.attach(FIRST);
	isAlmost(t, await venue.send(meter, 1000, { times: 60 }), 40_000);
	t.is(venue.kernel.send(meter, 'down', 100), 'dropped');
	await venue.meter.detach(FIRST, 'test');
	await venue.attach(FIRST);
	t.is(venue.meter.find(FIRST)?.pool.mode, 'nothing', 'no second time by coming again');
	await venue.buy({ unit: 'byte', amount: 30_000, grace: { unit: 'byte', amount: 10_000 } });
	const again = venue.meter.find(FIRST)?.meter.meter;
	isAlmost(t, await venue.send(again ?? (0 as never), 1000, { times: 60 }), 40_000);
});

test('grace in seconds: everything passes for so long', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 10_000, grace: { unit: 'second', amount: 30 } });
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1000, { times: 11 });
	t.is(venue.meter.find(FIRST)?.pool.mode, 'time');
	t.is(venue.meter.find(FIRST)?.pool.reason, 'used up; what is allowed after the end');
	await venue.pass(29_500);
	t.is(venue.kernel.send(meter, 'down', 1000), 'timed');
	await venue.pass(1000);
	t.is(venue.kernel.send(meter, 'down', 1000), 'dropped');
});

test('a plan for two stations takes two, and says so to the third', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000, stationsMax: 1 });
	await venue.attach(FIRST);
	const error = await t.throwsAsync(venue.attach(SECOND));
	t.like(error, { code: 'not_allowed', message: 'ann may have 1 stations at once, and has 1' });
	await venue.buy({ unit: 'byte', amount: 100_000, stationsMax: 2 });
	await t.notThrowsAsync(venue.attach(SECOND));
});

test('the speed of a plan reaches the kernel, and goes with it', async (t) => {
	const venue = await Venue.open(t);
	const pace = { upBytesPerSecond: 1000, downBytesPerSecond: 2000 };
	await venue.buy({ unit: 'byte', amount: 30_000, pace, validForSeconds: 1e6 });
	await venue.buy({ unit: 'byte', amount: 30_000 });
	const meter = await venue.attach(FIRST);
	t.deepEqual(venue.meter.find(FIRST)?.pool.pace, pace);
	t.is(await venue.send(meter, 1000, { times: 28 }), 28_000);
	t.deepEqual(venue.meter.find(FIRST)?.pool.pace, pace);
	await venue.send(meter, 1000, { times: 4 });
	t.is(venue.meter.find(FIRST)?.pool.pace, undefined);
	await venue.send(meter, 1000, { times: 30 });
	t.true(venue.account().available.byte + venue.account().reserved.byte < 1500);
});

test('members of a group share what it bought, each up to its allowance; what one gives back wakes the other', async (t) => {
	const venue = await Venue.open(t);
	const { books } = venue.life;
	for (const id of [FAMILY, BOB]) books.createAccount({ id });
	books.joinGroup({ group: FAMILY, account: ANN, allowance: { byte: 60_000 } });
	books.joinGroup({ group: FAMILY, account: BOB, allowance: {} });
	const ann = await venue.attach(FIRST);
	const bob = await venue.attach(SECOND, BOB);
	t.is(venue.kernel.send(ann, 'down', 1000), 'dropped');
	await venue.buy({ unit: 'byte', amount: 100_000 }, FAMILY);
	const hers = await venue.send(ann, 1000, { times: 80 });
	isAlmost(t, hers, 60_000);
	isAlmost(t, await venue.send(bob, 1000, { times: 80 }), 100_000 - hers);
	t.is(books.verify().broken, undefined);
	await venue.buy({ unit: 'byte', amount: 20_000 }, FAMILY);
	t.is(venue.meter.find(FIRST)?.pool.mode, 'nothing', 'her allowance is used up');
	t.is(venue.meter.find(SECOND)?.pool.mode, 'bytes');
	books.joinGroup({ group: FAMILY, account: ANN, allowance: {} });
	await venue.meter.detach(SECOND, 'test');
	await venue.quiet();
	t.is(venue.meter.find(FIRST)?.pool.mode, 'bytes', 'what was given back');
	isAlmost(t, await venue.send(ann, 1000, { times: 30 }), 20_000);
});

/** What is too little for a packet is not granted. */
function isAlmost(t: ExecutionContext, forwarded: number, bytes: number): void {
	t.true(forwarded > bytes - 1500 && forwarded <= bytes, `${forwarded} of ${bytes}`);
}

test('whoever interrupts the time again and again pays for all of it', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'second', amount: 30 });
	const meter = await venue.attach(FIRST);
	let had = 0;
	for (let turn = 0; turn < 60; turn += 1) {
		await venue.pass(900);
		if (venue.kernel.send(meter, 'down', 100) !== 'dropped') had += 900;
		// As a gift does that is refused: for a moment nothing is reserved.
		await venue.meter.withdraw(ANN, () => undefined);
	}
	t.true(had <= 30_000 && had > 28_000, `${had} ms`);
	t.like(venue.account(), { available: { second: 0 }, used: { second: 30 } });
});

test('time that ended in the kernel while the agent was dead is not charged on when there is more', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'second', amount: 3 });
	const meter = await venue.attach(FIRST);
	await venue.pass(1000);
	venue.kill();
	await venue.pass(60_000);
	t.is(venue.kernel.send(meter, 'down', 100), 'dropped');
	await venue.restart();
	await venue.buy({ unit: 'second', amount: 100 });
	await venue.pass(5000);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().used.second, 8);
});
