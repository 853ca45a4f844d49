import test from 'ava';
import { kernelTest, namespaceProblem, runInNamespace } from '../../kernel-namespace.ts';
import type gate from './kernel/gate.ts';
import type gateMany from './kernel/gate-many.ts';
import type markRace from './kernel/mark-race.ts';

type Found = Awaited<ReturnType<typeof gate>>;

const problem = namespaceProblem();

for (const mask of [0xffff0000, 0x00ff0000, 0x3f00, 0xff]) {
	const hexMask = `0x${mask.toString(16)}`;
	const title = `the gate gives bytes, time and a slow rate, and takes them away, under the mask ${hexMask}`;
	if (problem !== undefined) {
		console.error(`SKIPPED: ${title}: ${problem}`);
		test.skip(title, (t) => t.pass());
		continue;
	}
	test(title, async (t) => {
		const found = await runInNamespace<Found>(new URL('./kernel/gate.js', import.meta.url), mask);
		const usedBytes = 3 * 2 * 84;
		t.true(found.served);
		t.like(found.spent.grant, { limitBytes: 10_000, usedBytes, depleted: false });
		t.like(found.spent.reserve, { limitBytes: 5000, usedBytes: 0 });
		t.like(found.raised.grant, { limitBytes: 20_000 + usedBytes, usedBytes }, 'raised in place');
		t.true(found.depleted.grant?.depleted);
		const counter = found.depleted.counters[0];
		t.true((counter?.up ?? 0) + (counter?.down ?? 0) <= usedBytes + 100, 'not a byte above the grant');
		t.like(found.fresh.grant, { limitBytes: 50_000, usedBytes: 0, depleted: false });
		t.true(found.servedAgain);
		t.regex(found.shared, /"grant7".*"grant7"/s);
		t.notRegex(found.unshared, /"grant7".*"grant7"/s);
		t.true(found.slow.passed);
		t.regex(found.slow.limits, /slowup7.*slowdown7|slowdown7.*slowup7/s);
		t.is(found.slow.grants, '');
		t.not(found.slow.limits, found.faster);
		t.true(found.timed.before);
		t.regex(found.timed.elements, /timeout 2s.*timeout 2s/s);
		t.false(found.afterTime, 'time ends in the kernel');
		t.true(found.moreTime.passed, 'although the element to be replaced had expired');
		t.notRegex(found.moreTime.stations, /02:00:5e:20:00:02/, 'who left the pool meanwhile is out');
		t.true(found.sameTime);
		t.false(found.crippled, 'without an element nothing passes');
		t.true(found.healed.passed);
		t.true((found.healed.counter?.up ?? 0) > (found.counted?.up ?? 0), 'a counter goes on from where it was');
		t.like(found.adopted.pools[0], { pool: 7, mode: 'bytes' });
		t.is(found.adopted.pools[0]?.meters.length, 1);
		t.is(found.adoptedReading.grant?.limitBytes, 2e6 + (found.adoptedReading.grant?.usedBytes ?? 0));
		t.deepEqual(found.adoptedReading.counters[0]?.meter, found.adopted.pools[0]?.meters[0]);
		t.true(found.flowsBefore > 0);
		t.false(found.afterNothing);
		t.is(found.flowsAfter, 0);
		t.notRegex(found.rest, /[ud]\d+|grant\d|reserve\d|slow(up|down)\d/);
	});
}

kernelTest<Awaited<ReturnType<typeof gateMany>>>(
	test,
	'three hundred meters share a pool, part ways, and a table that is loaded anew takes no change of the old one',
	new URL('./kernel/gate-many.js', import.meta.url),
	(t, found) => {
		t.true(found.batchesOfMany > 1, 'more than one batch can hold');
		t.deepEqual(found.reading, {
			counters: 300,
			missing: 0,
			grant: { limitBytes: 1e9, usedBytes: 0, depleted: false },
		});
		t.is(found.adopted.pools.length, 1);
		t.like(found.adopted.pools[0], { pool: 3, mode: 'bytes' });
		t.is(found.adopted.pools[0]?.meters.length, 300);
		t.deepEqual(found.adopted.unbound, []);
		t.is(found.batchesOfSame, 0, 'what was adopted needs no change');
		t.is(found.moved.length, 51);
		t.deepEqual(
			found.moved.find(({ pool }) => pool === 3),
			{ pool: 3, count: 250, mode: 'bytes' },
		);
		t.true(found.moved.every(({ pool, count }) => pool === 3 || count === 1));
		t.is(found.sampled, 600);
		t.deepEqual(found.refusals, ['fulfilled', 'netlink_closed', 'fulfilled']);
		t.deepEqual([found.empty.pools, found.empty.unbound], [[], []]);
		t.is(found.withoutTable, 'netlink_refused');
		t.deepEqual(found.afterwards.pools, [{ pool: 1, meters: [1 as never], mode: 'bytes' }]);
		t.is(found.left, null);
	},
);

kernelTest<Awaited<ReturnType<typeof markRace>>>(
	test,
	'a flow that begins while its station comes or goes is never charged to another meter',
	new URL('./kernel/mark-race.js', import.meta.url),
	(t, bytes) => {
		t.true(bytes.own > 10_000);
		t.is(bytes.others, 0);
	},
);
