import test, { type ExecutionContext } from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import type { NamedTariff } from '../../../agent/ledger/tariff-store.ts';
import { elapsedSeconds, sessionBytes } from '../../../agent/meter/pool.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

/** A micro for each 100 bytes. */
const DATA: NamedTariff = { name: 'data', unit: 'byte', priceMicro: 1, per: 100, free: 0, first: 1, step: 1 };
/** The first minute whole, then half minutes. */
const CALL: NamedTariff = { name: 'call', unit: 'second', priceMicro: 60, per: 60, free: 0, first: 60, step: 30 };
const WALLET = { unit: 'micro', amount: 300, tariff: DATA } as const;

/** Newest first. */
function records(venue: Venue, account = ANN) {
	return venue.life.books.records(account);
}

function isWhole(t: ExecutionContext, venue: Venue): void {
	t.is(venue.life.books.verify().broken, undefined);
}

/** The one record that there is. */
function only(t: ExecutionContext, venue: Venue) {
	const found = records(venue);
	t.is(found.length, 1);
	return found[0] as (typeof found)[number];
}

test('a crash between the cut and the record leads to one ended record', async (t) => {
	for (const tariff of [DATA, CALL]) {
		const venue = await Venue.open(t);
		await venue.buy({ ...WALLET, amount: 90, tariff });
		const meter = await venue.attach(FIRST);
		venue.kill();
		// The kernel ends it by itself, with nobody awake.
		while (venue.kernel.send(meter, 'down', 1000) !== 'dropped') venue.clock.skip(1000);
		await venue.restart();
		const ended = only(t, venue);
		t.like(ended, { endReason: 'funds', costMicro: tariff === DATA ? 80 : 90 });
		t.is(ended.endWallMs, venue.clock.wallMs());
		venue.kill();
		await venue.pass(60_000);
		await venue.restart();
		await venue.meter.detach(FIRST, 'test');
		t.deepEqual(only(t, venue), ended);
		isWhole(t, venue);
	}
});

test('a disk that is full at the cut delays the record, and it is written once', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy(WALLET);
	const meter = await venue.attach(FIRST);
	venue.isDiskFull = true;
	const forwarded = await venue.send(meter, 1000, { times: 60 });
	t.is(only(t, venue).endWallMs, undefined);
	await venue.pass(10_000);
	t.is(only(t, venue).endWallMs, undefined);
	venue.kill();
	venue.isDiskFull = false;
	await venue.restart();
	t.true(forwarded >= 18_000, 'what had been granted');
	t.is(only(t, venue).endWallMs, undefined, 'there was more');
	const more = await venue.send(meter, 1000, { times: 60 });
	t.like(only(t, venue), { endReason: 'funds', downBytes: forwarded + more, costMicro: (forwarded + more) / 100 });
	isWhole(t, venue);
});

test('a power cut after the end leaves the end as it was', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy(WALLET);
	await venue.send(await venue.attach(FIRST), 1000, { times: 60 });
	const ended = only(t, venue);
	t.is(ended.endReason, 'funds');
	venue.powerCut();
	await venue.restart();
	t.deepEqual(records(venue).at(-1), ended);
	isWhole(t, venue);
});

test('the record ends with the money, while the station is attached, and what was taken is what it says', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy(WALLET);
	const meter = await venue.attach(FIRST);
	const startWallMs = venue.clock.wallMs();
	venue.clock.skip(5000);
	const forwarded = await venue.send(meter, 1000, { times: 60 });
	const cut = venue.clock.wallMs();
	t.like(only(t, venue), { startWallMs, endWallMs: cut, endReason: 'funds', downBytes: forwarded, upBytes: 0 });
	t.is(300 - venue.account().available.micro, only(t, venue).costMicro);
	t.is(venue.account().reserved.micro, 0);
	t.is(venue.meter.find(FIRST)?.pool.mode, 'nothing');
	await venue.pass(60_000);
	const ended = only(t, venue);
	t.is(ended.endWallMs, cut);
	await venue.meter.detach(FIRST, 'test');
	t.deepEqual(only(t, venue), ended);
	isWhole(t, venue);
});

test('a top-up after the end begins a record of its own, with the same counters, and a bill of its own', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy(WALLET);
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1000, { times: 60 });
	const first = only(t, venue);
	await venue.pass(10_000);
	await venue.buy(WALLET);
	const startWallMs = venue.clock.wallMs();
	t.is(await venue.send(meter, 1000, { times: 3 }), 3000, 'the same meter goes on');
	await venue.pass(2000);
	const state = venue.meter.find(FIRST)?.meter;
	t.is(state && sessionBytes(state), 3000);
	venue.kill();
	await venue.restart();
	const adopted = venue.meter.find(FIRST)?.meter;
	t.is(adopted && sessionBytes(adopted), 3000);
	await venue.meter.detach(FIRST, 'test');
	const [second, ...earlier] = records(venue);
	t.deepEqual(earlier, [first]);
	t.not(second?.session, first.session);
	t.like(second, { startWallMs, endReason: 'test', downBytes: 3000, costMicro: 30 });
	const bills = [first, second].map((record) => venue.life.books.receipt(record?.session ?? ''));
	t.deepEqual(
		bills.map(({ totalMicro, lines }) => [totalMicro, lines.length]),
		[
			[first.costMicro, 1],
			[30, 1],
		],
	);
	isWhole(t, venue);
});

test('the record of each station of a wallet ends, and time that is paid ends with its last second', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'micro', amount: 180, tariff: CALL });
	await venue.attach(FIRST);
	await venue.attach(SECOND);
	const began = venue.clock.wallMs();
	await venue.pass(100_000);
	for (const record of records(venue)) {
		t.like(record, { endReason: 'funds', seconds: 90, costMicro: 90 });
		t.true((record.endWallMs ?? 0) - began >= 90_000 && (record.endWallMs ?? 0) - began < 90_100);
	}
	t.is(records(venue).length, 2);
	await venue.buy({ unit: 'micro', amount: 120, tariff: CALL });
	await venue.pass(100_000);
	t.deepEqual(
		records(venue).map(({ seconds, costMicro, endReason }) => [seconds, costMicro, endReason]),
		[
			[60, 60, 'funds'],
			[60, 60, 'funds'],
			[90, 90, 'funds'],
			[90, 90, 'funds'],
		],
	);
	isWhole(t, venue);
});

async function endOf(
	t: ExecutionContext,
	reason: string | undefined,
	terms: Parameters<Venue['buy']>[0],
	atMs = 60_000,
) {
	const venue = await Venue.open(t);
	await venue.buy(terms);
	const meter = await venue.attach(FIRST);
	const began = venue.clock.wallMs();
	await venue.send(meter, 1000, { times: 2 });
	await venue.pass(60_000);
	await venue.send(meter, 1000, { times: 60 });
	await venue.pass(60_000);
	const record = only(t, venue);
	t.is(record.endReason, reason);
	if (record.endWallMs !== undefined) t.true(Math.abs(record.endWallMs - began - atMs) < 1000);
	await venue.meter.detach(FIRST, 'test');
	t.is(only(t, venue).endReason, reason ?? 'test');
	isWhole(t, venue);
}

const ENDS: readonly (readonly [string | undefined, Parameters<Venue['buy']>[0], number?])[] = [
	['used up', { unit: 'byte', amount: 30_000 }],
	['used up', { unit: 'second', amount: 30 }, 30_000],
	['expired', { unit: 'byte', amount: 30_000, validForSeconds: 30 }, 30_000],
	['expired', { unit: 'second', amount: 3600, validForSeconds: 30 }, 30_000],
	['used up', { unit: 'byte', amount: 10_000, grace: { unit: 'second', amount: 30 } }, 90_000],
	[undefined, { unit: 'byte', amount: 10_000, atEnd: 'throttle', throttleBytesPerSecond: 1000 }],
];
for (const [reason, terms, atMs] of ENDS) {
	test(`${JSON.stringify(terms)} ends: ${reason ?? 'with the station'}`, endOf, reason, terms, atMs);
}

test('a block by hand is no end, and neither is what was given away', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy(WALLET);
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1000, { times: 2 });
	await venue.meter.setBlocked(ANN, true);
	t.is(only(t, venue).endReason, undefined);
	await venue.meter.setBlocked(ANN, false);
	t.is(await venue.send(meter, 1000), 1000);
	const bob = 'bob' as AccountId;
	venue.life.books.createAccount({ id: bob });
	const at = { wallMs: venue.clock.wallMs(), bootMs: venue.clock.bootMs() };
	await venue.meter.withdraw(ANN, () => venue.life.ledger.merge({ from: ANN, into: bob, stations: 1, at }));
	t.is(only(t, venue).endReason, undefined);
	t.is(venue.kernel.send(meter, 'down', 1000), 'dropped');
});

test('a station that never had anything has an open record, which begins to count with the first purchase', async (t) => {
	const venue = await Venue.open(t);
	const meter = await venue.attach(FIRST);
	await venue.pass(10_000);
	t.is(only(t, venue).endWallMs, undefined);
	await venue.buy(WALLET);
	await venue.send(meter, 1000, { times: 60 });
	t.is(only(t, venue).endReason, 'funds');
	const state = venue.meter.find(FIRST)?.meter;
	t.is(state && elapsedSeconds(state, venue.clock.bootMs()), 0);
});
