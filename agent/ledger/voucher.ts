import type { AccountId, MacAddress, WallMs } from '../core/units.ts';
import type { Answer } from './answer.ts';
import type { Moment } from './moment.ts';
import type { Package, PackageTerms } from './package.ts';

/** A stored code: HMAC-SHA-256 under the key beside the ledger, its first 16 bytes. */
export type CodeHash = Uint8Array;

/** In one transaction; it bounds how long the agent is busy with it. */
export const BATCH_CODES_MAX = 10_000;
export const DEVICES_MAX = 1000;

export type CreateBatchRequest = {
	/** `[a-z0-9][a-z0-9-]{0,31}`: it is part of the accounts' ids. */
	readonly id: string;
	readonly terms: PackageTerms;
	/** In the order of their serial numbers, from 1. */
	readonly hashes: readonly CodeHash[];
	/** Stations that one code opens the network for, 1 to {@link DEVICES_MAX}. */
	readonly devices: number;
	/** Not redeemed from then on. */
	readonly validUntilWallMs?: WallMs;
	/** The cards share one account, which is credited once; the card of serial 1 controls it. */
	readonly isSet?: boolean;
	/** How many codes there are of that form. */
	readonly codeSpace?: number;
	readonly at: Moment;
};

/** `code_taken`: one of the codes exists; make other ones. `account_taken`: of a set, an account has its name. */
export type CreateBatchAnswer = 'created' | 'exists_with_different_values' | 'code_taken' | 'account_taken';

/** Ordered by precedence: a redeemed voucher stays redeemed when its batch expires. `blocked` is a card of a set. */
export const VOUCHER_STATES = ['redeemed', 'blocked', 'void', 'expired', 'unused'] as const;
export type VoucherState = (typeof VOUCHER_STATES)[number];

export type Batch = {
	readonly id: string;
	readonly terms: PackageTerms;
	readonly count: number;
	readonly devices: number;
	readonly validUntilWallMs?: WallMs;
	readonly createdWallMs: WallMs;
	/** Of a set. */
	readonly account?: AccountId;
	/** How many are in each state. */
	readonly states: Readonly<Record<VoucherState, number>>;
};

export type Voucher = {
	readonly batch: string;
	readonly serial: number;
	readonly state: VoucherState;
	readonly role: 'single' | 'member' | 'control';
	readonly account?: AccountId;
	readonly redeemedWallMs?: WallMs;
};

/** What a code is, without redeeming it. `set` is the account of a set's card. */
export type FoundCode =
	| ({ readonly kind: 'voucher' } & Voucher & { readonly set?: AccountId })
	| { readonly kind: 'gift'; readonly gift: Gift };

export type RedeemRequest = {
	readonly hash: CodeHash;
	/** To be topped up. Absent: the code is the identity, and makes an account. */
	readonly account?: AccountId;
	readonly at: Moment;
};

/**
 * What became of a code; one closed list, ordered by precedence.
 * - `unknown`: no such code. `no_account`: the account to be topped up does not exist.
 * - `blocked`: a card that its set's control card has blocked. `bound`: a card of a set cannot top up another account.
 * - `returned`: this redeemer had redeemed it before; nothing was credited now.
 * - `used`: somebody else did. `void`, `expired`: nobody did, and nobody will.
 * - `redeemed`: now, durably, together with its credit.
 */
export type Redemption =
	| { readonly answer: 'unknown' | 'no_account' | 'blocked' | 'bound' | 'void' | 'expired' }
	| { readonly answer: 'used'; readonly redeemedWallMs: WallMs }
	| ({ readonly answer: 'returned' } & Redeemed)
	| ({ readonly answer: 'redeemed' } & Redeemed);

export type Redeemed = {
	readonly kind: 'voucher' | 'card' | 'gift';
	readonly account: AccountId;
	/** Whether the code opens the account: false when it only topped it up. */
	readonly opens: boolean;
	/** Stations that this code opens the network for. */
	readonly devices: number;
	/** Of a card: its set and serial. */
	readonly card?: { readonly set: string; readonly serial: number; readonly isControl: boolean };
	/** What it credited, then or now: as it stands. A gift may have several; a further card of a set has none. */
	readonly packages: readonly Package[];
};

export type GiveRequest = {
	/** Made by whoever asks. */
	readonly id: string;
	readonly account: AccountId;
	readonly unit: Package['unit'];
	readonly amount: number;
	readonly hash: CodeHash;
	/** From now; absent: never comes back by itself. */
	readonly validForSeconds?: number;
	readonly at: Moment;
};

/** `too_little`: not so much is available, in packages that are still valid. `code_taken`: make another code. */
export type GiveAnswer =
	| 'given'
	| 'exists'
	| 'exists_with_different_values'
	| 'not_found'
	| 'account_blocked'
	| 'too_little'
	| 'code_taken';
export type GiveResult = { readonly answer: GiveAnswer; readonly gift?: Gift; readonly available?: number };

export type Gift = {
	readonly id: string;
	readonly giver: AccountId;
	readonly unit: Package['unit'];
	readonly amount: number;
	readonly state: 'offered' | 'claimed' | 'returned';
	readonly givenWallMs: WallMs;
	readonly validUntilWallMs?: WallMs;
	readonly receiver?: AccountId;
	readonly endedWallMs?: WallMs;
};

export type Handover = {
	readonly mac: MacAddress;
	readonly from?: AccountId;
	readonly to: AccountId;
	readonly how: 'operator' | 'pairing';
	readonly wallMs: WallMs;
};

/** The part of the ledger that knows codes. Each method that writes is one transaction, as everywhere in the ledger. */
export type CodeLedger = {
	/** Binds the codes to their key. → created, exists, exists_with_different_values. */
	bindKey(fingerprint: Uint8Array): Answer;
	/** Whether a key has been bound. */
	hasKey(): boolean;

	createBatch(request: CreateBatchRequest): CreateBatchAnswer;
	batches(trustedWallMs?: WallMs | null): Batch[];
	/**
	 * The chance that one guess hits a code of some batch or gift. Those that were used up or made void count too: so it does not grow with what is looked at.
	 *
	 * @param otherSpace how many codes there are of the form of gifts, and of batches of which it is not known
	 */
	hitChance(otherSpace: number): number;
	batch(id: string, trustedWallMs?: WallMs | null): Batch | undefined;
	/** By serial. Throws `not_found`. */
	vouchers(batch: string, trustedWallMs?: WallMs | null): Voucher[];
	voucher(batch: string, serial: number, trustedWallMs?: WallMs | null): Voucher | undefined;
	/** Unused vouchers (of one serial, or all) will not be redeemed. → changed, exists (nothing was unused), not_found. */
	void(batch: string, serial: number | undefined, at: Moment): { answer: Answer; voided: number };
	/** A card of a set is lost, or found again. → changed, exists, not_found. */
	blockCard(set: string, serial: number, blocked: boolean, at: Moment): Answer;

	find(hash: CodeHash, trustedWallMs?: WallMs | null): FoundCode | undefined;
	/** The account that a code opens now; undefined: none. A blocked card opens nothing. */
	openedBy(hash: CodeHash): AccountId | undefined;
	redeem(request: RedeemRequest): Redemption;
	/** How many stations an account may have at once; null: as many as come. Throws `not_found`. */
	devicesOf(account: AccountId): number | null;

	give(request: GiveRequest): GiveResult;
	/** Ends an offer: its credit comes back. → changed, exists (it has ended already), not_found. */
	returnGift(id: string, at: Moment): Answer;
	/** Returns all offers whose time is over. Needs a trusted clock. */
	returnExpired(at: Moment): Gift[];
	/** When the next offer ends; null: none will. */
	nextReturn(): WallMs | null;
	/** Those that an account gave, newest first, at most 100. Throws `not_found`. */
	gifts(account: AccountId): Gift[];
	gift(id: string): Gift | undefined;

	/** A station came with a card of a set. */
	cameWithCard(mac: MacAddress, set: string, serial: number): void;
	stationsOfCard(set: string, serial: number): MacAddress[];
	/** Which card a station came with last. */
	cardOf(mac: MacAddress): { readonly set: string; readonly serial: number } | undefined;

	/** Throws `not_found` (the account that gets it). */
	recordHandover(handover: Omit<Handover, 'wallMs'>, at: Moment): void;
	/** Newest first, at most 100. */
	handovers(mac?: MacAddress): Handover[];
};
