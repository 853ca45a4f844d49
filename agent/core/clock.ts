import { readFileSync } from 'node:fs';
import type { BootMs, WallMs } from './units.ts';

/** Both clocks, and timers on the boot clock. The only implementation that reads the machine is {@link systemClock}. */
export type Clock = {
	/** The wall clock. It may jump, by years too. */
	wallMs(): WallMs;
	/** Milliseconds since boot; never jumps, and goes on over a restart of the process. */
	bootMs(): BootMs;
	/** Calls once after `delayMs` of the boot clock; the answer cancels it. */
	after(delayMs: number, call: () => void): () => void;
	/** Which boot the boot clock belongs to. */
	readonly bootId: string;
};

/** setTimeout takes at most 2^31 − 1 ms; a longer wait would fire at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** CLOCK_MONOTONIC (shared by all processes of one boot), CLOCK_REALTIME and Node's timers. */
export function systemClock(): Clock {
	return {
		wallMs: () => Date.now() as WallMs,
		bootMs: () => Number(process.hrtime.bigint() / 1_000_000n) as BootMs,
		after(delayMs, call) {
			const timer = setTimeout(call, Math.min(Math.max(0, delayMs), TIMEOUT_MAX_MS));
			return () => clearTimeout(timer);
		},
		bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
	};
}
