import { createHash } from 'node:crypto';

/** 128 bits: no two causes share a name. */
const NAME_BYTES = 16;

/** A name that follows from its cause, in the alphabet of request ids: whoever makes it again makes the same. */
export function nameOf(prefix: string, cause: readonly (string | number | boolean)[]): string {
	const hash = createHash('sha256').update(JSON.stringify(cause)).digest().subarray(0, NAME_BYTES);
	return `${prefix}-${hash.toString('hex')}`;
}

/**
 * The name of an event that the platform itself makes about an access point. No event of an access point can be called so (their
 * ids do not begin with "@"): what it says can neither take the place of ours nor keep it from being told.
 */
export function platformEventId(...words: readonly (string | number)[]): string {
	return `@${words.join(':')}`;
}
