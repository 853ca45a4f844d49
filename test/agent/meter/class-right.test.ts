import test from 'ava';
import { carriedOn, classRight, poolClass } from '../../../agent/meter/class-right.ts';

const SLOWED = { rule: 'slowed', bytesPerSecond: 1000, afterBytes: 50_000 } as const;
const BLOCKED = { rule: 'blocked' } as const;
const BYTES = { kind: 'bytes', grantBytes: 1, reserveBytes: 1, reading: { counters: [], missing: [] } } as const;

const gives = test.macro({
	exec(t, given: Parameters<typeof classRight>, wanted: ReturnType<typeof classRight>) {
		t.deepEqual(classRight(...given), wanted);
	},
	title: (title) => `a class of flows: ${title}`,
});

const use = (usedBytes: number, policy?: typeof SLOWED) => ({
	package: 'p1',
	usedBytes,
	...(policy ? { policy } : {}),
});

test('no policy at all', gives, [use(0), undefined, undefined], { kind: 'whole' });
test('allowed', gives, [use(0), { rule: 'allowed' }, undefined], { kind: 'whole' });
test('blocked by the venue', gives, [use(0), BLOCKED, undefined], { kind: 'limited' });
test('blocked by the venue, nothing granted', gives, [undefined, BLOCKED, undefined], { kind: 'limited' });
test('a plan goes before the venue', gives, [use(0, SLOWED), BLOCKED, undefined], {
	kind: 'limited',
	before: { bytes: 50_000, isNew: true },
	bytesPerSecond: 1000,
});
test('what is left of its part', gives, [use(48_500, SLOWED), undefined, undefined], {
	kind: 'limited',
	before: { bytes: 1500, isNew: true },
	bytesPerSecond: 1000,
});
test(
	'what is left is less than a packet, which the kernel has refused',
	gives,
	[use(48_501, SLOWED), undefined, 'p1'],
	{
		kind: 'limited',
		bytesPerSecond: 1000,
	},
);
test('the kernel counts it already', gives, [use(40_000, SLOWED), undefined, 'p1'], {
	kind: 'limited',
	before: { bytes: 10_000, isNew: false },
	bytesPerSecond: 1000,
});
test('the kernel counts another package', gives, [use(40_000, SLOWED), undefined, 'p0'], {
	kind: 'limited',
	before: { bytes: 10_000, isNew: true },
	bytesPerSecond: 1000,
});
test('its part is used up', gives, [use(50_000, SLOWED), undefined, 'p1'], { kind: 'limited', bytesPerSecond: 1000 });

test('a part is counted while bytes or time are being spent, and goes on through other changes', (t) => {
	const right = classRight(use(0, SLOWED), undefined, undefined);
	t.deepEqual(poolClass(BYTES, right, use(0)), { right, package: 'p1' });
	t.deepEqual(poolClass({ kind: 'nothing' }, right, use(0)), { right });
	t.deepEqual(poolClass(BYTES, { kind: 'whole' }, use(0)), { right: { kind: 'whole' } });
	t.like(carriedOn(right), { kind: 'limited', before: { bytes: 50_000, isNew: false }, bytesPerSecond: 1000 });
	t.deepEqual(carriedOn({ kind: 'whole' }), { kind: 'whole' });
});
