import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Log } from '../core/log.ts';
import { readLeaseFile } from './lease-file.ts';
import { LEASE_FILE_BYTES_MAX, type Lease } from './leases.ts';

/** The file is in memory (tmpfs) on a router; looking at its time stamp costs one stat. */
const LOOK_INTERVAL_MS = 2000;

export type LeaseWatchOptions = {
	readonly path: string;
	readonly log: Log;
	readonly lookIntervalMs?: number;
	/** The sentence about what is wrong with the file's contents; undefined: nothing is, any more. Told when it changes. */
	readonly onProblem?: (sentence?: string) => void;
};

/** Follows the lease file of dnsmasq or odhcpd, also when it does not exist yet or is replaced. */
export class LeaseWatch {
	readonly #path: string;
	readonly #log: Log;
	#onLeases: ((leases: readonly Lease[]) => Promise<void> | void) | undefined;
	/** Of the file as it was read last: nothing is parsed twice. */
	#version = '';
	readonly #lookIntervalMs: number;
	readonly #onProblem: (sentence: string | undefined) => void;
	#problem: string | undefined;
	#lastRead: Promise<void> = Promise.resolve();
	readonly #look = (now: Stats) => {
		// One after the other, so that what is told last is what was read last.
		if (now.mtimeMs !== 0) this.#lastRead = this.#lastRead.then(() => this.#read());
	};

	constructor({ path, log, lookIntervalMs = LOOK_INTERVAL_MS, onProblem = () => {} }: LeaseWatchOptions) {
		this.#path = path;
		this.#log = log;
		this.#lookIntervalMs = lookIntervalMs;
		this.#onProblem = onProblem;
	}

	/** Reads the file now and after each change. */
	async start(onLeases: (leases: readonly Lease[]) => Promise<void> | void): Promise<void> {
		this.#onLeases = onLeases;
		watchFile(this.#path, { interval: this.#lookIntervalMs, persistent: false }, this.#look);
		this.#lastRead = this.#read();
		await this.#lastRead;
	}

	/** Resolves when the leases of this moment were told, and what was made of them is done. Costs one look if they are the same. */
	async refresh(): Promise<void> {
		this.#lastRead = this.#lastRead.then(() => this.#read());
		await this.#lastRead;
	}

	/** May be called twice. */
	stop(): void {
		this.#onLeases = undefined;
		unwatchFile(this.#path, this.#look);
	}

	async #read(): Promise<void> {
		try {
			const file = await open(this.#path, 'r');
			try {
				const stats = await file.stat();
				const version = `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
				if (version === this.#version) return;
				const size = Math.min(stats.size, LEASE_FILE_BYTES_MAX);
				const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
				this.#version = version;
				const { leases, problem } = readLeaseFile(buffer.toString('utf8', 0, bytesRead));
				this.#judged(problem);
				await this.#onLeases?.(leases);
			} finally {
				await file.close();
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				this.#log.warn({ path: this.#path, error }, 'cannot read the leases; names and addresses will be missing');
			}
		}
	}

	/** Once for each change: the file is read again with every lease. */
	#judged(problem: string | undefined): void {
		if (problem === this.#problem) return;
		this.#problem = problem;
		const sentence = problem === undefined ? undefined : `the lease file ${this.#path} ${problem}`;
		if (sentence !== undefined) this.#log.warn({ path: this.#path }, sentence);
		this.#onProblem(sentence);
	}
}
