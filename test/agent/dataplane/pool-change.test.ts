import test from 'ava';
import { freeMeterOf } from '../../../agent/core/free-meter.ts';
import type { MeterId } from '../../../agent/core/units.ts';
import { markField } from '../../../agent/dataplane/mark.ts';
import { emptyMirror, type Mirror } from '../../../agent/dataplane/mirror.ts';
import { planForget, planPoolChange } from '../../../agent/dataplane/pool-change.ts';
import type { PoolChange, PoolReading, QuotaReading, Right } from '../../../agent/meter/gate.ts';
import { bytesRight, member, meter, NO_READING } from './kernel/playground.ts';

/** Three bits and the class, so that the lists of requests are short: meters 1, 2 and 3 have one each. */
const field = markField(0x1f);
const key = (number: number) => field.key(meter(number)).toString('hex');
const MAC = { 1: '02005e200001', 2: '02005e200002', 3: '02005e200003' };
const SAME: Right = { kind: 'same' };
const NOTHING: Right = { kind: 'nothing' };

function reading(grant: Partial<QuotaReading>, reserve: Partial<QuotaReading> = {}): PoolReading {
	const quota = { limitBytes: 1000, usedBytes: 0, depleted: false };
	return { ...NO_READING, grant: { ...quota, ...grant }, reserve: { ...quota, ...reserve } };
}

function change(numbers: readonly number[], right: Right, pool = 9): PoolChange {
	return { pool, meters: numbers.map((number) => member(number)), right };
}

/** The mirror after these changes were committed. */
function after(...changes: PoolChange[]): Mirror {
	const mirror = emptyMirror();
	for (const past of changes) planPoolChange(mirror, past, field);
	return mirror;
}

function whats(transaction: { requests(): { what: string }[] }): string[] {
	return transaction.requests().map(({ what }) => what.replace(/ (in|of|to|from) octroi$/, ''));
}

const plans = test.macro({
	exec(t, { past = [], now }: { past?: PoolChange[]; now: PoolChange }, expected: string[]) {
		const mirror = after(...past);
		t.deepEqual(whats(planPoolChange(mirror, now, field)), expected);
		const repeated = now.right.kind === 'bytes' || now.right.kind === 'time' ? { ...now, right: SAME } : now;
		t.deepEqual(whats(planPoolChange(mirror, repeated, field)), [], 'the mirror knows that it is done');
	},
	title: (title) => `a pool: ${title}`,
});

const NEW_1 = ['add counter u1', 'add counter d1'];
const COUNT_1 = [`add element ${key(1)} to up_of`, `add element ${key(1)} to down_of`];
const GRANT_1 = [`add element ${key(1)} to grant_of`, `add element ${key(1)} to reserve_of`];
const NO_GRANT_1 = [`delete element ${key(1)} from grant_of`, `delete element ${key(1)} from reserve_of`];
const NO_QUOTAS = ['delete quota grant9', 'delete quota reserve9'];
const SLOW = ['add limit slowup9', 'add limit slowdown9'];
const SLOW_1 = ['up', 'down'].map((way) => `add element ${key(1)} to slow_${way}_of`);
const QUOTAS = ['add quota grant9', 'add quota reserve9'];

test('the first grant', plans, { now: change([1], bytesRight(100, 50)) }, [
	...NEW_1,
	...QUOTAS,
	...COUNT_1,
	`add element ${MAC[1]} to station_bit0`,
	`add element ${MAC[1]} to attached`,
	...GRANT_1,
	`add element ${MAC[1]} to entitled`,
]);
test(
	'a grant that is raised in place',
	plans,
	{ past: [change([1], bytesRight(100, 50))], now: change([1], bytesRight(200, 50, reading({ usedBytes: 7 }))) },
	QUOTAS,
);
test(
	'a grant that is depleted is a fresh object, the reserve goes on',
	plans,
	{
		past: [change([1], bytesRight(100, 50))],
		now: change([1], bytesRight(200, 50, reading({ depleted: true }))),
	},
	[`delete element ${key(1)} from grant_of`, 'delete quota grant9', ...QUOTAS, `add element ${key(1)} to grant_of`],
);
test(
	'an object whose reading is missing is made anew',
	plans,
	{ past: [change([1], bytesRight(100, 50))], now: change([1], bytesRight(200, 50)) },
	[...NO_GRANT_1, ...NO_QUOTAS, ...QUOTAS, ...GRANT_1],
);
test(
	'another station shares the grant',
	plans,
	{ past: [change([1], bytesRight(100, 50))], now: change([1, 2], SAME) },
	[
		'add counter u2',
		'add counter d2',
		`add element ${key(2)} to up_of`,
		`add element ${key(2)} to down_of`,
		`add element ${MAC[2]} to station_bit1`,
		`add element ${MAC[2]} to attached`,
		`add element ${key(2)} to grant_of`,
		`add element ${key(2)} to reserve_of`,
		`add element ${MAC[2]} to entitled`,
	],
);
test(
	'a station leaves; its counters stay until they are charged',
	plans,
	{ past: [change([1, 3], bytesRight(100, 50))], now: change([1], SAME) },
	[
		`delete element ${MAC[3]} from station_bit2`,
		`delete element ${MAC[3]} from attached`,
		`delete element ${MAC[3]} from entitled`,
		`delete element ${key(3)} from grant_of`,
		`delete element ${key(3)} from reserve_of`,
	],
);
test(
	'fair use begins',
	plans,
	{ past: [change([1], bytesRight(100, 50))], now: change([1], { kind: 'slow', bytesPerSecond: 1000 }) },
	[...NO_GRANT_1, ...NO_QUOTAS, ...SLOW, ...SLOW_1, `add element ${key(1)} to slow_class_of`],
);
test(
	'another rate is another object',
	plans,
	{
		past: [change([1], { kind: 'slow', bytesPerSecond: 1000 })],
		now: change([1], { kind: 'slow', bytesPerSecond: 2000 }),
	},
	[
		...['up', 'down'].map((way) => `delete element ${key(1)} from slow_${way}_of`),
		'delete limit slowup9',
		'delete limit slowdown9',
		...SLOW,
		...SLOW_1,
	],
);
test(
	'the last bytes, with fair use behind them',
	plans,
	{
		past: [change([1], bytesRight(100, 50))],
		now: change([1], { ...bytesRight(70, 30, reading({})), after: { bytesPerSecond: 1000 } } as Right),
	},
	[...QUOTAS, ...SLOW, ...SLOW_1, `add element ${key(1)} to slow_class_of`],
);
test(
	'another station shares the last bytes, and fair use afterwards',
	plans,
	{
		past: [
			change([1], { ...bytesRight(70, 30), after: { bytesPerSecond: 1000 } } as Right),
			change([2], NOTHING, 8),
			change([], NOTHING, 8),
		],
		now: change([1, 2], SAME),
	},
	[
		`add element ${MAC[2]} to station_bit1`,
		`add element ${MAC[2]} to attached`,
		...['grant_of', 'reserve_of', 'slow_up_of', 'slow_down_of', 'slow_class_of'].map(
			(map) => `add element ${key(2)} to ${map}`,
		),
		`add element ${MAC[2]} to entitled`,
	],
);
const hour: Right = { kind: 'time', milliseconds: new Map([[1 as MeterId, 3_600_000]]) };
test('time after bytes', plans, { past: [change([1], bytesRight(100, 50))], now: change([1], hour) }, [
	...NO_GRANT_1,
	`delete element ${MAC[1]} from entitled`,
	...NO_QUOTAS,
	`add element ${key(1)} to timed`,
	`add element ${MAC[1]} to entitled`,
]);
test('the next slice of time', plans, { past: [change([1], hour)], now: change([1], hour) }, [
	`delete element ${key(1)} from timed`,
	`delete element ${MAC[1]} from entitled`,
	`add element ${key(1)} to timed`,
	`add element ${MAC[1]} to entitled`,
]);
test('the end', plans, { past: [change([1], bytesRight(100, 50))], now: change([1], NOTHING) }, [
	...NO_GRANT_1,
	`delete element ${MAC[1]} from entitled`,
	...NO_QUOTAS,
]);
test('nothing of nothing', plans, { now: change([], NOTHING) }, []);
test(
	'a meter that comes from another pool gets the objects of this one',
	plans,
	{
		past: [change([1], bytesRight(100, 50), 8), change([2], bytesRight(100, 50))],
		now: change([1, 2], SAME),
	},
	[...NO_GRANT_1, ...GRANT_1],
);
test(
	'a station that another meter takes over loses the bits of the first',
	plans,
	{
		past: [change([1], bytesRight(100, 50))],
		now: { pool: 9, meters: [{ ...member(2), mac: member(1).mac }], right: SAME },
	},
	[
		`delete element ${MAC[1]} from station_bit0`,
		`delete element ${MAC[1]} from attached`,
		`delete element ${MAC[1]} from entitled`,
		...NO_GRANT_1,
		'add counter u2',
		'add counter d2',
		`add element ${key(2)} to up_of`,
		`add element ${key(2)} to down_of`,
		`add element ${MAC[1]} to station_bit1`,
		`add element ${MAC[1]} to attached`,
		`add element ${key(2)} to grant_of`,
		`add element ${key(2)} to reserve_of`,
		`add element ${MAC[1]} to entitled`,
	],
);

test('who leaves late does not take away the mark that its station has from another account', (t) => {
	const mirror = after(change([1], bytesRight(100, 50), 8));
	planPoolChange(mirror, { pool: 9, meters: [{ ...member(2), mac: member(1).mac }], right: bytesRight(5) }, field);
	t.deepEqual(whats(planPoolChange(mirror, change([], SAME, 8), field)), NO_GRANT_1);
	t.is(Number(mirror.stationMarks.get(member(1).mac)), 4);
});

test('what is forgotten leaves nothing, also where somebody has deleted a part', (t) => {
	const mirror = after(change([1, 2], bytesRight(100, 50)));
	mirror.meters.get(meter(1))?.countedBy.delete('up');
	mirror.meters.get(meter(1))?.counters.delete('down');
	t.deepEqual(whats(planForget(mirror, [meter(1), meter(3)], field)), [
		`delete element ${MAC[1]} from station_bit0`,
		`delete element ${MAC[1]} from attached`,
		`delete element ${MAC[1]} from entitled`,
		...NO_GRANT_1,
		`delete element ${key(1)} from down_of`,
		'delete counter u1',
	]);
	t.deepEqual([...mirror.meters.keys()], [meter(2)]);
	t.deepEqual([...mirror.stationMarks.keys()], [member(2).mac]);
});

test('zero-rated flows have counters of their own, which go with the others', (t) => {
	const mirror = emptyMirror();
	const free = field.key(freeMeterOf(meter(1))).toString('hex');
	const planned = whats(planPoolChange(mirror, change([1], NOTHING), field, { zeroRated: true }));
	t.true(planned.includes('add counter u32769'));
	t.is(free, '12000000');
	t.deepEqual(whats(planPoolChange(mirror, change([1], NOTHING), field, { zeroRated: true })), []);
	t.true(whats(planForget(mirror, [meter(1)], field)).includes('delete counter d32769'));
	t.is(mirror.meters.size, 0);
});

test('time that no one has given is the shortest there is, and a slice is rounded up', (t) => {
	const bytes = (milliseconds: number | undefined) => {
		const given = new Map(milliseconds === undefined ? [] : [[meter(1), milliseconds]]);
		const requests = planPoolChange(
			emptyMirror(),
			change([1], { kind: 'time', milliseconds: given }),
			field,
		).requests();
		return requests.find(({ what }) => what.includes('timed'))?.payload.toString('hex') ?? '';
	};
	t.true(bytes(undefined).includes('0000000000000001'));
	t.true(bytes(-5).includes('0000000000000001'));
	t.true(bytes(1499.2).includes('00000000000005dc'));
});
