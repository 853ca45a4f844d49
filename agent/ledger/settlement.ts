import type { Unit } from '../core/units.ts';
import type { Spendable } from '../policy/deduction-queue.ts';
import { type Amounts, noAmounts, type UsageAmounts } from './account.ts';

/** A package as a settlement finds it. */
export type SettlementPackage = Spendable & {
	/** Not yet used, reserved or not. */
	readonly remaining: number;
	/** In its open grant; 0: it has none. */
	readonly reserved: number;
	/** Expired already, whatever its date says. */
	readonly hasEnded?: boolean;
	/** How fast it may be spent: what is reserved together must be spent at one pace. */
	readonly up_bytes_per_second?: number | null;
	readonly down_bytes_per_second?: number | null;
};

export type SettlementRequest<Package extends SettlementPackage> = {
	/** In spending order. */
	readonly packages: readonly Package[];
	/** What has to be paid. */
	readonly used: Amounts;
	readonly reserve: Amounts;
	/** Less than this cannot be used by itself. Default: 0. */
	readonly least?: UsageAmounts;
	readonly validityMs: number | null;
	/** Each grant stays, less what was used of it, whatever `reserve` says. */
	readonly keep?: boolean;
	/** Grants pay, and nothing else. Default: false. */
	readonly grantsOnly?: boolean;
};

/** What happens to one package, in this order: its grant is resolved, the excess is taken, the rest expires, a grant is made. */
export type Move<Package extends SettlementPackage> = {
	readonly package: Package;
	/** Used from its open grant. */
	posted: number;
	/** Used beyond the grants. */
	taken: number;
	expired: number;
	/** The open grant is posted (if anything was used from it) or voided. */
	resolved: boolean;
	/** A new grant of this amount; 0: none. */
	granted: number;
	/** What is left afterwards. */
	remaining: number;
	reserved: number;
};

export type Settlement<Package extends SettlementPackage> = {
	readonly moves: readonly Move<Package>[];
	readonly paid: Amounts;
	readonly unpaid: Amounts;
	readonly expired: Amounts;
	/** The last package in spending order that paid anything. */
	readonly lastSpent: Package | undefined;
	/** Of what is reserved now; undefined: nothing is. */
	readonly pace: string | undefined;
};

/**
 * Splits usage over an account's packages and reserves anew. Pure; conserves every unit:
 * used = posted + taken + unpaid, and remaining before = posted + taken + expired + remaining after.
 *
 * Open grants pay first, in spending order (an expired package's too: it was reserved in time); then what is
 * available in packages that have not expired; what neither covers stays unpaid.
 * A grant from which nothing was used and whose amount is still right is left alone: then nothing is written.
 * What is reserved together is spent at one pace: the kernel can hold no other in the same window. A rest that is too little
 * to be used by itself goes with what follows, at the pace of that.
 */
export function settlement<Package extends SettlementPackage>(
	request: SettlementRequest<Package>,
): Settlement<Package> {
	const moves = request.packages.map(untouched);
	const unpaid = { ...request.used };
	const expired = noAmounts();
	const unreserved = { ...request.reserve };
	let pace: string | undefined;
	let held = 0;
	for (const move of moves) payFromGrant(move, unpaid);
	for (const move of moves) {
		const isExpired = hasExpired(move.package, request.validityMs);
		if (!isExpired && request.grantsOnly !== true) payFromRest(move, unpaid);
		if (isExpired) expired[move.package.unit] += expire(move);
		const own = paceKey(move.package);
		const isOtherPace = pace !== undefined && pace !== own && held >= leastOf(move.package.unit, request.least);
		if (request.keep) keepGrant(move);
		else reserve(move, isExpired || isOtherPace ? noAmounts() : unreserved);
		held += move.reserved;
		if (move.reserved > 0) pace = own;
	}
	return {
		moves,
		paid: {
			byte: request.used.byte - unpaid.byte,
			second: request.used.second - unpaid.second,
			micro: request.used.micro - unpaid.micro,
		},
		pace,
		unpaid,
		expired,
		lastSpent: moves.findLast((move) => move.posted + move.taken > 0)?.package,
	};
}

type Left = Record<Unit, number>;

function untouched<Package extends SettlementPackage>(package_: Package): Move<Package> {
	const { remaining, reserved } = package_;
	return { package: package_, posted: 0, taken: 0, expired: 0, resolved: false, granted: 0, remaining, reserved };
}

function payFromGrant(move: Move<SettlementPackage>, unpaid: Left): void {
	const { unit, reserved } = move.package;
	move.posted = Math.min(reserved, unpaid[unit]);
	unpaid[unit] -= move.posted;
	move.remaining -= move.posted;
}

function payFromRest(move: Move<SettlementPackage>, unpaid: Left): void {
	// All grants of this unit are used up when anything is still unpaid, so all that remains is available.
	const { unit } = move.package;
	move.taken = Math.min(move.remaining, unpaid[unit]);
	unpaid[unit] -= move.taken;
	move.remaining -= move.taken;
}

function expire(move: Move<SettlementPackage>): number {
	move.expired = move.remaining;
	move.remaining = 0;
	return move.expired;
}

function reserve(move: Move<SettlementPackage>, unreserved: Left): void {
	const { unit, reserved } = move.package;
	const wanted = Math.min(move.remaining, unreserved[unit]);
	unreserved[unit] -= wanted;
	move.reserved = wanted;
	if (move.posted === 0 && wanted === reserved) return;
	move.resolved = reserved > 0;
	move.granted = wanted;
}

function keepGrant(move: Move<SettlementPackage>): void {
	const { unit, reserved } = move.package;
	reserve(move, { ...noAmounts(), [unit]: reserved - move.posted });
}

function leastOf(unit: Unit, least: UsageAmounts | undefined): number {
	return unit === 'micro' ? 0 : (least?.[unit] ?? 0);
}

/** Two packages of one key may be spent in one window. */
export function paceKey({ up_bytes_per_second: up, down_bytes_per_second: down }: SettlementPackage): string {
	return `${up ?? ''}/${down ?? ''}`;
}

/** By its date never while the clock is not known to be set. */
export function hasExpired(
	package_: { readonly expiresAtWallMs: number | null; readonly hasEnded?: boolean },
	validityMs: number | null,
): boolean {
	if (package_.hasEnded === true) return true;
	return validityMs !== null && package_.expiresAtWallMs !== null && package_.expiresAtWallMs <= validityMs;
}
