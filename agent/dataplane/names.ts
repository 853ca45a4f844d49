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

/** Stations whose new flows are all of one class, by the operator's word. */
export const PINNED_SETS = { own: 'pinned_own', tethered: 'pinned_tethered' } as const;
/** Stations that were judged to tether: those of their flows that are not looked at are tethered. */
export const TETHERING_SET = 'tethering';

/** Where new flows wait for their class. */
export const QUEUE_CHAIN = 'to_queue';
/** Where the router's own advertisements wait for what is added to them. */
export const ADVERTISEMENT_CHAIN = 'to_announcement';
/** Of packets: those that went to the queue, and those that were too many of one station. A sample reads them with all others. */
export const queueCounter = { offered: 'q1', shed: 'q2' } as const;

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
	/** What its tethered flows may spend of a package before they are slowed or blocked, and how fast afterwards. */
	tether: (pool: PoolId): string => `tether${pool}`,
	tetherup: (pool: PoolId): string => `tetherup${pool}`,
	tetherdown: (pool: PoolId): string => `tetherdown${pool}`,
	/** The same of its own flows. */
	own: (pool: PoolId): string => `own${pool}`,
	ownup: (pool: PoolId): string => `ownup${pool}`,
	owndown: (pool: PoolId): string => `owndown${pool}`,
};

const pattern =
	/^(grant|reserve|slowup|slowdown|paceup|pacedown|tether|tetherup|tetherdown|own|ownup|owndown|u|d)([1-9][0-9]{0,4})$/;

/** What a name of an object says; undefined if it is not one that we make. */
export function readObjectName(
	name: string,
): { readonly kind: keyof typeof poolObjects | 'u' | 'd'; readonly id: number } | undefined {
	const found = pattern.exec(name);
	return found ? { kind: found[1] as 'grant', id: Number(found[2]) } : undefined;
}

/** What stations may ask our resolver, and be answered: those without a right, and, both ways in one, those of a session. */
export const BUDGET_SETS = { questions: 'asker_budgets', answers: 'answer_budgets', session: 'name_budgets' } as const;
/** Counts what names of sessions had for nothing. */
export const FREE_NAMES_COUNTER = 'names_uncharged';
/** What a station may have of the walled garden, by the mark of its flows. */
export const GARDEN_BUDGETS_SET = 'garden_budgets';
/** A quota that runs over with the first packet of an address that the agent is to judge: an event that wakes it. */
export const UNDECIDED_ALARM = 'undecided';
/** How often a station was refused. */
export const REFUSED_SET = 'refused';
/** Address of a station → the mark of its meter, for flows that begin outside; with the family behind it. */
export const METER_AT_MAP = 'meter_at';
/** Such flows that the station's own device has answered lately. */
export const INBOUND_ANSWERED_SET = 'inbound_answered';
/** How much of such flows came to an address and was not answered yet; with the family behind it. */
export const INBOUND_BUDGETS_SET = 'inbound_budgets';
