/** Two bits are the class, and of the others each meter has half: 7 bits number 10 stations, fewer hardly any. */
const MARK_BITS_MIN = 7;

/**
 * Our bits of the conntrack mark from their hexadecimal spelling, as an unsigned number.
 *
 * @throws Error whose message completes "VALUE …", for a value rule
 */
export function parseMarkMask(text: string): number {
	if (!/^0x[0-9a-fA-F]{1,8}$/.test(text)) {
		throw new Error(`${JSON.stringify(text.slice(0, 20))} is not a hexadecimal number such as "0xffff8000"`);
	}
	const mask = Number.parseInt(text, 16);
	const run = /^0*(1+)0*$/.exec(mask.toString(2))?.[1];
	if (run === undefined) {
		throw new Error(`${text} is not one run of adjacent bits`);
	}
	if (run.length < MARK_BITS_MIN) {
		throw new Error(
			`${text} has ${run.length} bits; at least ${MARK_BITS_MIN} are needed, which number 10 stations (8 bits: 20, 17: 6,435)`,
		);
	}
	return mask;
}
