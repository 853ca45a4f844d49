import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

test('two stations on one account share it to the byte', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const first = await venue.attach(FIRST);
	const second = await venue.attach(SECOND);
	let forwarded = 0;
	for (let round = 0; round < 120; round += 1) {
		forwarded += await venue.send(first, 1000, { direction: 'up' });
		forwarded += await venue.send(second, 1000);
	}
	t.true(forwarded <= 100_000 && forwarded > 98_500, `${forwarded}`);
	t.deepEqual(venue.account().used, { byte: forwarded, second: 0, micro: 0 });
	t.is(venue.account().available.byte, 100_000 - forwarded);
	t.is(venue.account().reserved.byte, 0);
});

test('a top-up while throttled charges nothing of what was throttled to the new package', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 10_000, atEnd: 'throttle', throttleBytesPerSecond: 50_000 });
	const meter = await venue.attach(FIRST);
	t.is(await venue.send(meter, 1000, { times: 10 }), 10_000);
	t.is(await venue.send(meter, 1000, { times: 5 }), 5000, 'fair use begins with the very next byte');
	t.is(venue.kernel.send(meter, 'down', 1000), 'slow');
	await venue.buy({ unit: 'byte', amount: 50_000 });
	t.is(venue.kernel.send(meter, 'down', 1000), 'grant');
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().available.byte, 49_000);
});

test('with no agent awake, fair use begins with the packet after the last one that was bought', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 10_000, atEnd: 'throttle', throttleBytesPerSecond: 50_000 });
	const meter = await venue.attach(FIRST);
	venue.kernel.watch.depleted = () => {};
	const ways = Array.from({ length: 15 }, () => venue.kernel.send(meter, 'down', 1000));
	t.is(ways.filter((way) => way === 'slow').length, 5);
	t.deepEqual(ways.slice(10), Array(5).fill('slow'));
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().available.byte, 50_000, 'what was slow meanwhile is not charged to what is bought now');
});

test('a balance that is not all granted yet stops at the end of the grant, and is not slowed', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 1e9, atEnd: 'throttle', throttleBytesPerSecond: 50_000 });
	const meter = await venue.attach(FIRST);
	venue.kernel.watch.depleted = () => {};
	let way: string = '';
	while (way !== 'dropped') {
		way = venue.kernel.send(meter, 'down', 1000);
		t.not(way, 'slow');
	}
});

test('what is too little for a packet stays in the balance while the station is throttled', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 1000, atEnd: 'throttle', throttleBytesPerSecond: 50_000 });
	venue.life.books.createAccount({ id: 'eve' as AccountId, atEnd: 'throttle', throttleBytesPerSecond: 50_000 });
	await venue.buy({ unit: 'byte', amount: 1000 }, 'eve' as AccountId);
	const meter = await venue.attach(FIRST, 'eve' as AccountId);
	t.is(await venue.send(meter, 500, { times: 20 }), 10_000);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account('eve' as AccountId).available.byte, 1000);
});

test('a top-up lets a station that ran dry go on', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 3000 });
	const meter = await venue.attach(FIRST);
	t.is(await venue.send(meter, 1500, { times: 5 }), 3000);
	await venue.buy({ unit: 'byte', amount: 3000 });
	t.is(await venue.send(meter, 1500, { times: 5 }), 3000);
});

test('a pool that ran dry, and one that was topped up, are noted for whoever watches', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 3000 });
	const meter = await venue.attach(FIRST);
	const { pools } = venue.meter;
	const noted = () => {
		const accounts = [...(pools.decided ?? [])].map(({ account, mode }) => [account, mode]);
		pools.decided = new Set();
		return accounts;
	};
	noted();
	await venue.send(meter, 1500, { times: 5 });
	t.deepEqual(noted(), [[ANN, 'nothing']]);
	await venue.buy({ unit: 'byte', amount: 3000 });
	t.deepEqual(noted(), [[ANN, 'bytes']]);
});

test('the bytes of a time package are free, and those after it are paid', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	await venue.buy({ unit: 'second', amount: 10 });
	const meter = await venue.attach(FIRST);
	t.is(venue.kernel.send(meter, 'down', 1500), 'timed');
	await venue.pass(9000);
	t.is(venue.kernel.send(meter, 'down', 1500), 'timed');
	await venue.pass(1500);
	t.is(venue.kernel.send(meter, 'down', 1500), 'grant');
	await venue.meter.detach(FIRST, 'test');
	t.like(venue.account(), { available: { byte: 98_500, second: 0 }, used: { byte: 4500, second: 10 } });
});

test('an expired time package does not hide the bytes that are left', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	await venue.buy({ unit: 'second', amount: 1000, validForSeconds: 5 });
	const meter = await venue.attach(FIRST);
	await venue.pass(5100);
	t.is(venue.kernel.send(meter, 'down', 1500), 'grant');
	t.is(venue.account().used.second, 5);
});

test('a package that expires while it is being spent ends at that moment, and what was forwarded of it is paid', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 50_000, validForSeconds: 10 });
	const meter = await venue.attach(FIRST);
	t.is(await venue.send(meter, 1000, { times: 7 }), 7000);
	await venue.pass(10_100);
	t.is(await venue.send(meter, 1000, { times: 3 }), 0);
	t.like(venue.account(), { available: { byte: 0 }, reserved: { byte: 0 }, used: { byte: 7000 } });
	t.true(venue.life.books.verify().ok);
});

test('an attachment that the kernel refuses leaves nothing behind', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 50_000 });
	let calls = 0;
	const gate = venue.life.gate;
	const { apply } = gate;
	gate.apply = async (change) => {
		calls += 1;
		if (calls === 1) throw new RangeError('refused');
		return apply.call(gate, change);
	};
	await t.throwsAsync(venue.attach(FIRST), { message: 'refused' });
	t.is(venue.meter.pools.size, 0);
	t.is(venue.life.books.openSessions().length, 0);
	t.is(venue.account().reserved.byte, 0);
	t.is(venue.kernel.meters.size + venue.kernel.pools.size + venue.kernel.stations.size, 0);
	t.is(await venue.send(await venue.attach(FIRST), 1500), 1500);
});

test('while the ledger cannot be written, the kernel stops at its grant; afterwards everything goes on, and nothing is lost', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const meter = await venue.attach(FIRST);
	const granted = venue.account().reserved.byte;
	venue.isDiskFull = true;
	const forwarded = await venue.send(meter, 1000, { times: 100 });
	t.is(forwarded, granted);
	await venue.pass(10_000);
	t.is(await venue.send(meter, 1000), 0);
	venue.isDiskFull = false;
	await venue.pass(2100);
	t.is(await venue.send(meter, 1000, { times: 10 }), 10_000);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().used.byte, forwarded + 10_000);
	t.is(venue.account().available.byte, 100_000 - forwarded - 10_000);
});

test('a renewal that the kernel refuses is tried again without another event', async (t) => {
	const venue = await Venue.open(t);
	const meter = await venue.attach(FIRST);
	venue.gateFault = 'before';
	await venue.buy({ unit: 'byte', amount: 50_000 });
	t.is(venue.kernel.send(meter, 'down', 1500), 'dropped');
	venue.gateFault = undefined;
	await venue.pass(2100);
	t.is(venue.kernel.send(meter, 'down', 1500), 'grant');
});

test('time that the kernel refused to give is not charged', async (t) => {
	const venue = await Venue.open(t);
	await venue.attach(FIRST);
	venue.gateFault = 'before';
	await venue.buy({ unit: 'second', amount: 100 });
	await venue.pass(60_000);
	venue.gateFault = undefined;
	await venue.pass(2100);
	t.is(venue.account().used.second, 0);
	await venue.pass(10_000);
	await venue.meter.detach(FIRST, 'test');
	t.true([10, 11, 12].includes(venue.account().used.second));
});

test('a blocked account stops at once, and goes on when it is unblocked', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const meter = await venue.attach(FIRST);
	t.is(await venue.send(meter, 1500), 1500);
	t.is(await venue.meter.setBlocked(ANN, true), 'changed');
	t.is(await venue.send(meter, 1500), 0);
	t.like(venue.account(), { reserved: { byte: 0 }, used: { byte: 1500 } });
	t.is(await venue.meter.setBlocked(ANN, false), 'changed');
	t.is(await venue.send(meter, 1500), 1500);
});

test('who has no account, is attached already, or was never attached, is told so', async (t) => {
	const venue = await Venue.open(t);
	await t.throwsAsync(venue.attach(FIRST, 'nobody' as AccountId), { code: 'not_found' });
	await t.throwsAsync(venue.meter.setBlocked('nobody' as AccountId, true), { code: 'not_found' });
	await t.throwsAsync(venue.meter.detach(FIRST, 'test'), { code: 'not_found' });
	await venue.attach(FIRST);
	await t.throwsAsync(venue.attach(FIRST), { code: 'not_allowed' });
	t.is(venue.meter.pools.of(ANN)?.meters.size, 1);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.meter.pools.size, 0);
	t.is(venue.kernel.meters.size, 0);
});

test('attaching the same station twice at once attaches it once', async (t) => {
	const venue = await Venue.open(t);
	const outcomes = await Promise.allSettled([venue.attach(FIRST), venue.attach(FIRST)]);
	t.deepEqual(
		outcomes.map(({ status }) => status),
		['fulfilled', 'rejected'],
	);
	t.is(venue.life.books.openSessions().length, 1);
});

test('a top-up that waits while the last station goes and another comes serves the one that came', async (t) => {
	const venue = await Venue.open(t);
	await venue.attach(FIRST);
	const [, , meter] = await Promise.all([
		venue.meter.detach(FIRST, 'test'),
		venue.buy({ unit: 'byte', amount: 50_000 }),
		venue.attach(SECOND),
	]);
	await venue.quiet();
	t.is(await venue.send(meter, 1500), 1500);
});

test('counters that the kernel would not remove after a detachment are removed later', async (t) => {
	const venue = await Venue.open(t);
	await venue.attach(FIRST);
	const { gate } = venue.life;
	const { forget } = gate;
	gate.forget = async () => {
		throw new RangeError('refused');
	};
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.kernel.meters.size, 1);
	gate.forget = forget;
	await venue.pass(2100);
	t.is(venue.kernel.meters.size, 0);
});
