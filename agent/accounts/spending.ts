import type { AccountId, MacAddress } from '../core/units.ts';

/** What an account's stations do while its credit changes; the meter knows. */
export type Spender = {
	/** Runs what adds credit, and lets the account's stations go on at once. */
	credit<Value>(account: AccountId, work: () => Value): Promise<Value>;
	/** Runs what takes credit away, when nothing of the account is reserved for the kernel. */
	withdraw<Value>(account: AccountId, work: () => Value): Promise<Value>;
	/** @throws OctroiError `not_found`, `not_allowed`, `ledger_*`, `netlink_*` */
	attach(mac: MacAddress, account: AccountId): Promise<unknown>;
	detach(mac: MacAddress, reason: string): Promise<void>;
	/** What a station spends; undefined if it is not attached. */
	accountOf(mac: MacAddress): AccountId | undefined;
	/** Attached to the account, the one that came first in front. */
	stations(account: AccountId): MacAddress[];
};
