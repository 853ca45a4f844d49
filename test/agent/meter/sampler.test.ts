import test from 'ava';
import { FIRST, Venue } from './venue.ts';

test('what was used is charged only after the commit interval', async (t) => {
	const venue = await Venue.open(t, { commitIntervalMs: 60_000 });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	const meter = await venue.attach(FIRST);
	await venue.send(meter, 1500);
	await venue.pass(59_000);
	t.is(venue.account().used.byte, 0);
	await venue.pass(2000);
	t.is(venue.account().used.byte, 1500);
});

test('when nothing happened, nothing is written', async (t) => {
	const venue = await Venue.open(t, { commitIntervalMs: 60_000 });
	await venue.buy({ unit: 'byte', amount: 50_000 });
	await venue.attach(FIRST);
	venue.writes = [];
	await venue.pass(600_000);
	t.deepEqual(venue.writes, []);
});

test('rates are those of the last interval', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 50_000 });
	const meter = await venue.attach(FIRST);
	await venue.pass(1000);
	await venue.send(meter, 1500, { times: 2 });
	await venue.pass(1000);
	t.is(venue.meter.find(FIRST)?.meter.downBytesPerSecond, 3000);
	await venue.pass(1000);
	t.is(venue.meter.find(FIRST)?.meter.downBytesPerSecond, 0);
});

test('a sample that the kernel refuses is followed by the next', async (t) => {
	const venue = await Venue.open(t);
	venue.gateFault = 'before';
	await venue.pass(3000);
	venue.gateFault = undefined;
	const { count } = venue.life.sampler.figures;
	await venue.pass(3000);
	t.is(venue.life.sampler.figures.count, count + 3);
});
