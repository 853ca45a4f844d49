import type { SeededRandom } from '../fakes/seeded-random.ts';

/** Values at which checks end: types, signs, exactness, prototypes, characters that no database keeps, sizes. */
const ODD_VALUES: readonly string[] = [
	'null',
	'true',
	'0',
	'-0',
	'-1',
	'1.5',
	'1e999',
	'-1e999',
	'9007199254740991',
	'9007199254740993',
	'1125899906842625',
	`1${'0'.repeat(400)}`,
	`0.${'1'.repeat(400)}`,
	'""',
	'"\\u0000"',
	'"\\ud800"',
	'"\\udc00\\ud800"',
	'"\\ud83d\\ude00"',
	'"\\ud800\\u0041"',
	'"\\ud800\\ud800\\udc00\\udc00"',
	'"\\u202e\\u0007"',
	'"__proto__"',
	'"all"',
	'[]',
	'{}',
	'[[[[[[[[]]]]]]]]',
	`${'['.repeat(40)}${']'.repeat(40)}`,
	`${'{"a":'.repeat(40)}0${'}'.repeat(40)}`,
	`"${'a'.repeat(300)}"`,
	'{"__proto__":{"x":1}}',
	'{"constructor":{"prototype":1},"toString":2}',
];
const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\\u0000', 'a', 'id', 'kind', 'ap'];
const CHANGE_CHANCE = 0.04;

/** Writes a value as JSON, with some of its parts left out, doubled, exchanged for odd ones, or for parts of `other`. */
export function writeOddly(random: SeededRandom, value: unknown, other: unknown): string {
	if (random.chance(CHANGE_CHANCE)) {
		return random.chance(0.7) ? random.pick(ODD_VALUES) : JSON.stringify(partOf(random, other));
	}
	if (Array.isArray(value)) {
		const entries = value.flatMap((entry) => copies(random).map(() => writeOddly(random, entry, other)));
		return `[${entries.join(',')}]`;
	}
	if (typeof value === 'object' && value !== null) {
		const members = Object.entries(value).flatMap(([key, member]) =>
			copies(random).map(() => `${JSON.stringify(key)}:${writeOddly(random, member, other)}`),
		);
		if (random.chance(CHANGE_CHANCE)) members.push(`"${random.pick(ODD_KEYS)}":${random.pick(ODD_VALUES)}`);
		return `{${members.join(',')}}`;
	}
	return JSON.stringify(value);
}

/** Mostly one; none, or two. */
function copies(random: SeededRandom): readonly 0[] {
	if (!random.chance(CHANGE_CHANCE)) return [0];
	return random.chance(0.5) ? [] : [0, 0];
}

function partOf(random: SeededRandom, value: unknown): unknown {
	if (typeof value !== 'object' || value === null || random.chance(0.3)) return value ?? null;
	const parts = Object.values(value);
	return parts.length === 0 ? value : partOf(random, random.pick(parts));
}
