import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Log } from '../core/log.ts';
import { LEASE_FILE_BYTES_MAX, type Lease, parseLeases } from './leases.ts';

/** The file is in memory (tmpfs) on a router; looking at its time stamp costs one stat. */
const LOOK_INTERVAL_MS = 2000;

/** Follows the lease file of dnsmasq, also when it does not exist yet or is replaced. */
export class LeaseWatch {
	readonly #path: string;
	readonly #log: Log;
	#onLeases: ((leases: readonly Lease[]) => void) | undefined;
	readonly #look = (now: Stats) => {
		if (now.mtimeMs !== 0) void this.#read();
	};

	constructor({ path, log }: { path: string; log: Log }) {
		this.#path = path;
		this.#log = log;
	}

	/** Reads the file now and after each change. */
	async start(onLeases: (leases: readonly Lease[]) => void): Promise<void> {
		this.#onLeases = onLeases;
		watchFile(this.#path, { interval: LOOK_INTERVAL_MS, persistent: false }, this.#look);
		await this.#read();
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
				const size = Math.min((await file.stat()).size, LEASE_FILE_BYTES_MAX);
				const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
				this.#onLeases?.(parseLeases(buffer.toString('utf8', 0, bytesRead)));
			} finally {
				await file.close();
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				this.#log.warn({ path: this.#path, error }, 'cannot read the leases; names and addresses will be missing');
			}
		}
	}
}
