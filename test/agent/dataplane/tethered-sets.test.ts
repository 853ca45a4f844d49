import test from 'ava';
import type { MeterId } from '../../../agent/core/units.ts';
import { markField } from '../../../agent/dataplane/mark.ts';
import { emptyMirror } from '../../../agent/dataplane/mirror.ts';
import { planForget, planPoolChange } from '../../../agent/dataplane/pool-change.ts';
import { tetheredSets } from '../../../agent/dataplane/tethered-sets.ts';
import type { PoolChange, Right, TetheredRight } from '../../../agent/meter/gate.ts';
import { bytesRight, member } from './kernel/playground.ts';

const field = markField(0x1f);
const OWN = ['grant_of', 'reserve_of'] as const;
const PACED: Right = { ...bytesRight(100, 50), pace: { upBytesPerSecond: 5 } } as Right;
const SPENDS = ['tether_grant_of', 'tether_reserve_of'] as const;
const RATE = ['tether_pace_up_of', 'tether_pace_down_of', 'tether_class_of'] as const;
const PART: TetheredRight = { kind: 'limited', before: { bytes: 500, isNew: true } };

const stands = test.macro({
	exec(t, right: Right, tethered: TetheredRight | undefined, wanted: readonly string[]) {
		t.deepEqual(tetheredSets(OWN, right as Exclude<Right, { kind: 'same' }>, tethered), wanted as never);
	},
	title: (title) => `a tethered meter ${title}`,
});

test('has what own ones have', stands, bytesRight(100), { kind: 'as-own' }, OWN);
test('has the same without a policy', stands, bytesRight(100), undefined, OWN);
test('is blocked', stands, bytesRight(100), { kind: 'limited' }, []);
test('is slowed', stands, bytesRight(100), { kind: 'limited', bytesPerSecond: 9 }, [...SPENDS, ...RATE]);
test('has a part first', stands, bytesRight(100), PART, [...SPENDS, 'tether_left_of']);
test('has a part first, then a rate', stands, bytesRight(100), { ...PART, bytesPerSecond: 9 } as TetheredRight, [
	...SPENDS,
	'tether_left_of',
	...RATE,
]);
test('shares the speed of the plan in its part', stands, PACED, PART, [
	...SPENDS,
	'tether_left_of',
	'pace_up_of',
	'pace_down_of',
	'pace_class_of',
]);
test('is slower than the plan afterwards', stands, PACED, { kind: 'limited', bytesPerSecond: 9 }, [...SPENDS, ...RATE]);
test('has a part of a time package', stands, { kind: 'time', milliseconds: new Map() }, PART, [
	'tether_timed',
	'tether_left_of',
]);
test('shares fair use', stands, { kind: 'slow', bytesPerSecond: 5 }, PART, OWN);

test('tethered meters come, change and go with those of their stations', (t) => {
	const mirror = emptyMirror();
	const change = (tethered?: TetheredRight, right: Right = bytesRight(100, 50)): PoolChange => ({
		...{ pool: 8, meters: [member(1)], right },
		...(tethered ? { tethered } : {}),
	});
	const plan = (next: PoolChange) =>
		planPoolChange(mirror, next, field, { tethered: true })
			.requests()
			.map(({ what }) => what.replace(/ (in|of|to|from) octroi$/, ''));
	const key = field.key((1 + 0x4000) as MeterId).toString('hex');
	const first = plan(change());
	t.true(first.includes('add counter u16385'));
	const slowed = plan(change({ ...PART, bytesPerSecond: 9 } as TetheredRight));
	for (const set of ['grant_of', 'reserve_of']) {
		t.true(slowed.includes(`delete 2 elements from ${set}`), set);
		t.false(slowed.includes(`add element ${key} to ${set}`), set);
	}
	for (const set of [...SPENDS, ...RATE, 'tether_left_of']) {
		t.true(slowed.includes(`add element ${key} to ${set}`), set);
	}
	const same = plan(change(undefined, { kind: 'same' }));
	t.deepEqual(same, [], 'what it has, it keeps');
	const kept = plan(change({ kind: 'limited', before: { bytes: 1, isNew: false }, bytesPerSecond: 9 }));
	t.false(
		kept.some((what) => /tether8\b|tether_left_of/.test(what)),
		'a part that is being counted goes on',
	);
	const gone = planForget(mirror, [member(1).meter], field);
	t.true(gone.requests().some(({ what }) => what.includes('u16385')));
	t.is(mirror.meters.size, 0);
});
