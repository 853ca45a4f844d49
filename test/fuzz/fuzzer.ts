import { SeededRandom } from '../fakes/seeded-random.ts';
import { type FuzzTarget, INPUT_BYTES_MAX } from './fuzz-target.ts';
import { Mutator } from './mutator.ts';
import { shrink } from './shrink.ts';

export type FuzzOptions = {
	readonly cases: number;
	readonly seed: number;
	readonly corpus: readonly Buffer[];
	/** Called before each case: a watchdog knows what hangs. */
	readonly onCase?: (index: number, input: Buffer) => void;
	/** How long a case took; asked for by the long form alone. */
	readonly clock?: () => number;
};

export type FuzzFailure = {
	readonly index: number;
	readonly input: Buffer;
	readonly smallest: Buffer;
	readonly error: Error;
};

export type FuzzReport = {
	readonly cases: number;
	readonly failure?: FuzzFailure;
	/** The slowest case, and how long it takes at best. */
	readonly slowest?: { readonly milliseconds: number; readonly input: Buffer };
};

/** Of the inputs, so many are new ones by the grammar; the others are changed ones of the pool. */
const MADE_SHARE = 0.3;
/** Inputs that the pool has beside the corpus. */
const POOL_MADE = 64;
/** A case that took longer than this is looked at again: the machine may have been busy elsewhere. */
const SLOW_MS = 20;
const SLOW_ATTEMPTS = 5;

/** Runs the corpus first, then made and changed inputs, until one fails. The same seed gives the same cases. */
export async function fuzz(
	target: FuzzTarget,
	{ cases, seed, corpus, onCase, clock }: FuzzOptions,
): Promise<FuzzReport> {
	const random = new SeededRandom(seed);
	const bytesMax = target.bytesMax ?? INPUT_BYTES_MAX;
	const mutator = new Mutator(random, { words: target.words ?? [], bytesMax });
	const pool: Uint8Array[] = [...corpus];
	for (let made = 0; made < POOL_MADE; made++) pool.push(target.make(random));
	let slowest: FuzzReport['slowest'];
	for (let index = 0; index < cases; index++) {
		const input = index < corpus.length ? Buffer.from(corpus[index] as Buffer) : next();
		onCase?.(index, input);
		const began = clock?.() ?? 0;
		const error = failureOf(target, input);
		const found = error instanceof Promise ? await error : error;
		if (found !== undefined) {
			const smallest = await shrink(input, async (candidate) => (await failureOf(target, candidate)) !== undefined);
			return { cases: index + 1, failure: { index, input, smallest, error: found } };
		}
		if (clock === undefined || clock() - began <= Math.max(SLOW_MS, slowest?.milliseconds ?? 0)) continue;
		const milliseconds = await atBest(target, input, clock);
		if (milliseconds > (slowest?.milliseconds ?? 0)) slowest = { milliseconds, input };
	}
	return { cases, ...(slowest === undefined ? {} : { slowest }) };

	function next(): Buffer {
		if (random.chance(MADE_SHARE)) {
			const made = target.make(random);
			return random.chance(0.5) ? Buffer.from(made) : mutator.mutate(made, random.pick(pool));
		}
		const changed = mutator.mutate(random.pick(pool), random.pick(pool));
		// What was changed is changed further: some inputs are many steps away.
		if (random.chance(0.01)) pool[random.between(corpus.length, pool.length - 1)] = Buffer.from(changed);
		return changed;
	}
}

function failureOf(target: FuzzTarget, input: Buffer): Error | undefined | Promise<Error | undefined> {
	try {
		// A copy of its own memory: a read past the end finds no neighbour's bytes, and a parser that writes into it is found.
		const done = target.check(input);
		return done instanceof Promise ? done.then(() => undefined, errorOf) : undefined;
	} catch (error) {
		return errorOf(error);
	}
}

function errorOf(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}

/** The shortest of some times: what the parser takes, and not what else ran. */
async function atBest(target: FuzzTarget, input: Buffer, clock: () => number): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < SLOW_ATTEMPTS; attempt++) {
		const began = clock();
		await failureOf(target, input);
		best = Math.min(best, clock() - began);
	}
	return best;
}
