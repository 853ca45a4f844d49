import type { BootMs, MacAddress } from '../core/units.ts';

/**
 * A device that was seen on a metered network. What it may do is the meter's business; this is only who is there:
 * its addresses are from DHCP and from neighbour discovery, its name is what it says itself.
 */
export type Station = {
	readonly mac: MacAddress;
	/** From its DHCP request: hostile text, at most {@link NAME_CHARACTERS_MAX} printable characters. */
	name: string | undefined;
	readonly addresses: Set<string>;
	/** The metered device behind which it was seen last; empty if only its lease is known. */
	device: string;
	/** Whether the router has a live neighbour entry of it. */
	present: boolean;
	lastSeenMs: BootMs;
};

/** RFC 1035 allows 63 octets in a label; longer names are cut. */
export const NAME_CHARACTERS_MAX = 63;
/** A station has some temporary IPv6 addresses (RFC 8981) beside its stable ones; older ones are forgotten first. */
export const ADDRESSES_MAX = 16;

/** A name without control, format and other invisible characters, cut; undefined if nothing is left. */
export function cleanName(text: string): string | undefined {
	const visible = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
	return visible === '' || visible === '*' ? undefined : [...visible].slice(0, NAME_CHARACTERS_MAX).join('');
}
