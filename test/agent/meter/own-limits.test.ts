import test from 'ava';
import { FIRST, Venue } from './venue.ts';

const SLOWED = { rule: 'slowed', bytesPerSecond: 1000, afterBytes: 5000 } as const;

test('own flows have the part that their package allows them, which is counted on through renewals, and then its rate', async (t) => {
	const venue = await Venue.open(t, { own: { rule: 'allowed' } });
	await venue.buy({ unit: 'byte', amount: 1_000_000, own: SLOWED });
	const meter = await venue.attach(FIRST);
	const last = () => venue.life.gate.applied.at(-1);
	t.deepEqual(last()?.own, { kind: 'limited', before: { bytes: 5000, isNew: true }, bytesPerSecond: 1000 });
	t.deepEqual(last()?.tethered, { kind: 'whole' });
	await venue.send(meter, 3000);
	venue.meter.events.resynchronise();
	await venue.quiet();
	t.deepEqual(last()?.own, { kind: 'limited', before: { bytes: 2000, isNew: false }, bytesPerSecond: 1000 });
	await venue.send(meter, 2000);
	venue.meter.events.partSpent?.(venue.meter.find(FIRST)?.pool.id ?? 0);
	await venue.quiet();
	t.deepEqual(last()?.own, { kind: 'limited', bytesPerSecond: 1000 });
});

test('where flows are not told apart all of them are own, and no rule for own ones holds', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 1_000_000, own: SLOWED });
	await venue.attach(FIRST);
	t.deepEqual(venue.life.gate.applied.at(-1)?.own, { kind: 'whole' });
});
