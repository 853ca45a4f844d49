/**
 * What a value on the wire must look like: one description gives the TypeScript type, the check, and the JSON Schema, so that the
 * three cannot differ. Small on purpose: a router loads it.
 */

/** One thing that is wrong with a value. `path` is empty for the value itself, else `records[3].amount`. */
export type Fault = { readonly path: string; readonly problem: string };

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The value with its type, or all its faults (at most {@link FAULTS_MAX}). */
export type Checked<Value> =
	| { readonly ok: true; readonly value: Value }
	| { readonly ok: false; readonly faults: readonly Fault[] };

export type Shape<Value> = {
	readonly schema: JsonSchema;
	/** Adds what is wrong to `faults`. */
	look(value: unknown, path: string, faults: Faults): void;
	/** Only for the compiler: never there. */
	readonly type?: Value;
};

/** The type that a shape describes. */
export type Of<Described> = Described extends Shape<infer Value> ? Value : never;

/** A person corrects these and asks again; a reply must stay small. */
export const FAULTS_MAX = 100;
/** What is quoted of a wrong value. */
const QUOTED_CHARACTERS_MAX = 60;

class Faults {
	readonly list: Fault[] = [];

	add(path: string, value: unknown, expected: string): void {
		if (this.list.length < FAULTS_MAX) this.list.push({ path, problem: `${quote(value)} is not ${expected}` });
	}
}

/** Checks a parsed value of unknown origin. Never throws. */
export function check<Value>(shape: Shape<Value>, value: unknown): Checked<Value> {
	const faults = new Faults();
	shape.look(value, '', faults);
	return faults.list.length === 0 ? { ok: true, value: value as Value } : { ok: false, faults: faults.list };
}

/** A whole number, both bounds included. */
export function whole(min: number, max: number): Shape<number> {
	const expected = `a whole number from ${min} to ${max}`;
	return {
		schema: { type: 'integer', minimum: min, maximum: max },
		look(value, path, faults) {
			const isRight = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
			if (!isRight) faults.add(path, value, expected);
		},
	};
}

/** A text that matches as a whole. The pattern bounds its length. */
export function matching<Text extends string = string>(pattern: RegExp, what: string): Shape<Text> {
	return {
		schema: { type: 'string', pattern: pattern.source, description: what },
		look(value, path, faults) {
			if (typeof value !== 'string' || !pattern.test(value)) faults.add(path, value, what);
		},
	};
}

/** Any text of a bounded length without control characters: it may reach a terminal. */
export function text(charactersMax: number): Shape<string> {
	const expected = `a text of 1 to ${charactersMax} characters without control characters`;
	const harmless = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;
	// As JSON Schema counts: code points. The first comparison bounds the work.
	const isShort = (value: string) => value.length <= 2 * charactersMax && [...value].length <= charactersMax;
	return {
		schema: { type: 'string', minLength: 1, maxLength: charactersMax, pattern: harmless.source },
		look(value, path, faults) {
			const isRight = typeof value === 'string' && value !== '' && isShort(value) && harmless.test(value);
			if (!isRight) faults.add(path, value, expected);
		},
	};
}

/** One of a few words or numbers. */
export function oneOf<const Word extends string | number | boolean>(...words: readonly Word[]): Shape<Word> {
	const expected = words.map((word) => JSON.stringify(word)).join(' or ');
	return {
		schema: words.length === 1 ? { const: words[0] } : { enum: words },
		look(value, path, faults) {
			if (!words.includes(value as Word)) faults.add(path, value, expected);
		},
	};
}

export const yesOrNo: Shape<boolean> = {
	schema: { type: 'boolean' },
	look(value, path, faults) {
		if (typeof value !== 'boolean') faults.add(path, value, 'true or false');
	},
};

export function list<Entry>(entry: Shape<Entry>, bounds: { min: number; max: number }): Shape<readonly Entry[]> {
	const { min, max } = bounds;
	return {
		schema: { type: 'array', items: entry.schema, minItems: min, maxItems: max },
		look(value, path, faults) {
			if (!Array.isArray(value)) return faults.add(path, value, 'a list');
			// Too long a list is not walked: the work is bounded by the limit, not by the sender.
			if (value.length < min || value.length > max) {
				return faults.add(path, `${value.length} entries`, `a list of ${min} to ${max}`);
			}
			for (const [index, item] of value.entries()) entry.look(item, `${path}[${index}]`, faults);
		},
	};
}

type Fields = { readonly [key: string]: Shape<unknown> };
type Fixed<Required extends Fields, Optional extends Fields> = {
	readonly [Key in keyof Required]: Of<Required[Key]>;
} & {
	readonly [Key in keyof Optional]?: Of<Optional[Key]>;
};

/**
 * An object. Unknown members are faults, unless it is `open`: an access point must not half understand what it is told, but a
 * platform must not refuse the usage of a newer access point.
 */
export function object<const Required extends Fields, const Optional extends Fields = Record<never, never>>(
	required: Required,
	optional: Optional = {} as Optional,
	{ isOpen = false }: { isOpen?: boolean } = {},
): Shape<Fixed<Required, Optional>> {
	const fields: Fields = { ...required, ...optional };
	const properties = Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema]));
	return {
		schema: { type: 'object', properties, required: Object.keys(required), additionalProperties: isOpen },
		look(value, path, faults) {
			if (!isRecord(value)) return faults.add(path, value, 'an object');
			const at = (key: string) => (path === '' ? key : `${path}.${key}`);
			for (const [key, field] of Object.entries(fields)) {
				const isThere = Object.hasOwn(value, key);
				if (isThere) field.look(value[key], at(key), faults);
				else if (Object.hasOwn(required, key)) faults.add(at(key), 'nothing', 'enough: it is required');
			}
			for (const key of isOpen ? [] : Object.keys(value)) {
				if (!Object.hasOwn(fields, key)) faults.add(at(quoteKey(key)), value[key], 'known here');
			}
		},
	};
}

/** A few members of any name with plain values. */
export function plainMembers(bounds: { count: number; characters: number }): Shape<{
	readonly [key: string]: string | number | boolean | null;
}> {
	const name = /^[a-zA-Z][a-zA-Z0-9]{0,31}$/;
	const { count, characters } = bounds;
	const expected = `a text of at most ${characters} characters, a number, true, false or null`;
	return {
		schema: {
			type: 'object',
			maxProperties: count,
			propertyNames: { pattern: name.source },
			additionalProperties: { type: ['string', 'number', 'boolean', 'null'], maxLength: characters },
		},
		look(value, path, faults) {
			if (!isRecord(value)) return faults.add(path, value, 'an object');
			const members = Object.entries(value);
			if (members.length > count) return faults.add(path, `${members.length} members`, `at most ${count}`);
			for (const [key, member] of members) {
				if (!name.test(key)) faults.add(path, key, 'a name of at most 32 letters and digits');
				// A parser reads 1e999 as infinite, which no writer of JSON writes again.
				const isPlain = member === null || typeof member === 'boolean' || Number.isFinite(member);
				const isText = typeof member === 'string' && member.length <= characters;
				if (!isPlain && !isText) faults.add(`${path}.${quoteKey(key)}`, member, expected);
			}
		},
	};
}

/** One of several objects, told apart by one member. */
export function choice<const Tag extends string, const Cases extends Readonly<Record<string, Shape<unknown>>>>(
	tag: Tag,
	cases: Cases,
): Shape<{ [Word in keyof Cases]: Of<Cases[Word]> }[keyof Cases]> {
	const expected = Object.keys(cases)
		.map((word) => JSON.stringify(word))
		.join(' or ');
	return {
		schema: { oneOf: Object.values(cases).map(({ schema }) => schema) },
		look(value, path, faults) {
			if (!isRecord(value)) return faults.add(path, value, 'an object');
			const word = value[tag];
			const found = typeof word === 'string' && Object.hasOwn(cases, word) ? cases[word] : undefined;
			if (found === undefined) return faults.add(path === '' ? tag : `${path}.${tag}`, word, expected);
			found.look(value, path, faults);
		},
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As JSON, of which no more is written than is shown: a wrong value may have any size and depth. */
function quote(value: unknown): string {
	const written = abridged(value, 0);
	return written.length > QUOTED_CHARACTERS_MAX ? `${written.slice(0, QUOTED_CHARACTERS_MAX)}…` : written;
}

function abridged(value: unknown, depth: number): string {
	if (typeof value === 'string') return JSON.stringify(value.slice(0, QUOTED_CHARACTERS_MAX + 1));
	if (typeof value !== 'object' || value === null) return String(value);
	const isList = Array.isArray(value);
	const [begin, end] = isList ? '[]' : '{}';
	// Each level is at least one character of what is shown.
	if (depth > QUOTED_CHARACTERS_MAX) return `${begin}…`;
	const parts: string[] = [];
	let length = 0;
	for (const key of isList ? value.keys() : Object.keys(value)) {
		const member = abridged((value as Record<string | number, unknown>)[key], depth + 1);
		const part = isList ? member : `${JSON.stringify(String(key).slice(0, QUOTED_CHARACTERS_MAX + 1))}:${member}`;
		parts.push(part);
		length += part.length + 1;
		if (length > QUOTED_CHARACTERS_MAX) break;
	}
	return `${begin}${parts.join(',')}${end}`;
}

/** A sender's own name for something: bounded, and harmless on a terminal. */
function quoteKey(key: string): string {
	return key.replace(/[^\w-]/g, '?').slice(0, 32);
}
