import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type pace from './kernel/pace.ts';

kernelTest<Awaited<ReturnType<typeof pace>>>(
	test,
	'a plan with a speed is held to it in the kernel, and only what passes counts against its quota',
	new URL('./kernel/pace.js', import.meta.url),
	(t, found) => {
		t.regex(found.limits, /paceup7/);
		t.regex(found.limits, /pacedown7/);
		t.is(found.maps.grant, '', 'the unpaced maps do not know it');
		t.regex(found.maps.paced, /"grant7"/);
		t.regex(found.maps.up, /"paceup7"/);
		const [counter] = found.flooded.counters;
		const up = counter?.up ?? 0;
		t.true(up >= 20_000 && up <= 34_000 + 20_000 * (found.seconds + 1), `${up} bytes in ${found.seconds} s`);
		t.is(found.flooded.grant?.usedBytes, up + (counter?.down ?? 0), 'what was too fast is not counted');
		t.like(found.adopted.pools[0], { pool: 7, mode: 'bytes', meters: [5] });
		t.is(found.kept.grant?.usedBytes, found.flooded.grant?.usedBytes, 'a new agent keeps the quota');
		t.regex(found.unpaced.grant, /"grant7"/);
		t.is(found.unpaced.paced, '');
		t.notRegex(found.unpaced.limits, /pace/);
		const fast = (found.fast.counters[0]?.up ?? 0) - up;
		t.is(fast, 200 * 1428, 'without a speed all of them pass');
		t.is(found.fast.grant?.usedBytes, (found.fast.counters[0]?.up ?? 0) + (found.fast.counters[0]?.down ?? 0));
		t.true(found.timed.passed);
		t.is(found.timed.timed, '');
		t.regex(found.timed.paced, /timeout 1m/);
		t.true(found.same, 'whoever stays keeps time and speed');
		t.not(found.slower, found.limits);
		t.false(found.nothing.passed);
		t.notRegex(found.nothing.limits, /pace/);
		t.is(found.nothing.up, '');
	},
);
