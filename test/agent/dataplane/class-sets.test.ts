import test from 'ava';
import type { MeterId } from '../../../agent/core/units.ts';
import { classSets } from '../../../agent/dataplane/class-sets.ts';
import { markField } from '../../../agent/dataplane/mark.ts';
import { emptyMirror } from '../../../agent/dataplane/mirror.ts';
import { planForget, planPoolChange } from '../../../agent/dataplane/pool-change.ts';
import type { ClassRight, PoolChange, Right } from '../../../agent/meter/gate.ts';
import { bytesRight, member } from './kernel/playground.ts';

const field = markField(0x1f);
const OWN = ['grant_of', 'reserve_of'] as const;
const PACED: Right = { ...bytesRight(100, 50), pace: { upBytesPerSecond: 5 } } as Right;
const SPENDS = ['part_grant_of', 'part_reserve_of'] as const;
const RATE = ['part_pace_up_of', 'part_pace_down_of', 'part_class_of'] as const;
const PART: ClassRight = { kind: 'limited', before: { bytes: 500, isNew: true } };

const stands = test.macro({
	exec(t, right: Right, tethered: ClassRight | undefined, wanted: readonly string[]) {
		t.deepEqual(classSets(OWN, right as Exclude<Right, { kind: 'same' }>, tethered), wanted as never);
	},
	title: (title) => `a meter of a class ${title}`,
});

test('has what own ones have', stands, bytesRight(100), { kind: 'whole' }, OWN);
test('has the same without a policy', stands, bytesRight(100), undefined, OWN);
test('is blocked', stands, bytesRight(100), { kind: 'limited' }, []);
test('is slowed', stands, bytesRight(100), { kind: 'limited', bytesPerSecond: 9 }, [...SPENDS, ...RATE]);
test('has a part first', stands, bytesRight(100), PART, [...SPENDS, 'part_left_of']);
test('has a part first, then a rate', stands, bytesRight(100), { ...PART, bytesPerSecond: 9 } as ClassRight, [
	...SPENDS,
	'part_left_of',
	...RATE,
]);
test('shares the speed of the plan in its part', stands, PACED, PART, [
	...SPENDS,
	'part_left_of',
	'pace_up_of',
	'pace_down_of',
	'pace_class_of',
]);
test('is slower than the plan afterwards', stands, PACED, { kind: 'limited', bytesPerSecond: 9 }, [...SPENDS, ...RATE]);
test('has a part of a time package', stands, { kind: 'time', milliseconds: new Map() }, PART, [
	'part_timed',
	'part_left_of',
]);
test('shares fair use', stands, { kind: 'slow', bytesPerSecond: 5 }, PART, OWN);

test('tethered meters come, change and go with those of their stations', (t) => {
	const mirror = emptyMirror();
	const change = (tethered?: ClassRight, right: Right = bytesRight(100, 50)): PoolChange => ({
		pool: 8,
		meters: [member(1)],
		right,
		...(tethered ? { tethered } : {}),
	});
	const plan = (next: PoolChange) =>
		planPoolChange(mirror, next, field, { tethered: true })
			.requests()
			.map(({ what }) => what.replace(/ (in|of|to|from) octroi$/, ''));
	const key = field.key((1 + 0x4000) as MeterId).toString('hex');
	const first = plan(change());
	t.true(first.includes('add counter u16385'));
	const slowed = plan(change({ ...PART, bytesPerSecond: 9 } as ClassRight));
	for (const set of ['grant_of', 'reserve_of']) {
		t.true(slowed.includes(`delete 2 elements from ${set}`), set);
		t.false(slowed.includes(`add element ${key} to ${set}`), set);
	}
	for (const set of [...SPENDS, ...RATE, 'part_left_of']) {
		t.true(slowed.includes(`add element ${key} to ${set}`), set);
	}
	const same = plan(change(undefined, { kind: 'same' }));
	t.deepEqual(same, [], 'what it has, it keeps');
	const kept = plan(change({ kind: 'limited', before: { bytes: 1, isNew: false }, bytesPerSecond: 9 }));
	t.false(
		kept.some((what) => /tether8\b|part_left_of/.test(what)),
		'a part that is being counted goes on',
	);
	const gone = planForget(mirror, [member(1).meter], field);
	t.true(gone.requests().some(({ what }) => what.includes('u16385')));
	t.is(mirror.meters.size, 0);
});

test('own meters have limits of their own by the same maps, and tethered ones then have all that there is', (t) => {
	const mirror = emptyMirror();
	const plan = (own: ClassRight | undefined, right: Right = bytesRight(100, 50), numbers = [1]) =>
		planPoolChange(
			mirror,
			{ pool: 8, meters: numbers.map((number) => member(number)), right, ...(own ? { own } : {}) },
			field,
			{ tethered: true },
		)
			.requests()
			.map(({ what }) => what.replace(/ (in|of|to|from) octroi$/, ''));
	const key = field.key(1 as MeterId).toString('hex');
	const behind = field.key((1 + 0x4000) as MeterId).toString('hex');
	const first = plan({ ...PART, bytesPerSecond: 9 } as ClassRight);
	for (const object of ['quota own8', 'limit ownup8', 'limit owndown8'])
		t.true(first.includes(`add ${object}`), object);
	for (const set of [...SPENDS, ...RATE, 'part_left_of']) t.true(first.includes(`add element ${key} to ${set}`), set);
	for (const set of OWN) {
		t.true(first.includes(`add element ${behind} to ${set}`), set);
		t.false(first.includes(`add element ${key} to ${set}`), set);
	}
	t.deepEqual(plan(undefined, { kind: 'same' }), [], 'what it has, it keeps');
	const shared = plan(undefined, { kind: 'same' }, [1, 2]);
	t.true(
		shared.includes(`add element ${field.key(2 as MeterId).toString('hex')} to part_left_of`),
		'who comes shares it',
	);
	const blocked = plan({ kind: 'limited' }, bytesRight(100, 50), [1, 2]);
	t.true(blocked.includes('delete quota own8'));
	t.false(
		blocked.some((what) => what.includes('entitled')),
		'with nothing left of its own the station still has a right: its device does',
	);
	plan({ kind: 'whole' });
	t.deepEqual(
		plan({ kind: 'whole' }, { kind: 'nothing' }).filter((what) => what.includes('own')),
		[],
	);
});
