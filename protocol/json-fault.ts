/** Where a text stops being JSON, and why, for the person who wrote it. */
export type JsonFault = { readonly line: number; readonly column: number; readonly problem: string };

const BLANK = /[ \t\r\n]/;
const WORD = /[\p{L}\p{N}_$.+-]/u;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
/** What typing programs put in place of `"`. */
const OTHER_QUOTE = /['`´\u2018-\u201f\u00ab\u00bb\uff02]/;

/** What other languages call these values. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
	True: 'true',
	TRUE: 'true',
	yes: 'true',
	on: 'true',
	False: 'false',
	FALSE: 'false',
	no: 'false',
	off: 'false',
	None: 'null',
	undefined: 'null',
	NULL: 'null',
	nil: 'null',
};

/**
 * Finds the first place where a text is not JSON (RFC 8259), and says what stands there in the words of whoever typed it: a comment, a comma after
 * the last entry, a quotation mark of another kind. V8 names a place only for some faults.
 *
 * @param text whose depth is bounded (`readJsonText`): the reader calls itself for each level
 * @returns undefined: no fault was found
 */
export function findJsonFault(text: string): JsonFault | undefined {
	const reader = new Reader(text);
	try {
		reader.document();
		return undefined;
	} catch (error) {
		if (!(error instanceof Found)) throw error;
		const lines = text.slice(0, error.at).split(/\r\n|\r|\n/);
		return { line: lines.length, column: [...(lines.at(-1) as string)].length + 1, problem: error.message };
	}
}

class Found extends Error {
	readonly at: number;

	constructor(at: number, problem: string) {
		super(problem);
		this.at = at;
	}
}

class Reader {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	document(): void {
		this.#blanks();
		if (this.#next() === '') throw this.#fault('the file is empty');
		this.#value();
		this.#blanks();
		if (this.#next() !== '') throw this.#fault(`${this.#seen()} stands after the end of the JSON text`);
	}

	#value(): void {
		const next = this.#next();
		if (next === '{') this.#list('}', () => this.#member());
		else if (next === '[') this.#list(']', () => this.#value());
		else if (next === '"') this.#string();
		else this.#word();
	}

	/** Entries with commas between them, from the opening bracket to the closing one. */
	#list(end: '}' | ']', entry: () => void): void {
		const opened = this.#at;
		this.#at += 1;
		this.#blanks();
		if (this.#next() === end) {
			this.#at += 1;
			return;
		}
		for (;;) {
			if (this.#next() === '') throw this.#unclosed(opened);
			entry();
			this.#blanks();
			const next = this.#next();
			if (next === end) {
				this.#at += 1;
				return;
			}
			if (next === '') throw this.#unclosed(opened);
			if (next !== ',') throw this.#fault(this.#notComma(end));
			const comma = this.#at;
			this.#at += 1;
			this.#blanks();
			if (this.#next() === end) throw new Found(comma, 'a comma stands after the last entry');
			if (this.#next() === ',') throw this.#fault('an entry is missing between two commas');
		}
	}

	#member(): void {
		const next = this.#next();
		if (next !== '"') {
			throw this.#fault(
				OTHER_QUOTE.test(next)
					? `a name stands in ${next} instead of straight double quotation marks (")`
					: WORD.test(next)
						? 'a name has no quotation marks (")'
						: `${this.#seen()} stands where a name in quotation marks (") is expected`,
			);
		}
		this.#string();
		this.#blanks();
		if (this.#next() !== ':') throw this.#fault(`${this.#seen()} stands where a colon (:) is expected after the name`);
		this.#at += 1;
		this.#blanks();
		this.#value();
	}

	#string(): void {
		const opened = this.#at;
		for (this.#at += 1; ; this.#at += 1) {
			const character = this.#next();
			if (character === '"') break;
			if (character === '' || character === '\n' || character === '\r') {
				throw new Found(opened, 'a text has no closing quotation mark (") in its line');
			}
			if (character < ' ') throw this.#fault('a text has a tab or another control character: write \\t, or a blank');
			if (character !== '\\') continue;
			const written = ESCAPE.exec(this.#text.slice(this.#at, this.#at + 6))?.[0];
			if (written === undefined) throw this.#fault('a single backslash stands in a text: write \\\\');
			this.#at += written.length - 1;
		}
		this.#at += 1;
	}

	#word(): void {
		const begun = this.#at;
		let end = begun;
		while (end < this.#text.length && WORD.test(this.#text[end] as string)) end += 1;
		const word = this.#text.slice(begun, end);
		if (word === 'true' || word === 'false' || word === 'null' || NUMBER.test(word)) {
			this.#at = end;
			return;
		}
		const next = this.#next();
		if (OTHER_QUOTE.test(next))
			throw this.#fault(`a text stands in ${next} instead of straight double quotation marks (")`);
		if (word === '') throw this.#fault(`${this.#seen()} stands where a value is expected`);
		const meant = Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined;
		if (meant !== undefined) throw this.#fault(`${word} is no value of JSON: write ${meant}`);
		throw this.#fault(
			/^[+-]?[.\d]/.test(word)
				? `${word.slice(0, 40)} is not a number as JSON has it: digits without zeros in front, and a point`
				: `${word.slice(0, 40)} is neither a number, true, false or null, nor a text in quotation marks (")`,
		);
	}

	/** Also comments: they are the first thing that stands where nothing may. */
	#blanks(): void {
		while (BLANK.test(this.#next())) this.#at += 1;
		const two = this.#text.slice(this.#at, this.#at + 2);
		if (two === '//' || two === '/*' || two[0] === '#') throw this.#fault('JSON has no comments');
	}

	#notComma(end: '}' | ']'): string {
		const next = this.#next();
		if (next === '"' || next === '{' || next === '[' || WORD.test(next)) return 'a comma is missing before this entry';
		return `${this.#seen()} stands where a comma or ${end} is expected`;
	}

	#unclosed(opened: number): Found {
		return new Found(opened, `the bracket ${this.#text[opened]} has no end`);
	}

	#next(): string {
		return this.#text[this.#at] ?? '';
	}

	#seen(): string {
		const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
		if (this.#next() === '') return 'the end of the file';
		return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
			? `"${character}"`
			: `the character U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
	}

	#fault(problem: string): Found {
		return new Found(this.#at, problem);
	}
}
