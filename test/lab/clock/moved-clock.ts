import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import { PROJECT_ROOT } from '../project-root.ts';

const LIBRARY = join(LAB_DIRECTORY, 'moved-clock.so');
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const NANOSECONDS = 1_000_000n;
/** How long the machine is up when its agent starts. */
const UP_MS = 30_000;

/**
 * The clocks that an agent sees: the wall clock, the boot clock, the boot's id, and whether the kernel holds the wall clock for
 * synchronised. Beside them runs the time that it really is there, by which the agent is judged.
 */
export class MovedClock {
	readonly #file: string;
	readonly #bootIdFile: string;
	#wallNs = 0n;
	#bootNs = 0n;
	#isSynchronised = false;
	/** The real time there, ahead of ours: what was skipped. */
	#skippedMs = 0;

	constructor(name: string) {
		this.#file = join(LAB_DIRECTORY, `${name}-clock`);
		this.#bootIdFile = join(LAB_DIRECTORY, 'boot-id');
	}

	/** Compiles the library, and puts a file of ours over the boot's id, in the lab's mount namespace alone. */
	static async prepare(): Promise<void> {
		const source = join(PROJECT_ROOT, 'test/lab/clock/moved-clock.c');
		await runProgram('cc', ['-O2', '-shared', '-fPIC', '-o', LIBRARY, source]);
		const file = join(LAB_DIRECTORY, 'boot-id');
		writeFileSync(file, `${randomUUID()}\n`);
		await runProgram('mount', ['--bind', file, BOOT_ID]);
	}

	static async stop(): Promise<void> {
		await runProgram('umount', [BOOT_ID]);
	}

	/** For the environment of the program that is to see these clocks. */
	get environment(): Record<string, string> {
		return { LD_PRELOAD: LIBRARY, OCTROI_LAB_CLOCK: this.#file };
	}

	/** What time it really is there. */
	get realMs(): number {
		return Date.now() + this.#skippedMs;
	}

	/** What the wall clock there says. */
	get wallMs(): number {
		return Date.now() + Number(this.#wallNs / NANOSECONDS);
	}

	/** The power comes, after it was off for so long: a boot of its own, whose wall clock starts there. */
	boot({ wallMs, offMs }: { wallMs: (realMs: number) => number; offMs: number }): void {
		this.#skippedMs += offMs;
		writeFileSync(this.#bootIdFile, `${randomUUID()}\n`);
		this.#bootNs = BigInt(UP_MS) * NANOSECONDS - process.hrtime.bigint();
		this.#isSynchronised = false;
		this.#setWall(wallMs(this.realMs));
	}

	/** A time server sets the clock to what it really is. */
	synchronise(): void {
		this.#isSynchronised = true;
		this.#setWall(this.realMs);
	}

	/** Somebody sets the clock by hand. */
	setByHand(wallMs: number): void {
		this.#isSynchronised = false;
		this.#setWall(wallMs);
	}

	/** Time passes there, all at once. */
	pass(milliseconds: number): void {
		this.#skippedMs += milliseconds;
		this.#wallNs += BigInt(milliseconds) * NANOSECONDS;
		this.#bootNs += BigInt(milliseconds) * NANOSECONDS;
		this.#write();
	}

	#setWall(wallMs: number): void {
		this.#wallNs = BigInt(Math.round(wallMs - Date.now())) * NANOSECONDS;
		this.#write();
	}

	/** In one write to the file that the program has mapped: it sees all of it, or nothing. */
	#write(): void {
		const words = BigInt64Array.of(this.#wallNs, this.#bootNs, this.#isSynchronised ? 1n : 0n);
		const file = openSync(this.#file, 'a');
		closeSync(file);
		const shared = openSync(this.#file, 'r+');
		writeSync(shared, new Uint8Array(words.buffer), 0, words.byteLength, 0);
		closeSync(shared);
	}
}
