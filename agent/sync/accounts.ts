import type { AccountId, MacAddress } from '../core/units.ts';

/** What the carrier's messages do to accounts and their stations; the meter does it. */
export type Accounts = {
	/** Runs a transaction that adds credit, and lets the account's stations go on at once. */
	credit<Value>(account: AccountId, work: () => Value): Promise<Value>;
	/** Runs a transaction that takes credit away, when nothing of the account is reserved for the kernel. */
	withdraw<Value>(account: AccountId, work: () => Value): Promise<Value>;
	/** Something has changed by which the account's stations spend. */
	changed(account: AccountId): void;
	detach(mac: MacAddress, reason: string): Promise<void>;
	/** Attached to the account. */
	stations(account: AccountId): readonly MacAddress[];
	/** Charges what is known to be used, in one transaction. @throws the `ledger_*` codes */
	settle(): void;
	/** Accounts with attached stations, and bytes that the kernel has counted but the ledger has not. */
	spending(): readonly { readonly account: AccountId; readonly unsettledBytes: number }[];
};
