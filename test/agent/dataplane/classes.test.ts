import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type classes from './kernel/classes.ts';
import { STATION_MAC } from './kernel/router.ts';

/** Three pings there and back. */
const PING = 3 * 2 * 84;

kernelTest<Awaited<ReturnType<typeof classes>>>(
	test,
	'the first packet of a flow decides its class; without a reader it is own, and metered whatever happens',
	new URL('./kernel/classes.js', import.meta.url),
	(t, found) => {
		t.is(found.upgraded.adopted.epoch, 'b2e97291-7683-447e-af9f-781bf151415d', 'a table of version 3 goes on');
		t.like(found.upgraded.adopted.pools, { 0: { pool: 1, meters: [1 as never], mode: 'bytes' } });
		t.is(found.upgraded.counted.own, 4321 + 9876543210);
		t.deepEqual(found.upgraded.ping, { passed: true, own: PING, tethered: 0 }, 'also before its next change');
		t.not(found.mode, 'none');
		t.deepEqual(found.withoutReader, { passed: true, own: PING, tethered: 0 });
		t.deepEqual(found.judgedTethered, { passed: true, own: 0, tethered: PING });
		t.deepEqual(found.judgedOwn, { passed: true, own: PING, tethered: 0 });
		t.like(found.blocked, { passed: false, own: 0, tethered: 0 });
		t.deepEqual(found.ownBesideBlocked, { passed: true, own: PING, tethered: 0 }, 'own flows keep their right');
		t.deepEqual(found.within, { passed: true, own: 0, tethered: PING });
		t.deepEqual(found.slowed, { passed: true, own: 0, tethered: PING }, 'beyond its part, at its rate');
		t.true(found.carriedOn, 'what is counted already is not begun anew');
		t.deepEqual(found.ownWithin, { passed: true, own: PING, tethered: 0 }, 'own flows have a part to the byte');
		t.deepEqual(found.ownSpent, { passed: false, own: 0, tethered: 0 }, 'and then nothing, with no agent asked');
		t.deepEqual(found.behindSpent, { passed: true, own: 0, tethered: PING }, 'the device behind goes on');
		t.deepEqual(found.behindBlocked, { passed: true, own: 0, tethered: PING }, 'its new flows are still judged');
		t.deepEqual(found.ownBlocked, { passed: false, own: 0, tethered: 0 });
		t.deepEqual(found.refused.ofStation, ['between', 'class'], 'own flows, and tethered ones, that may have nothing');
		t.deepEqual(found.ownSlowed, { passed: true, own: PING, tethered: 0 });
		t.true(
			found.seen.every((line) => line === `${STATION_MAC} 64`),
			'as it came from the station',
		);
		for (const mark of found.marks) t.is(Number(mark.slice(5)) & 0x7fff, 0, 'the bits of others are untouched');
		t.deepEqual(found.pinnedOwn, { passed: true, own: PING, tethered: 0 });
		t.deepEqual(found.pinnedWithoutReader, { passed: true, own: 0, tethered: PING });
		t.true(found.queued.shed > 0 && found.queued.offered > 0);
		t.true(found.shed.tethered > 2 * PING, 'what was too much is as the station was judged');
		t.is(found.renewedLimit, '40', 'another limit holds for a station that has one, too');
		t.is(found.kept.pools[0]?.meters.length, 1, 'a tethered meter is no station of its own');
	},
);
