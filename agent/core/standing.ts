/**
 * What a station has that costs something, lowest first. A hardware address costs nothing; a lease is one of as many as the DHCP server has to give,
 * and a lease that has been held for a while is one that nobody else has had meanwhile. Budgets that strangers share keep a reserve for each step.
 */
export const STANDINGS = ['stranger', 'leased', 'settled'] as const;
export type Standing = (typeof STANDINGS)[number];

/** A lease that was held for so long counts as `settled`: with 250 leases an attacker makes at most four such stations a second. */
export const SETTLED_AFTER_MS = 60_000;
