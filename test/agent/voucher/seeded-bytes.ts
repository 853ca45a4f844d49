import type { RandomBytes } from '../../../agent/voucher/code-maker.ts';

/** The same unpredictable bytes each time (xorshift32). */
export function seededBytes(seed: number): RandomBytes {
	let state = seed * 2_654_435_761;
	return (count) =>
		Uint8Array.from({ length: count }, () => {
			state ^= state << 13;
			state ^= state >>> 17;
			state ^= state << 5;
			return state & 0xff;
		});
}
