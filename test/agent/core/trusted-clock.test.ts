import test from 'ava';
import type { Clock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import {
	type ClockStore,
	EARLIEST_WALL_MS,
	type StoredClock,
	TrustedClock,
} from '../../../agent/core/trusted-clock.ts';
import type { BootMs, WallMs } from '../../../agent/core/units.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const NOW_MS = Date.UTC(2026, 10, 30);

/** A machine of which the test moves both clocks, with a ledger of a single date after another. */
class Machine {
	wall: number;
	boot = 5000;
	bootId = 'boot-1';
	isSynchronised = false;
	isFull = false;
	readonly warnings: object[] = [];
	readonly errors: object[] = [];
	readonly dates: { atMs: number; endsMs: number }[] = [];
	stored: StoredClock | undefined;
	trusted: TrustedClock;
	readonly #isBatteryBelieved: boolean;
	#tick: (() => void) | undefined;

	constructor(wallMs: number, isBatteryBelieved = false) {
		this.wall = wallMs;
		this.#isBatteryBelieved = isBatteryBelieved;
		this.trusted = this.start();
	}

	/** A new process: in this boot, or in another one, which begins with a wall clock of its own. */
	start(boot?: { readonly id: string; readonly wallMs: number; readonly isSynchronised?: boolean }): TrustedClock {
		if (boot !== undefined) {
			this.bootId = boot.id;
			this.boot = 5000;
			this.wall = boot.wallMs;
			this.isSynchronised = boot.isSynchronised ?? false;
		}
		const clock: Clock = {
			wallMs: () => this.wall as WallMs,
			bootMs: () => this.boot as BootMs,
			after: (_, call) => {
				this.#tick = call;
				return () => undefined;
			},
			bootId: this.bootId,
		};
		const log = {
			...silentLog,
			warn: (fields: object) => void this.warnings.push(fields),
			error: (fields: object) => void this.errors.push(fields),
		} as never;
		const isSynchronised = () => this.isSynchronised;
		this.trusted = new TrustedClock({ clock, log, isSynchronised, isBatteryBelieved: this.#isBatteryBelieved });
		this.trusted.start(this.#store());
		return this.trusted;
	}

	/** Time passes, with what happens by itself: each ten seconds. */
	pass(milliseconds: number): void {
		const end = this.boot + milliseconds;
		while (this.boot < end) {
			const step = Math.min(10 * SECOND_MS, end - this.boot);
			this.boot += step;
			this.wall += step;
			this.#tick?.();
		}
	}

	/** Something that is to last so long. */
	sell(forMs: number): { atMs: number; endsMs: number } {
		const atMs = this.trusted.validityMs();
		const sold = { atMs, endsMs: atMs + forMs };
		this.dates.push(sold);
		return sold;
	}

	leftMs({ endsMs }: { endsMs: number }): number {
		return endsMs - this.trusted.validityMs();
	}

	#store(): ClockStore {
		return {
			read: () => this.stored,
			newest: () => ({ datedMs: Math.max(0, ...this.dates.map(({ atMs }) => atMs)), bookedMs: undefined }),
			store: (clock) => {
				if (this.isFull) throw new Error('disk full');
				this.stored = clock;
			},
			redate: ({ fromMs, byMs }, clock) => {
				if (this.isFull) throw new Error('disk full');
				const moved = this.dates.filter(({ atMs }) => atMs >= fromMs);
				for (const date of moved) {
					date.atMs += byMs;
					date.endsMs += byMs;
				}
				this.stored = clock;
				return moved.length;
			},
		};
	}
}

const starts = test.macro({
	exec(t, startMs: number, syncAfterMs: number) {
		const machine = new Machine(startMs);
		t.is(machine.trusted.wallMs(), null, 'a date that nobody vouches for is none');
		const sold = machine.sell(DAY_MS);
		machine.pass(syncAfterMs);
		t.is(machine.leftMs(sold), DAY_MS - syncAfterMs, 'it runs on the boot clock');
		t.is(machine.trusted.jumpMs, 0);
		machine.wall = NOW_MS;
		machine.isSynchronised = true;
		machine.pass(SECOND_MS);
		t.is(machine.trusted.wallMs(), (NOW_MS + SECOND_MS) as WallMs);
		t.is(sold.endsMs, NOW_MS - syncAfterMs + DAY_MS, 'a day after it was sold');
		const later = machine.sell(DAY_MS);
		t.is(later.endsMs, NOW_MS + SECOND_MS + DAY_MS);
		machine.start();
		t.is(machine.trusted.wallMs(), (NOW_MS + SECOND_MS) as WallMs, 'a restart knows it still');
		t.deepEqual([machine.leftMs(sold), machine.leftMs(later)], [DAY_MS - syncAfterMs - SECOND_MS, DAY_MS]);
		t.deepEqual(machine.warnings, []);
	},
	title: (title) => `a validity ends when it was sold for, of a clock that starts ${title}`,
});
test('in 1970', starts, 0, 60 * SECOND_MS);
test('ten days behind, corrected at once', starts, NOW_MS - 10 * DAY_MS, 10 * SECOND_MS);
test('ten days behind, corrected after two hours', starts, NOW_MS - 10 * DAY_MS, 2 * HOUR_MS);
test('a year ahead', starts, NOW_MS + YEAR_MS, 2 * HOUR_MS);
test('right', starts, NOW_MS - 60 * SECOND_MS, 60 * SECOND_MS);

for (const wallMs of [0, NOW_MS - 10 * DAY_MS, NOW_MS + YEAR_MS]) {
	test(`a power cut takes nothing while no date is known: the next boot starts at ${new Date(wallMs).toISOString()}`, (t) => {
		const machine = new Machine(NOW_MS);
		machine.isSynchronised = true;
		machine.pass(SECOND_MS);
		const known = machine.sell(DAY_MS);
		machine.pass(HOUR_MS);
		machine.start({ id: 'boot-2', wallMs });
		t.is(machine.trusted.wallMs(), null);
		const left = machine.leftMs(known);
		t.true(
			left >= DAY_MS - HOUR_MS - 5000 && left <= DAY_MS,
			`${left} is left: the time that it was off does not count`,
		);
		const unknown = machine.sell(DAY_MS);
		machine.pass(HOUR_MS);
		machine.start({ id: 'boot-3', wallMs });
		t.true(
			machine.leftMs(unknown) <= DAY_MS - HOUR_MS + 600_000,
			'what ran is kept within what is stored every ten minutes',
		);
		t.true(machine.leftMs(unknown) >= DAY_MS - HOUR_MS - 5000);
		const left3 = machine.leftMs(unknown);
		machine.wall = NOW_MS + 3 * DAY_MS;
		machine.isSynchronised = true;
		machine.pass(SECOND_MS);
		t.is(machine.leftMs(unknown), left3 - SECOND_MS, 'what was sold without a date keeps what was left of it');
		t.is(known.endsMs, NOW_MS + SECOND_MS + DAY_MS, 'what was sold by a known date keeps its date');
		t.true(machine.leftMs(known) < 0);
	});
}

test('a clock that came up a year ahead and was believed takes nothing of what is sold in it', (t) => {
	const machine = new Machine(NOW_MS + YEAR_MS, true);
	t.is(machine.trusted.wallMs(), (NOW_MS + YEAR_MS) as WallMs, 'the operator says that its battery is right');
	const sold = machine.sell(DAY_MS);
	machine.pass(HOUR_MS);
	machine.start({ id: 'boot-2', wallMs: NOW_MS + HOUR_MS });
	t.is(machine.trusted.wallMs(), null, 'it went back: this is no clock with a battery');
	t.true(machine.leftMs(sold) > DAY_MS - HOUR_MS - 10_000);
	const left = machine.leftMs(sold);
	machine.isSynchronised = true;
	machine.pass(SECOND_MS);
	t.is(machine.leftMs(sold), left - SECOND_MS, 'it would have lasted a year longer');
});

const jumps = test.macro({
	exec(t, byMs: number) {
		const machine = new Machine(NOW_MS);
		machine.isSynchronised = true;
		machine.pass(SECOND_MS);
		const sold = machine.sell(DAY_MS);
		machine.wall += byMs;
		machine.isSynchronised = false;
		machine.pass(HOUR_MS);
		t.is(machine.trusted.wallMs(), (NOW_MS + SECOND_MS + HOUR_MS) as WallMs, 'the boot clock carries it on');
		t.is(machine.trusted.jumpMs, byMs);
		t.false(machine.trusted.isJumpVouchedFor);
		machine.start();
		t.is(machine.leftMs(sold), DAY_MS - HOUR_MS, 'a restart takes nothing');
		t.deepEqual(
			machine.warnings,
			[{ bySeconds: byMs / 1000 }, { bySeconds: byMs / 1000 }],
			'told once by each process',
		);
		machine.isSynchronised = true;
		machine.pass(9 * 60_000);
		t.true(machine.trusted.isJumpVouchedFor);
		t.is(machine.leftMs(sold), DAY_MS - HOUR_MS - 9 * 60_000);
		machine.pass(2 * 60_000);
		t.is(machine.trusted.jumpMs, 0);
		t.is(machine.trusted.wallMs(), machine.wall as WallMs, 'a time server has confirmed it for ten minutes');
		t.is(machine.leftMs(sold), DAY_MS - HOUR_MS - 11 * 60_000, 'what was sold in this boot moves along');
	},
	title: (title) => `a clock that jumps ${title} is followed when a time server has confirmed it, and takes nothing`,
});
test('forward by a year', jumps, YEAR_MS);
test('back by ten days', jumps, -10 * DAY_MS);
test('forward by a little more than an hour', jumps, HOUR_MS + 2000);

test('a jump that is taken back leaves no trace', (t) => {
	const machine = new Machine(NOW_MS);
	machine.isSynchronised = true;
	machine.pass(SECOND_MS);
	const sold = machine.sell(DAY_MS);
	machine.wall += YEAR_MS;
	machine.pass(5 * 60_000);
	t.not(machine.trusted.jumpMs, 0);
	machine.wall -= YEAR_MS;
	machine.pass(SECOND_MS);
	t.is(machine.trusted.jumpMs, 0);
	t.is(sold.endsMs, NOW_MS + SECOND_MS + DAY_MS);
});

test('a clock that is corrected by seconds is followed, and what was sold by it moves along', (t) => {
	const machine = new Machine(NOW_MS);
	machine.isSynchronised = true;
	machine.pass(SECOND_MS);
	const sold = machine.sell(DAY_MS);
	machine.wall += 30 * SECOND_MS;
	machine.pass(SECOND_MS);
	t.is(machine.trusted.wallMs(), machine.wall as WallMs);
	t.is(machine.leftMs(sold), DAY_MS - SECOND_MS);
	machine.wall += 300;
	machine.pass(SECOND_MS);
	t.is(machine.trusted.wallMs(), machine.wall as WallMs, 'drift');
	t.deepEqual(machine.warnings, []);
});

test('a battery-backed clock is believed only if the operator says so, and if it does not go back', (t) => {
	for (const isBelieved of [false, true]) {
		const machine = new Machine(NOW_MS, isBelieved);
		t.is(machine.trusted.wallMs() !== null, isBelieved);
		const sold = machine.sell(DAY_MS);
		machine.pass(HOUR_MS);
		machine.start({ id: 'boot-2', wallMs: NOW_MS + 12 * HOUR_MS });
		const left = machine.leftMs(sold);
		if (isBelieved) t.is(left, DAY_MS - 12 * HOUR_MS, 'the time that the power was off counts');
		else t.true(left > 22 * HOUR_MS, 'it does not count');
		machine.start({ id: 'boot-3', wallMs: EARLIEST_WALL_MS + 1 });
		t.is(machine.trusted.wallMs(), null, 'its battery is empty');
		t.true(machine.leftMs(sold) > 0);
	}
});

test('what was sold by a battery-backed clock that was wrong moves along when a time server says so, also in a later boot', (t) => {
	for (const wrongMs of [-10 * DAY_MS, YEAR_MS]) {
		const machine = new Machine(NOW_MS + wrongMs, true);
		const sold = machine.sell(DAY_MS);
		machine.pass(HOUR_MS);
		machine.start({ id: 'boot-2', wallMs: NOW_MS + wrongMs + 2 * HOUR_MS });
		t.is(machine.leftMs(sold), DAY_MS - 2 * HOUR_MS);
		machine.wall = NOW_MS + 2 * HOUR_MS;
		machine.isSynchronised = true;
		machine.pass(SECOND_MS);
		t.is(sold.endsMs, NOW_MS + DAY_MS, 'a day after it was sold');
	}
});

test('a store that cannot be written keeps nobody from asking, and is tried again', (t) => {
	const machine = new Machine(0);
	const sold = machine.sell(DAY_MS);
	machine.isFull = true;
	machine.wall = NOW_MS;
	machine.isSynchronised = true;
	machine.pass(20 * SECOND_MS);
	t.is(machine.trusted.wallMs(), null);
	t.is(machine.leftMs(sold), DAY_MS - 20 * SECOND_MS);
	t.true(machine.errors.length > 0);
	t.notThrows(() => machine.trusted.stop(), 'an agent ends also then');
	machine.isFull = false;
	machine.start();
	machine.pass(10 * SECOND_MS);
	t.is(machine.trusted.wallMs(), machine.wall as WallMs);
	t.is(machine.leftMs(sold), DAY_MS - 30 * SECOND_MS, 'the restart has lost what could not be stored, and no more');
});
