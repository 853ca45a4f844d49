import { OctroiError } from '../../agent/core/octroi-error.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';

/** One parser of bytes that a stranger sends, and what must hold whatever they are. */
export type FuzzTarget = {
	/** Of its folder in `test/fuzz/corpus`, too. */
	readonly name: string;
	/** Who sends these bytes. */
	readonly title: string;
	/** Makes an input by the grammar of the format; half of these are mutated afterwards. */
	readonly make: (random: SeededRandom) => Uint8Array;
	/** Pieces that mean something in the format; put anywhere. */
	readonly words?: readonly (string | Uint8Array)[];
	/** Longest input. Default {@link INPUT_BYTES_MAX}. */
	readonly bytesMax?: number;
	/** Throws if anything is not as it must be: an error of another kind than documented, or a property that does not hold. */
	check(input: Buffer): void | Promise<void>;
};

/** Longer inputs seldom find anything that short ones do not, and take longer. */
export const INPUT_BYTES_MAX = 512;

/** Calls a parser that may refuse by an OctroiError with one of these codes; undefined if it did. Everything else is a crash. */
export function refusing<Value>(codes: readonly string[], call: () => Value): Value | undefined {
	try {
		return call();
	} catch (error) {
		if (error instanceof OctroiError && codes.includes(error.code)) return undefined;
		throw error;
	}
}

/** A property of what a parser answered. */
export function holds(isSo: boolean, what: string): void {
	if (!isSo) throw new Error(`does not hold: ${what}`);
}
