import type { Bytes, Seconds, Unit } from '../core/units.ts';
import type { AlphabetName } from '../voucher/alphabet.ts';
import type { ListenAddress } from './listen-address.ts';

/** The newest version of the file; an older one is migrated while it is read. */
export const CONFIG_VERSION = 1;

/** The configuration as the rest of the agent sees it: complete, in range, and in the smallest units. */
export type Config = {
	readonly version: typeof CONFIG_VERSION;
	readonly devices: {
		/** Network interfaces whose stations pay. At least one. */
		readonly metered: readonly string[];
		/** Local interfaces whose stations do not pay. */
		readonly free: readonly string[];
	};
	/** The bits of the conntrack mark that are ours: contiguous, 4 or more. An unsigned 32-bit number. */
	readonly mark: { readonly mask: number };
	/** Where everybody may go without paying: CIDRs, always with a prefix length. */
	readonly garden: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
	readonly grant: { readonly bytesMin: Bytes; readonly bytesMax: Bytes; readonly seconds: Seconds };
	readonly sample: { readonly intervalMs: number; readonly commitIntervalMs: number };
	/** The stream for displays. */
	readonly watch: { readonly intervalMs: number };
	/** Where Prometheus reads; absent or null: nowhere. */
	readonly metrics: { readonly listen: ListenAddress | null };
	/** Who bears the open grants when the counters are lost in a power cut. */
	readonly powerLoss: 'customer' | 'venue';
	/** Absolute paths. */
	readonly database: string;
	readonly control: string;
	readonly status: string;
	readonly leases: string;
	readonly venue: { readonly name: string };
	readonly codes: {
		/** The code is put behind it. */
		readonly url: string;
		readonly alphabet: AlphabetName;
		/** Absent: as the alphabet needs. */
		readonly length?: number;
		readonly freeAttempts: number;
		readonly firstWaitSeconds: Seconds;
		readonly longestWaitSeconds: Seconds;
		readonly overallBurst: number;
		readonly overallPerHour: number;
		readonly giftValidForSeconds: Seconds;
	};
	readonly plans: readonly Plan[];
};

/** What can be bought. A bought one is a package. */
export type Plan = {
	readonly name: string;
	readonly title: string;
	readonly unit: Unit;
	/** In `unit`, 1 or more. */
	readonly amount: number;
	/** From the purchase on; absent: does not expire. */
	readonly validForSeconds?: Seconds;
	readonly atEnd: 'block' | 'throttle';
	/** Present exactly if `atEnd` is `throttle`. The file has it in bits per second. */
	readonly throttleBytesPerSecond?: Bytes;
};
