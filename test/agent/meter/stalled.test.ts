import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { standingOf } from '../../../agent/snapshot/station-rows.ts';
import { Venue } from './venue.ts';

const FIRST = '02:00:5e:10:00:01' as MacAddress;

test('when the kernel has come to its end and nothing can be booked, the station does not stand as served; it does again when it is', async (t) => {
	const venue = await Venue.open(t);
	await venue.buy({ unit: 'byte', amount: 200_000 });
	const meter = await venue.attach(FIRST);
	const standing = () => {
		const pool = venue.meter.find(FIRST)?.pool;
		return pool && standingOf(pool);
	};
	venue.isDiskFull = true;
	t.is(await venue.send(meter, 1000), 1000);
	t.like(standing(), { mode: 'bytes', reason: 'within its balance' }, 'what was granted is still there');
	while ((await venue.send(meter, 1000)) > 0);
	t.is(standing()?.mode, 'nothing');
	t.regex(standing()?.reason ?? '', /no more can be: the disk is full/);
	await venue.pass(10_000);
	t.is(standing()?.mode, 'nothing', 'it is tried again');
	venue.isDiskFull = false;
	await venue.pass(4000);
	t.like(standing(), { mode: 'bytes', reason: 'within its balance' });
	t.is(await venue.send(meter, 1500), 1500);
});

test('own flows that may have nothing more do not stand as served', async (t) => {
	const venue = await Venue.open(t, { own: { rule: 'allowed' } });
	await venue.buy({ unit: 'byte', amount: 200_000 });
	await venue.attach(FIRST);
	const pool = venue.meter.find(FIRST)?.pool;
	if (pool === undefined) throw new Error('it is attached');
	t.is(standingOf(pool).mode, 'bytes');
	pool.own = { right: { kind: 'limited', before: { bytes: 1500, isNew: false } } };
	t.is(standingOf(pool).mode, 'bytes', 'as long as something of its part is left');
	pool.own = { right: { kind: 'limited', bytesPerSecond: 1000 } };
	t.is(standingOf(pool).mode, 'bytes', 'slowed is served');
	pool.own = { right: { kind: 'limited' } };
	t.like(standingOf(pool), {
		mode: 'nothing',
		reason: 'its own flows may have nothing more by its plan; those of devices behind it may',
	});
});
