import test from 'ava';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { type FuzzTarget, holds } from './fuzz-target.ts';
import { fuzz } from './fuzzer.ts';
import { Mutator } from './mutator.ts';
import { shrink } from './shrink.ts';

const CASES = 50_000;
const OPTIONS = { cases: CASES, seed: 1, corpus: [] };

/** Lists of a length and so many bytes, read with one of the mistakes that parsers have. */
function target(read: (bytes: Buffer, at: number) => number): FuzzTarget {
	return {
		name: 'list',
		title: 'a list',
		make: (random) => Buffer.concat([Buffer.from([3, 1, 2, 3]), Buffer.from([random.between(0, 3), 9, 9, 9])]),
		check(input) {
			for (let at = 0, turns = 0; at < input.length; turns++) {
				at = read(input, at);
				holds(turns <= input.length, 'it ends');
			}
		},
	};
}

const right = target((bytes, at) => at + 1 + (bytes[at] ?? 0));

test('a parser without a mistake passes all cases, the same for the same seed', async (t) => {
	const seen: string[][] = [[], []];
	for (const cases of seen) {
		const report = await fuzz(right, {
			...OPTIONS,
			cases: 2000,
			onCase: (_index, input) => cases.push(input.toString('hex')),
		});
		t.deepEqual(report, { cases: 2000 });
	}
	t.deepEqual(seen[0], seen[1]);
});

for (const [mistake, broken, smallest] of [
	[
		'a read past the end',
		target((bytes, at) => at + 1 + (bytes[at] ?? 0) * 0 + (bytes[at] === 7 ? bytes.readUInt8(at + 1) : 0)),
		'07',
	],
	['a length that stands still', target((bytes, at) => (bytes[at] === 255 ? at : at + 1)), 'ff'],
	[
		'an error that is not documented',
		target((bytes, at) => {
			if (bytes[at] === 3 && bytes[at + 1] === 0x80) throw new TypeError('oops');
			return at + 1;
		}),
		'0380',
	],
] as const) {
	test(`${mistake} is found, and shrunk to the bytes that matter`, async (t) => {
		const { failure, cases } = await fuzz(broken, OPTIONS);
		t.is(failure?.smallest.toString('hex'), smallest);
		t.true(cases < CASES);
	});
}

test('of checks that wait and run at once, the first one that fails is told, with its stack', async (t) => {
	const waits: FuzzTarget = {
		...right,
		async check(input) {
			// The later ones are done first.
			for (let turns = input[0] ?? 0; turns > 0; turns--) await undefined;
			if (input.length === 1) throw new RangeError('oops');
		},
	};
	const corpus = ['0000', 'ff', '01', '0000'].map((text) => Buffer.from(text, 'hex'));
	const { failure, cases } = await fuzz(waits, { ...OPTIONS, corpus });
	t.deepEqual([failure?.index, cases, failure?.input.toString('hex')], [1, 2, 'ff']);
	t.is(failure?.smallest.toString('hex'), '00');
	t.regex(failure?.error.stack ?? '', /fuzzer\.test/);
});

test('a slow case is told, of checks that wait too, and what was slow only once is not', async (t) => {
	for (const isWaiting of [false, true]) {
		let nowMs = 0;
		let looked = 0;
		const slow: FuzzTarget = {
			...right,
			check(input) {
				const text = input.toString('latin1');
				if (text === 'slow') nowMs += 300;
				if (text === 'once' && looked++ === 0) nowMs += 1000;
				return isWaiting ? Promise.resolve() : undefined;
			},
		};
		const corpus = ['once', 'slow'].map((text) => Buffer.from(text));
		const { slowest } = await fuzz(slow, { cases: 100, seed: 1, corpus, clock: () => nowMs });
		t.is(slowest?.milliseconds, 300);
		t.is(slowest?.input.toString('latin1'), 'slow');
	}
});

test('with a clock, what is slow with a long input alone is told', async (t) => {
	let nowMs = 0;
	const square: FuzzTarget = {
		...right,
		words: ['ab'],
		check(input) {
			nowMs += input.length ** 2 / 2 ** 22;
		},
	};
	const { slowest } = await fuzz(square, { cases: 100, seed: 1, corpus: [], clock: () => nowMs });
	t.is(slowest?.milliseconds, 1024);
	t.is(slowest?.input.length, 2 ** 16);
});

test('an input of the corpus is tried first', async (t) => {
	const rare = target((bytes, at) => {
		if (bytes.toString('latin1') === 'exactly this') throw new RangeError('oops');
		return at + 1;
	});
	const { failure } = await fuzz(rare, { ...OPTIONS, corpus: [Buffer.from('exactly this')] });
	t.is(failure?.index, 0);
});

test('changed inputs keep within their bound', (t) => {
	const random = new SeededRandom(3);
	const mutator = new Mutator(random, { words: ['a word', Buffer.alloc(40)], bytesMax: 32 });
	let input: Uint8Array = Buffer.alloc(0);
	for (let count = 0; count < 10_000; count++) {
		input = mutator.mutate(input, Buffer.alloc(20, 1));
		t.true(input.length <= 32);
	}
});

test('shrinking ends, whatever fails', async (t) => {
	t.is((await shrink(Buffer.alloc(300, 7), async () => true)).length, 0);
	t.is((await shrink(Buffer.alloc(300, 7), async (candidate) => candidate.length >= 150)).length, 150);
});
