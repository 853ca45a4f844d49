import type { WallMs } from '../core/units.ts';
import { type Moment, validityTime } from './moment.ts';

/** What is stored of a validity. */
export type Validity = {
	readonly valid_for_seconds: number | null;
	readonly valid_from: 'purchase' | 'first_use';
	readonly expiresAtWallMs: WallMs | null;
	readonly since_boot_ms: number | null;
	readonly since_boot: string | null;
};

/** A validity that begins now: until a time, or on the clock of this boot where there is none. */
export function startedAt(validForSeconds: number, at: Moment) {
	const now = validityTime(at);
	if (now !== null) {
		return { expiresAtWallMs: now + validForSeconds * 1000, datedAtMs: now, sinceBootMs: null, sinceBoot: null };
	}
	const { boot, bootMs } = at;
	return { expiresAtWallMs: null, datedAtMs: null, sinceBootMs: boot?.ms ?? bootMs, sinceBoot: boot?.id ?? null };
}

/**
 * When it expires, now that a date may be known. What began on this boot's clock began so long ago; what began in another
 * boot begins anew, because nobody knows how long the power was off.
 */
export function expiryOf(validity: Validity, at: Moment): WallMs | null {
	const { expiresAtWallMs, valid_for_seconds: seconds, valid_from: from } = validity;
	if (expiresAtWallMs !== null || seconds === null) return expiresAtWallMs;
	const now = validityTime(at);
	if (now === null) return null;
	const { boot } = at;
	if (from === 'first_use' && validity.since_boot_ms === null) return null;
	const isThisBoot = boot !== undefined && validity.since_boot === boot.id;
	const agoMs = isThisBoot ? boot.ms - (validity.since_boot_ms ?? boot.ms) : 0;
	return (now - agoMs + seconds * 1000) as WallMs;
}

/**
 * How an end is shown to people: as a date, or, while no date is known, as the seconds until then. Nothing for what has no end.
 *
 * @returns the end in milliseconds since 1970, or how long it is until then
 */
export function shownEnd(endMs: number | undefined, at: Moment): { endMs?: WallMs; leftSeconds?: number } {
	if (endMs === undefined) return {};
	const now = validityTime(at);
	if (at.trustedWallMs != null || now === null) return { endMs: endMs as WallMs };
	return { leftSeconds: Math.max(0, Math.floor((endMs - now) / 1000)) };
}

/** How long it lasts yet, by the date if that is known, else by the clock of the boot in which it began. Undefined: nobody can say. */
export function leftMs(validity: Validity, at: Moment): number | undefined {
	const expiry = expiryOf(validity, at);
	const now = validityTime(at);
	if (now !== null) return expiry === null ? undefined : expiry - now;
	const { valid_for_seconds: seconds, since_boot_ms: sinceMs } = validity;
	if (expiry !== null || seconds === null || at.boot === undefined || validity.since_boot !== at.boot.id) {
		return undefined;
	}
	return seconds * 1000 - (at.boot.ms - (sinceMs ?? at.boot.ms));
}

/** Whether it has run out. */
export function hasEnded(validity: Validity, at: Moment): boolean {
	const left = leftMs(validity, at);
	return left !== undefined && left <= 0;
}
