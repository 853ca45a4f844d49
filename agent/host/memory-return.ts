import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { limitFreeMemory } from '../netlink/index.ts';

/** How often the resident memory is read, which takes some microseconds. */
const LOOK_MS = 15_000;
/** Above the least since the memory was given back last. */
const RETURN_BYTES_MIN = 4 * 2 ** 20;
/** What the allocator keeps at the end of each of its heaps: twice what glibc begins with. */
const FREE_BYTES_MAX = 256 * 2 ** 10;
/** A larger heap is left to V8, which marks it beside what the agent does: collected at once, it would stop the renewal of grants for too long. */
const RESIDENT_BYTES_MAX = 128 * 2 ** 20;
/** Of one core, since the look before. Somebody who waits for an answer must not wait for this. */
const IDLE_SHARE_MAX = 0.05;
/** It takes at most this share of the time, however slow the processor is. */
const SHARE_MAX = 0.001;

export type MemoryReturnOptions = {
	readonly clock: Clock;
	readonly log: Log;
	/** Resident memory of this process, in bytes. */
	readonly residentBytes: () => number;
	/** Processor time of this process since its start, in milliseconds. */
	readonly cpuMs: () => number;
	/** Absent: {@link giveBack}. */
	readonly giveBack?: () => void;
};

/**
 * Gives memory back to the system when a burst is over. V8 leaves an idle heap alone until it has grown by 10 MiB over what it was after
 * its last reduction (`kCommittedMemoryDelta` of its MemoryReducer): 22 MiB for 13 MiB of objects, after thousands of stations came and went. And glibc
 * keeps what the threads of V8's compiler have freed, unless it is told otherwise.
 *
 * @returns stops it
 */
export function returnMemory({
	clock,
	log,
	residentBytes,
	cpuMs,
	giveBack: give = giveBack,
}: MemoryReturnOptions): () => void {
	limitFreeMemory(FREE_BYTES_MAX);
	let floor = residentBytes();
	let before = { bootMs: clock.bootMs(), cpuMs: cpuMs() };
	let pausedUntilMs = 0;
	let cancel = clock.after(LOOK_MS, look);
	return () => cancel();

	function look(): void {
		cancel = clock.after(LOOK_MS, look);
		const now = { bootMs: clock.bootMs(), cpuMs: cpuMs() };
		const isIdle = now.cpuMs - before.cpuMs <= (now.bootMs - before.bootMs) * IDLE_SHARE_MAX;
		before = now;
		const resident = residentBytes();
		floor = Math.min(floor, resident);
		const isWorth = resident - floor >= RETURN_BYTES_MIN && resident <= RESIDENT_BYTES_MAX;
		if (!isIdle || !isWorth || now.bootMs < pausedUntilMs) return;
		give();
		const tookMs = cpuMs() - now.cpuMs;
		pausedUntilMs = now.bootMs + tookMs / SHARE_MAX;
		// What is still there is in use: a level that cannot be reached again would be tried for ever.
		floor = residentBytes();
		log.debug({ before: resident, after: floor, tookMs }, 'memory was given back');
	}
}

/** One collection of the whole heap that also moves what is left together: some 25 ms for 20 MiB on a desktop's processor. */
function giveBack(): void {
	// V8 puts this function into contexts that are made while the flag is set; without moving, pages with one object each would stay.
	setFlagsFromString('--expose-gc');
	setFlagsFromString('--compact-on-every-full-gc');
	const collect = runInNewContext('gc') as () => void;
	collect();
	setFlagsFromString('--no-compact-on-every-full-gc');
	setFlagsFromString('--no-expose-gc');
}
