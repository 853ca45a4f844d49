/**
 * Reads JSON (RFC 8259) of unknown origin. Size, depth and the number of values are bounded by one pass over the bytes, before anything
 * is parsed: a parser, a check or a writer that calls itself for each level would end the process at some ten thousand of them.
 */

export type JsonBounds = {
	readonly bytesMax: number;
	/** Arrays and objects in each other. Absent: {@link JSON_DEPTH_MAX}. */
	readonly depthMax?: number;
	/** Members and entries of all arrays and objects together. Absent: {@link JSON_VALUES_MAX}. */
	readonly valuesMax?: number;
};

/** `bytes`, `depth` and `values`: more than the bounds. `syntax`: not JSON in UTF-8. */
export type JsonProblem = 'bytes' | 'depth' | 'values' | 'syntax';

export type JsonRead =
	| { readonly ok: true; readonly value: unknown }
	| { readonly ok: false; readonly reason: JsonProblem; readonly problem: string };

/** What we say to each other has at most 7 levels (the class rules of a plan of a signed policy). */
export const JSON_DEPTH_MAX = 24;
/** The largest batch, {@link RECORDS_MAX} records and 100 events, has 12,000. */
export const JSON_VALUES_MAX = 50_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const ESCAPE_BYTES = 6;
const REPLACEMENT = [0x66, 0x66, 0x66, 0x64]; // fffd

/**
 * The value, or why there is none. Characters that no database keeps, U+0000 and halves of surrogate pairs, are read as U+FFFD: one such
 * character in a name must not make a whole message unacceptable to the store. Never throws.
 */
export function readJson(payload: Uint8Array, bounds: JsonBounds): JsonRead {
	const { bytesMax, depthMax = JSON_DEPTH_MAX, valuesMax = JSON_VALUES_MAX } = bounds;
	if (payload.length > bytesMax) return refused('bytes', `${payload.length} bytes are more than ${bytesMax}`);
	const scan = new Scan(payload);
	const exceeded = scan.run({ depthMax, valuesMax });
	if (exceeded === 'depth') return refused('depth', `it is nested deeper than ${depthMax} levels`);
	if (exceeded === 'values') return refused('values', `it has more than ${valuesMax} values`);
	try {
		return { ok: true, value: JSON.parse(utf8.decode(scan.bytes)) };
	} catch {
		// What the parser says quotes the sender's bytes.
		return refused('syntax', 'it is not JSON in UTF-8');
	}
}

/** The same for a text. Halves of surrogate pairs in it are read as U+FFFD. */
export function readJsonText(text: string, bounds: JsonBounds): JsonRead {
	// Three bytes for each unit at most; a longer text is not even encoded.
	if (text.length > bounds.bytesMax) return refused('bytes', `it is longer than ${bounds.bytesMax} bytes`);
	return readJson(new TextEncoder().encode(text), bounds);
}

function refused(reason: JsonProblem, problem: string): JsonRead {
	return { ok: false, reason, problem };
}

/** Looks at each byte once. It accepts whatever is not JSON: the parser refuses that, within the same bounds. */
class Scan {
	/** The payload, or a copy in which characters were replaced. */
	bytes: Uint8Array;
	readonly #payload: Uint8Array;

	constructor(payload: Uint8Array) {
		this.bytes = payload;
		this.#payload = payload;
	}

	run({ depthMax, valuesMax }: { depthMax: number; valuesMax: number }): 'depth' | 'values' | undefined {
		const bytes = this.#payload;
		let depth = 0;
		let values = 1;
		for (let at = 0; at < bytes.length; at++) {
			switch (bytes[at]) {
				case QUOTE:
					at = this.#endOfText(at + 1);
					break;
				case 0x5b: // [
				case 0x7b: // {
					if (++depth > depthMax) return 'depth';
					if (++values > valuesMax) return 'values';
					break;
				case 0x5d: // ]
				case 0x7d: // }
					depth--;
					break;
				case 0x2c: // ,
					if (++values > valuesMax) return 'values';
			}
		}
		return undefined;
	}

	/** Where the text's closing quote stands, or the end of the bytes. */
	#endOfText(from: number): number {
		const bytes = this.#payload;
		for (let at = from; at < bytes.length; at++) {
			const byte = bytes[at];
			if (byte === QUOTE) return at;
			if (byte !== BACKSLASH) continue;
			at += bytes[at + 1] === LETTER_U ? this.#escape(at) - 1 : 1;
		}
		return bytes.length;
	}

	/** Replaces the escape at `at` if no database keeps its character. Answers how many bytes belong to it. */
	#escape(at: number): number {
		const unit = this.#unitAt(at);
		const isHigh = unit !== undefined && unit >= 0xd800 && unit <= 0xdbff;
		if (isHigh) {
			const next = this.#unitAt(at + ESCAPE_BYTES);
			if (next !== undefined && next >= 0xdc00 && next <= 0xdfff) return 2 * ESCAPE_BYTES;
		}
		// A low half is alone: those behind a high one were passed over with it.
		const isAlone = isHigh || (unit !== undefined && unit >= 0xdc00 && unit <= 0xdfff);
		if (unit === 0 || isAlone) {
			if (this.bytes === this.#payload) this.bytes = Uint8Array.from(this.#payload);
			this.bytes.set(REPLACEMENT, at + 2);
		}
		// Of an escape that is none the parser sees enough.
		return unit === undefined ? 2 : ESCAPE_BYTES;
	}

	/** The UTF-16 unit of an escape `\uXXXX`; undefined: there is none. */
	#unitAt(at: number): number | undefined {
		const bytes = this.#payload;
		if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U || at + ESCAPE_BYTES > bytes.length) return undefined;
		let unit = 0;
		for (let digit = 2; digit < ESCAPE_BYTES; digit++) {
			const value = hexDigit(bytes[at + digit] as number);
			if (value === undefined) return undefined;
			unit = unit * 16 + value;
		}
		return unit;
	}
}

function hexDigit(byte: number): number | undefined {
	if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
	const letter = byte | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
