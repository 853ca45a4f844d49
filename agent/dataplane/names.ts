import type { MeterId } from '../core/units.ts';

/** Our one table, of family inet. */
export const TABLE = 'octroi';

/** Names of objects are short: ids have five digits at most, and `NFT_NAME_MAXLEN` is 256. */
export const counterName = {
	up: (meter: MeterId): string => `u${meter}`,
	down: (meter: MeterId): string => `d${meter}`,
};

/** The set of the stations whose meter has the bit of this number, counted from the lowest of our bits. */
export function stationSet(bit: number): string {
	return `station_bit${bit}`;
}

/** The stations that have a meter. */
export const ATTACHED_SET = 'attached';
/** Of these, those that have a right now. */
export const ENTITLED_SET = 'entitled';

/** A pool is what the stations of one account share: their quota objects. There are as many ids as of meters. */
export type PoolId = number;

/**
 * The objects of a pool. `grant` is the first part of what the ledger has reserved, `reserve` the rest: when the first is
 * depleted, the kernel says so (low water) and packets go on from the second, while the agent brings the next grant.
 */
export const poolObjects = {
	grant: (pool: PoolId): string => `grant${pool}`,
	reserve: (pool: PoolId): string => `reserve${pool}`,
	slowup: (pool: PoolId): string => `slowup${pool}`,
	slowdown: (pool: PoolId): string => `slowdown${pool}`,
	paceup: (pool: PoolId): string => `paceup${pool}`,
	pacedown: (pool: PoolId): string => `pacedown${pool}`,
};

const pattern = /^(grant|reserve|slowup|slowdown|paceup|pacedown|u|d)([1-9][0-9]{0,4})$/;

/** What a name of an object says; undefined if it is not one that we make. */
export function readObjectName(name: string):
	| {
			readonly kind: 'grant' | 'reserve' | 'slowup' | 'slowdown' | 'paceup' | 'pacedown' | 'u' | 'd';
			readonly id: number;
	  }
	| undefined {
	const found = pattern.exec(name);
	return found ? { kind: found[1] as 'grant', id: Number(found[2]) } : undefined;
}
