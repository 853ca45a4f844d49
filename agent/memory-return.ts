import { Session } from 'node:inspector';
import type { Clock } from './core/clock.ts';
import type { Log } from './core/log.ts';

/** How often is looked whether there is something to give back, and nothing to do. */
const LOOK_MS = 15_000;
/** Below it a collection is not worth its pause of some ten milliseconds. */
const RETURN_BYTES_MIN = 8 * 2 ** 20;
/** Of one core, since the look before: a sample of a hundred stations takes less. */
const IDLE_SHARE_MAX = 0.02;
/** An agent that fills its young generation again and again is not stopped for it for more than a thousandth of the time. */
const PAUSE_MS_MIN = 2 * LOOK_MS;
const PAUSES_PER_COLLECTION = 1000;

export type MemoryReturnOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Of this process. */
	readonly residentBytes?: () => number;
	/** Processor time of this process, in milliseconds. */
	readonly cpuMs?: () => number;
	/** Marks and sweeps the whole heap. */
	readonly collect?: () => void;
};

/**
 * Gives memory back to the system when a burst is over. V8 collects only when something is allocated: after thousands of stations have
 * come and gone, its young generation stays at 3 × 16 MiB until the next ones come, on a router that has 128.
 *
 * @returns stops it
 */
export function returnMemory({
	clock,
	log,
	residentBytes = () => process.memoryUsage.rss(),
	cpuMs = processorMs,
	collect = collectGarbage,
}: MemoryReturnOptions): () => void {
	let floor = residentBytes();
	let before = { bootMs: clock.bootMs(), cpuMs: cpuMs() };
	let notBeforeMs = 0;
	let cancel = clock.after(LOOK_MS, look);
	return () => cancel();

	function look(): void {
		cancel = clock.after(LOOK_MS, look);
		const now = { bootMs: clock.bootMs(), cpuMs: cpuMs() };
		const isIdle = now.cpuMs - before.cpuMs <= (now.bootMs - before.bootMs) * IDLE_SHARE_MAX;
		before = now;
		const resident = residentBytes();
		floor = Math.min(floor, resident);
		if (!isIdle || resident - floor < RETURN_BYTES_MIN || now.bootMs < notBeforeMs) return;
		collect();
		const doneMs = clock.bootMs();
		notBeforeMs = doneMs + Math.max(PAUSE_MS_MIN, (doneMs - now.bootMs) * PAUSES_PER_COLLECTION);
		// Pages are unmapped by other threads: what is resident now says little of what will be at the next look.
		log.debug({ before: resident, floor }, 'memory is given back');
	}
}

function processorMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

/** By the debugger's interface: the flag that would make a function for it is one of the command line. */
function collectGarbage(): void {
	const session = new Session();
	session.connect();
	session.post('HeapProfiler.collectGarbage');
	session.disconnect();
}
