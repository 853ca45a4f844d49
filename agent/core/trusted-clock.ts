import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { WallMs } from './units.ts';

/** Before this program was written no clock can be right: a router without a battery wakes up in 1970 or at its build date. */
export const EARLIEST_WALL_MS = Date.UTC(2026, 0, 1);
/** NTP steps and drift below it are followed without a word; what was dated before keeps its date. */
const CORRECTION_MAX_MS = 1000;
/** A larger step of a clock that was known is followed only when the kernel has vouched for it for {@link CONFIRMED_AFTER_MS}. */
const JUMP_MAX_MS = 3_600_000;
/** So long a time server that is wrong for a moment has to go on being wrong before anything expires by it. */
const CONFIRMED_AFTER_MS = 600_000;
/** A question to the kernel; more often nobody needs it. */
const LOOK_AGAIN_MS = 1000;
const LOOK_INTERVAL_MS = 10_000;
/** How often the clock is stored. So much of a validity is not counted after a power cut while no date is known. */
export const SAVE_INTERVAL_MS = 600_000;

/** `kernel`: a time protocol has set its clock. `battery`: it comes from a battery-backed clock, and the operator believes that one. */
export type KnownBy = 'kernel' | 'battery';

/** The clock of validities as it is stored. */
export type StoredClock = {
	/** The boot whose clock it stands on. */
	readonly boot: string;
	/** Added to that boot's clock it gives the time of validities. */
	readonly offsetMs: number;
	/** What was dated from then on was dated by this clock without a break, and moves when it is corrected. */
	readonly sinceMs: number;
	/** Who says that it is the date; null: nobody. */
	readonly knownBy: KnownBy | null;
	/** The time of validities when this was stored. */
	readonly seenMs: number;
};

/** Where the clock of validities is kept, beside what was dated by it. */
export type ClockStore = {
	/** Undefined: nothing was stored yet. */
	read(): StoredClock | undefined;
	/** The newest time at which something was dated, 0 for none; and the wall clock of the newest booking, undefined if there is none. */
	newest(): { readonly datedMs: number; readonly bookedMs: number | undefined };
	store(clock: StoredClock): void;
	/** Moves what was dated from `fromMs` on, with the clock, in one transaction. @returns how many dates */
	redate(move: { readonly fromMs: number; readonly byMs: number }, clock: StoredClock): number;
};

export type TrustedClockOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Whether the kernel vouches for the wall clock. */
	readonly isSynchronised: () => boolean;
	/** Whether a wall clock for which nobody vouches is believed at the start, as it comes from a battery-backed clock. Default: no. */
	readonly isBatteryBelieved?: boolean;
};

/**
 * Two things: what date it is, as far as that is known; and the time on which validities count, which is there always.
 *
 * The time of validities runs on the boot clock. A boot begins where the one before was last seen, because nobody knows how long the
 * power was off: so it is never ahead of the date, and nothing expires too early. Once the date is known it becomes the date, and
 * all that was dated since it was last known moves along: what was sold for 24 hours ends 24 hours after the sale.
 *
 * The date is known when the kernel says that a time protocol has set its clock. That of a file, of a battery, or of somebody's hand
 * is not believed, however plausible.
 */
export class TrustedClock {
	readonly #options: TrustedClockOptions;
	#store: ClockStore | undefined;
	/** Time of validities minus boot clock. */
	#offsetMs: number | undefined;
	#sinceMs = 0;
	#knownBy: KnownBy | null = null;
	/** The boot before went by a battery-backed clock: that has counted on while the power was off, right or wrong. */
	#goesOnByBattery = false;
	#jumpMs = 0;
	/** A jump that the kernel vouches for, since when. */
	#vouched: { readonly offsetMs: number; readonly atMs: number } | undefined;
	#lookedMs = Number.NEGATIVE_INFINITY;
	#savedMs = 0;
	#cancel: (() => void) | undefined;

	constructor(options: TrustedClockOptions) {
		this.#options = options;
	}

	/** Goes on where the store says, looks at the clock, and from then on again and again. */
	start(store: ClockStore): void {
		this.#resume(store);
		this.#tick();
	}

	/** Stores where it stands. May be called twice. */
	stop(): void {
		if (this.#cancel === undefined) return;
		this.#cancel();
		this.#cancel = undefined;
		this.#savedMs = Number.NEGATIVE_INFINITY;
		this.#lookSafely(this.#options.clock.bootMs(), true);
	}

	/** Milliseconds since 1970, or null while the date is not known. */
	wallMs(): WallMs | null {
		const validityMs = this.validityMs();
		return this.#knownBy === null ? null : validityMs;
	}

	/** The time on which validities count: the date, or what is certain to have passed of it. Goes back only when the date is corrected. */
	validityMs(): WallMs {
		const bootMs = this.#options.clock.bootMs();
		if (bootMs - this.#lookedMs >= LOOK_AGAIN_MS) this.#lookSafely(bootMs);
		return (bootMs + this.#offset(bootMs)) as WallMs;
	}

	/** By how much the wall clock has jumped without being followed, in milliseconds; 0: it has not. */
	get jumpMs(): number {
		return this.#jumpMs;
	}

	/** Whether the kernel vouches for a jump, so that it will be followed. */
	get isJumpVouchedFor(): boolean {
		return this.#vouched !== undefined;
	}

	#resume(store: ClockStore): void {
		const { clock } = this.#options;
		const stored = store.read();
		if (stored?.boot === clock.bootId) {
			this.#offsetMs = stored.offsetMs;
			this.#sinceMs = stored.sinceMs;
			this.#knownBy = stored.knownBy;
		} else {
			const { datedMs, bookedMs } = store.newest();
			const bootMs = clock.bootMs();
			// An older version has stored none: then it is no later than its last booking and the wall clock say.
			const beganMs = stored?.seenMs ?? Math.min(bookedMs ?? Number.POSITIVE_INFINITY, clock.wallMs()) - bootMs;
			// One more than the newest: what was dated before this boot is told from what is dated in it.
			const offsetMs = Math.max(beganMs, datedMs + 1, EARLIEST_WALL_MS - bootMs);
			this.#offsetMs = offsetMs;
			this.#sinceMs = stored === undefined || stored.knownBy === 'kernel' ? bootMs + offsetMs : stored.sinceMs;
			this.#goesOnByBattery = stored?.knownBy === 'battery';
			this.#knownBy = null;
		}
		this.#store = store;
		this.#savedMs = Number.NEGATIVE_INFINITY;
	}

	#tick(): void {
		const { clock } = this.#options;
		this.#cancel = clock.after(LOOK_INTERVAL_MS, () => this.#tick());
		this.#lookSafely(clock.bootMs(), true);
	}

	/** A disk that is full must not keep anybody from asking for the time: then it goes on as it is, and this is tried again. */
	#lookSafely(bootMs: number, mayStore = false): void {
		try {
			this.#look(bootMs);
			if (mayStore && bootMs - this.#savedMs >= SAVE_INTERVAL_MS) this.#save();
		} catch (error) {
			this.#options.log.error({ error }, 'the clock could not be stored; trying again');
		}
	}

	/** Asks for the wall clock, and follows it where it may. */
	#look(bootMs: number): void {
		this.#lookedMs = bootMs;
		const byMs = this.#options.clock.wallMs() - bootMs - this.#offset(bootMs);
		const by = this.#whoVouches(bootMs);
		if (this.#knownBy === null || (this.#knownBy === 'battery' && by === 'kernel')) {
			if (by !== null) this.#learn(byMs, by);
		} else if (Math.abs(byMs) <= JUMP_MAX_MS) {
			this.#calm();
			if (by !== null && Math.abs(byMs) > CORRECTION_MAX_MS) this.#learn(byMs, by);
			else if (by !== null) this.#offsetMs = this.#offset(bootMs) + byMs;
		} else {
			this.#jump(byMs, bootMs, by === 'kernel');
		}
	}

	/** Who vouches for the wall clock as it stands; null: nobody. */
	#whoVouches(bootMs: number): KnownBy | null {
		const { clock, isSynchronised, isBatteryBelieved = false } = this.#options;
		if (clock.wallMs() < EARLIEST_WALL_MS) return null;
		if (isSynchronised()) return 'kernel';
		// Once the kernel has vouched for the date, its clock carries it on. A battery-backed clock does not go back; an empty one does.
		const mayBeBattery = isBatteryBelieved && this.#knownBy !== 'kernel';
		const isAhead = this.#knownBy === 'battery' || clock.wallMs() >= bootMs + this.#offset(bootMs);
		return mayBeBattery && isAhead ? 'battery' : null;
	}

	#jump(byMs: number, bootMs: number, isVouchedFor: boolean): void {
		const { log } = this.#options;
		if (this.#jumpMs === 0) {
			log.warn(
				{ bySeconds: Math.round(byMs / 1000) },
				'the wall clock jumped; validities go on by the boot clock until a time server has confirmed the date',
			);
		}
		this.#jumpMs = byMs;
		const offsetMs = this.#offset(bootMs) + byMs;
		if (!isVouchedFor) this.#vouched = undefined;
		else if (this.#vouched === undefined || Math.abs(this.#vouched.offsetMs - offsetMs) > CORRECTION_MAX_MS) {
			this.#vouched = { offsetMs, atMs: bootMs };
		} else if (bootMs - this.#vouched.atMs >= CONFIRMED_AFTER_MS) this.#learn(byMs, 'kernel');
	}

	#calm(): void {
		this.#jumpMs = 0;
		this.#vouched = undefined;
	}

	/** Now the date is known to be `byMs` later than the time of validities. */
	#learn(byMs: number, by: KnownBy): void {
		const { clock, log } = this.#options;
		const bootMs = clock.bootMs();
		const offsetMs = this.#offset(bootMs) + byMs;
		const nowMs = bootMs + offsetMs;
		// What was dated in a future that was none moves too.
		const isSameClock = by === 'battery' && this.#goesOnByBattery;
		const doubtfulMs = byMs < 0 ? Math.min(this.#sinceMs, nowMs) : this.#sinceMs;
		const fromMs = isSameClock ? Number.MAX_SAFE_INTEGER : doubtfulMs;
		const sinceMs = isSameClock ? this.#sinceMs : this.#sinceMs + byMs;
		const known = { boot: clock.bootId, offsetMs, sinceMs, knownBy: by, seenMs: nowMs };
		const moved = this.#store?.redate({ fromMs, byMs }, known) ?? 0;
		this.#offsetMs = offsetMs;
		this.#sinceMs = sinceMs;
		this.#knownBy = by;
		this.#goesOnByBattery = false;
		this.#savedMs = bootMs;
		this.#calm();
		if (this.#store !== undefined) {
			const fields = { bySeconds: Math.round(byMs / 1000), dates: moved };
			log.info(fields, 'the date is known; what was dated without it has moved along');
		}
	}

	#save(): void {
		const { clock } = this.#options;
		const bootMs = clock.bootMs();
		this.#savedMs = bootMs;
		const offsetMs = this.#offset(bootMs);
		const seenMs = bootMs + offsetMs;
		this.#store?.store({ boot: clock.bootId, offsetMs, sinceMs: this.#sinceMs, knownBy: this.#knownBy, seenMs });
	}

	/** Without a store, as in a part's own test, the wall clock is where it begins. */
	#offset(bootMs: number): number {
		this.#offsetMs ??= Math.max(this.#options.clock.wallMs(), EARLIEST_WALL_MS) - bootMs;
		return this.#offsetMs;
	}
}
