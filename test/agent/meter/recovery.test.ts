import test from 'ava';
import type { AccountId } from '../../../agent/core/units.ts';
import { ANN, FIRST, SECOND, Venue } from './venue.ts';

const EVE = 'eve' as AccountId;

test('what passed while the agent was dead is charged to the byte when it is back', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const meter = await venue.attach(FIRST);
	const granted = venue.account().reserved.byte;
	venue.kill();
	const forwarded = await venue.send(meter, 1000, { times: 100 });
	t.is(forwarded, granted);
	await venue.restart();
	t.is(venue.account().used.byte, forwarded);
	t.is(await venue.send(meter, 1000), 1000);
});

test('a time package goes on over a crash: time runs, is charged once, and ends', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'second', amount: 100 });
	const meter = await venue.attach(FIRST);
	await venue.pass(20_000);
	venue.kill();
	venue.clock.skip(30_000);
	t.is(venue.kernel.send(meter, 'down', 1500), 'timed');
	await venue.restart();
	t.true(Math.abs(venue.account().used.second - 50) <= 1);
	venue.kill();
	venue.clock.skip(60_000);
	t.is(venue.kernel.send(meter, 'down', 1500), 'dropped');
	await venue.restart();
	t.like(venue.account(), { used: { second: 100 }, available: { second: 0 }, reserved: { second: 0 } });
});

test('an agent that died between its reservation and the kernel takes nothing of the time', async (t) => {
	let isDying = false;
	const venue = await Venue.open(t, {
		afterWrite: (method) => {
			if (!isDying || method !== 'settle') return;
			venue.kill();
			throw new RangeError('killed');
		},
	});
	await venue.buy({ unit: 'second', amount: 3600 });
	isDying = true;
	void venue.attach(FIRST).catch(() => undefined);
	await venue.quiet();
	isDying = false;
	venue.clock.skip(60_000);
	await venue.restart();
	t.is(venue.account().used.second, 0);
	t.is(venue.account().reserved.second, 3600);
});

test('an agent that died while it detached a station does not take the rest of its time', async (t) => {
	let isDying = false;
	const venue = await Venue.open(t, {
		beforeWrite: (method) => {
			if (!isDying || method !== 'settle') return;
			venue.kill();
			throw new RangeError('killed');
		},
	});
	await venue.buy({ unit: 'second', amount: 3600 });
	await venue.attach(FIRST);
	await venue.pass(10_000);
	isDying = true;
	void venue.meter.detach(FIRST, 'test').catch(() => undefined);
	await venue.quiet();
	isDying = false;
	await venue.restart();
	t.true(venue.account().used.second <= 10);
});

test('two accounts never share a pool after a restart, whichever of them has quotas', async (t) => {
	const venue = await Venue.open(t);
	venue.life.books.createAccount({ id: EVE });
	await venue.attach(FIRST);
	await venue.buy({ unit: 'byte', amount: 50_000 }, EVE);
	const meter = await venue.attach(SECOND, EVE);
	await venue.meter.detach(FIRST, 'test');
	const first = await venue.attach(FIRST);
	venue.kill();
	await venue.restart();
	t.not(venue.meter.pools.of(ANN)?.id, venue.meter.pools.of(EVE)?.id);
	t.is(await venue.send(first, 1500), 0);
	t.is(await venue.send(meter, 1500), 1500);
});

test('after a power cut, what was granted is released, and the stations go on', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const before = await venue.attach(FIRST);
	await venue.send(before, 1000, { times: 5 });
	venue.powerCut();
	await venue.restart();
	t.like(venue.account(), { used: { byte: 0 } });
	const meter = venue.meter.find(FIRST)?.meter.meter;
	t.truthy(meter);
	if (meter) t.is(await venue.send(meter, 1500), 1500);
	t.true(venue.life.books.verify().ok);
});

test('a table that somebody removed is begun anew: grants are resolved, stations attached again', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const before = await venue.attach(FIRST);
	await venue.send(before, 1000, { times: 5 });
	venue.kernel.removeTable();
	venue.kernel.loadTable('epoch-2');
	venue.life.tableReplaced(venue.life.gate.load());
	await venue.quiet();
	t.is(venue.meter.epoch, 'epoch-2');
	const meter = venue.meter.find(FIRST)?.meter.meter;
	t.not(meter, before);
	if (meter) t.is(await venue.send(meter, 1500), 1500);
	t.true(venue.life.books.openEpochs().every((epoch) => epoch === 'epoch-2'));
});

test('counters that vanished alone: nothing more is granted, and the next start resolves what was', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 100_000 });
	const before = await venue.attach(FIRST);
	const second = await venue.attach(SECOND);
	await venue.send(before, 1000, { times: 5 });
	await venue.send(second, 1000, { times: 2 });
	venue.kernel.removeCounters(before);
	venue.kill();
	await venue.restart();
	t.is(venue.account().used.byte, 2000);
	t.truthy(venue.meter.find(FIRST));
	t.is(await venue.send(second, 1000), 1000);
	t.true(venue.life.books.verify().ok);
});
