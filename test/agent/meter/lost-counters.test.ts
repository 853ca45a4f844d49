import test, { type ExecutionContext } from 'ava';
import type { MeterId } from '../../../agent/core/units.ts';
import type { FakeKernel } from '../../fakes/fake-kernel.ts';
import { FIRST, SECOND, Venue } from './venue.ts';

const lose = {
	vanish: (kernel: FakeKernel, meter: MeterId) => kernel.removeCounters(meter),
	'are set back': (kernel: FakeKernel, meter: MeterId) => kernel.resetCounters(meter),
};

for (const [what, disturb] of Object.entries(lose)) {
	test(`counters that ${what} while the agent runs: what was seen is charged, and the station goes on by itself`, async (t) => {
		const venue = await Venue.open(t);
		await venue.buy({ unit: 'byte', amount: 200_000 });
		const before = await venue.attach(FIRST);
		const second = await venue.attach(SECOND);
		await venue.send(before, 1000, { times: 9 });
		await venue.send(second, 1000, { times: 2 });
		await venue.pass(1000);
		disturb(venue.kernel, before);
		await venue.pass(1000);
		t.is(venue.account().used.byte, 11_000);
		t.is(venue.meter.find(FIRST)?.meter.meter, before, 'its flows carry this number');
		t.is(await venue.send(before, 1500), 1500);
		t.is(await venue.send(second, 1000), 1000);
		await venue.meter.detach(FIRST, 'test');
		await venue.meter.detach(SECOND, 'test');
		t.is(venue.account().used.byte, 13_500);
		t.true(venue.life.books.verify().ok);
	});

	test(`counters that ${what} while the agent is dead: the next start resolves what was granted on them`, async (t) => {
		const venue = await Venue.open(t);
		await venue.buy({ unit: 'byte', amount: 100_000 });
		const before = await venue.attach(FIRST);
		const second = await venue.attach(SECOND);
		await venue.send(before, 1000, { times: 5 });
		// Both are charged by this.
		await venue.buy({ unit: 'byte', amount: 1000 });
		await venue.send(second, 1000, { times: 2 });
		venue.kill();
		disturb(venue.kernel, before);
		await venue.restart();
		t.is(venue.account().used.byte, 7000);
		t.is(await venue.send(before, 1000), 1000);
		t.is(await venue.send(second, 1000), 1000);
		t.true(venue.life.books.verify().ok);
	});

	test(`counters that ${what} cost an hour of a time package nothing: its time is the clock's`, async (t) => {
		const venue = await Venue.open(t, { powerLoss: 'venue' });
		await venue.buy({ unit: 'second', amount: 3600 });
		const before = await venue.attach(FIRST);
		venue.kernel.send(before, 'down', 1500);
		await venue.pass(10_000);
		disturb(venue.kernel, before);
		await venue.pass(10_000);
		t.true(venue.account().used.second <= 21);
		t.is(venue.account().used.second + venue.account().reserved.second + venue.account().available.second, 3600);
		t.is(await venue.send(before, 1500), 1500);
	});
}

/** 9,000 bytes were seen when the counters were set back. */
async function afterReset(t: ExecutionContext) {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 200_000 });
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1000, { times: 9 });
	await venue.pass(1000);
	venue.kernel.resetCounters(meter);
	return { venue, meter };
}

test('what a counter shows after it was set back is charged too, and the rest of the grant is the bound', async (t) => {
	const { venue, meter } = await afterReset(t);
	const since = await venue.send(meter, 1000, { times: 7, direction: 'up' });
	t.true(since > 0);
	await venue.pass(1000);
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().used.byte, 9000 + since);
});

test('in the direction of the venue, the rest of the grant is paid', async (t) => {
	const venue = await Venue.open(t, { powerLoss: 'venue' });
	await venue.buy({ unit: 'byte', amount: 200_000 });
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1000, { times: 3 });
	await venue.pass(1000);
	const granted = venue.account().reserved.byte + venue.account().used.byte;
	venue.kernel.removeCounters(meter);
	await venue.pass(1000);
	t.is(200_000 - venue.account().available.byte - venue.account().reserved.byte, granted);
	t.truthy(venue.meter.find(FIRST));
});

test('a full disk delays the resolution; nothing is charged twice, and nothing passes meanwhile', async (t) => {
	const { venue, meter } = await afterReset(t);
	venue.isDiskFull = true;
	const since = await venue.send(meter, 1000, { times: 4 });
	await venue.pass(7000);
	t.is(await venue.send(meter, 1000), 0);
	venue.isDiskFull = false;
	await venue.pass(4000);
	t.is(venue.account().used.byte, 9000 + since);
	t.is(await venue.send(meter, 1500), 1500);
});

test('a station whose counters vanished can be detached once they are resolved', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 200_000 });
	const meter = await venue.attach(FIRST);
	venue.kernel.removeCounters(meter);
	await t.throwsAsync(venue.meter.detach(FIRST, 'test'), { message: /vanished from the kernel/ });
	await venue.quiet();
	await venue.meter.detach(FIRST, 'test');
	t.is(venue.account().reserved.byte, 0);
	t.is(venue.kernel.meters.size, 0);
});
