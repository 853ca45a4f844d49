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
	/** Of these, those with a live neighbour entry: as device and address. */
	readonly heard: Set<string>;
	/** The metered device behind which it was seen last; empty if only its lease is known. */
	device: string;
	/** Whether the router has a live neighbour entry of it. */
	present: boolean;
	lastSeenMs: BootMs;
};

/** RFC 1035 allows 63 octets in a label; longer names are cut. */
export const NAME_CHARACTERS_MAX = 63;
/** So many are shown, those seen last: for displays alone, and never for a decision. */
export const ADDRESSES_MAX = 16;
/** Of one station, in memory: as many as the kernel's own table has of each family by default (gc_thresh3). */
export const HEARD_MAX = 1024;

/** A letter may carry a few marks (Vietnamese, Hebrew, Thai); a pile of them is drawn over other lines. */
const MARKS_MAX = 3;
/** More is not looked at: a name comes from a DHCP option of at most 255 bytes. */
const NAME_LOOK_MAX = 1024;

/**
 * A name without control, format (also those that turn the direction of writing) and other invisible characters, cut.
 *
 * @returns undefined if nothing is left
 */
export function cleanName(text: string): string | undefined {
	const visible = text
		.slice(0, NAME_LOOK_MAX)
		.normalize('NFC')
		.replaceAll(/[\p{C}\p{Z}\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}]+/gu, ' ')
		.replaceAll(new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu'), '$1')
		// A mark without a letter would go onto what stands before the name.
		.replace(/^[\p{M} ]+/u, '')
		.trim();
	const name = [...visible].slice(0, NAME_CHARACTERS_MAX).join('').trim();
	return name === '' || name === '*' ? undefined : name;
}
