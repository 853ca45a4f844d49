import test from 'ava';
import type { Clock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { EARLIEST_WALL_MS, TrustedClock } from '../../../agent/core/trusted-clock.ts';
import type { BootMs, WallMs } from '../../../agent/core/units.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 5, 1);

/** A machine of which the test moves both clocks. */
function machine(wallMs: number) {
	const time = { wall: wallMs, boot: 5000 };
	const warnings: object[] = [];
	const clock = { wallMs: () => time.wall as WallMs, bootMs: () => time.boot as BootMs } as Clock;
	const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) } as never;
	const trusted = new TrustedClock({ clock, log });
	const pass = (ms: number, driftMs = 0) => {
		time.boot += ms;
		time.wall += ms + driftMs;
	};
	return { time, warnings, trusted, pass };
}

test('a clock that was never set has no date, until it is set', (t) => {
	const { time, trusted, pass, warnings } = machine(0);
	t.is(trusted.wallMs(), null);
	pass(HOUR_MS);
	t.is(trusted.wallMs(), null);
	time.wall = EARLIEST_WALL_MS - 1;
	t.is(trusted.wallMs(), null);
	time.wall = NOW_MS;
	t.is(trusted.wallMs(), NOW_MS as WallMs);
	t.false(trusted.jumped);
	t.deepEqual(warnings, []);
});

const jumps = test.macro({
	exec(t, byMs: number) {
		const { time, trusted, pass, warnings } = machine(NOW_MS);
		trusted.wallMs();
		time.wall += byMs;
		pass(1000);
		t.is(trusted.wallMs(), (NOW_MS + 1000) as WallMs);
		pass(1000);
		t.is(trusted.wallMs(), (NOW_MS + 2000) as WallMs, 'the boot clock carries it on');
		t.true(trusted.jumped);
		t.deepEqual(warnings, [{ bySeconds: byMs / 1000 }], 'told once');
		time.wall -= byMs;
		t.is(trusted.wallMs(), (NOW_MS + 2000) as WallMs);
		t.false(trusted.jumped, 'it has come back');
	},
	title: (title) => `a clock that jumps ${title} is not followed`,
});
test('forward by ten years', jumps, 10 * YEAR_MS);
test('back by ten years', jumps, -10 * YEAR_MS);
test('back to 1970', jumps, -NOW_MS);
test('forward by a little more than an hour', jumps, HOUR_MS + 1000);

test('a clock that is corrected by seconds, or drifts, is followed', (t) => {
	const { trusted, pass, time, warnings } = machine(NOW_MS);
	trusted.wallMs();
	for (let day = 0; day < 1000; day++) {
		pass(24 * HOUR_MS, 10_000);
		t.is(trusted.wallMs(), time.wall as WallMs);
	}
	time.wall -= HOUR_MS;
	t.is(trusted.wallMs(), time.wall as WallMs, 'a step of an hour');
	t.deepEqual(warnings, []);
});
