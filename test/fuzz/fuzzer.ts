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
	/** How long a case took; asked for by the long form alone, which then tries large inputs too, after the others. */
	readonly clock?: () => number;
	/** Processor time of this thread, in milliseconds: what a slow case takes on a machine that is busy elsewhere. Absent: the clock. */
	readonly cpuClock?: () => number;
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
/** What a parser does many times over with a long input it does some dozen times with a short one, and nobody sees it. */
const LARGE_BYTES = 64 * 1024;
/** Checks that wait (a signature is verified by threads of Node's pool) run so many at once. */
const AT_ONCE = 64;
/** Three quarters of the time of a parser that refuses by an error were the frames of the stack, which nobody reads: only a failure has them. */
const STACK_FRAMES = Error.stackTraceLimit;

type Waiting = { readonly index: number; readonly input: Buffer; readonly error: Promise<Error | undefined> };

/** Runs the corpus first, then made and changed inputs, until one fails. The same seed gives the same cases. */
export async function fuzz(
	target: FuzzTarget,
	{ cases, seed, corpus, onCase, clock, cpuClock = clock }: FuzzOptions,
): Promise<FuzzReport> {
	const next = inputsOf(target, seed, corpus);
	let slowest: FuzzReport['slowest'];
	const isSlow = (began: number) =>
		clock !== undefined && clock() - began > Math.max(SLOW_MS, slowest?.milliseconds ?? 0);
	let waiting: Waiting[] = [];
	let waitingSince = 0;
	Error.stackTraceLimit = 0;
	try {
		for (let index = 0; index < cases; index++) {
			const input = next(index);
			onCase?.(index, input);
			const began = clock?.() ?? 0;
			const error = failureOf(target, input);
			if (error instanceof Promise) {
				if (waiting.length === 0) waitingSince = began;
				waiting.push({ index, input, error });
				if (waiting.length < AT_ONCE && index + 1 < cases) continue;
				const failed = await firstFailed(waiting);
				if (failed !== undefined) return await failureReport(target, failed);
				if (isSlow(waitingSince)) for (const { input: one } of waiting) await lookAgain(one);
				waiting = [];
				continue;
			}
			if (error !== undefined) return await failureReport(target, { index, input, error });
			if (isSlow(began)) await lookAgain(input);
		}
		for (const input of clock === undefined ? [] : largeInputsOf(target, corpus)) {
			const error = await failureOf(target, input);
			if (error !== undefined) return await failureReport(target, { index: cases, input, error });
			await lookAgain(input);
		}
	} finally {
		Error.stackTraceLimit = STACK_FRAMES;
	}
	return { cases, ...(slowest === undefined ? {} : { slowest }) };

	async function lookAgain(input: Buffer): Promise<void> {
		const milliseconds = await atBest(target, input, cpuClock as () => number);
		if (milliseconds > Math.max(SLOW_MS, slowest?.milliseconds ?? 0)) slowest = { milliseconds, input };
	}
}

/** Answers the input of each case, in order. */
function inputsOf(target: FuzzTarget, seed: number, corpus: readonly Buffer[]): (index: number) => Buffer {
	const random = new SeededRandom(seed);
	const mutator = new Mutator(random, { words: target.words ?? [], bytesMax: target.bytesMax ?? INPUT_BYTES_MAX });
	const pool: Uint8Array[] = [...corpus];
	for (let made = 0; made < POOL_MADE; made++) pool.push(target.make(random));
	return (index) => {
		if (index < corpus.length) return Buffer.from(corpus[index] as Buffer);
		if (random.chance(MADE_SHARE)) {
			const made = target.make(random);
			return random.chance(0.5) ? Buffer.from(made) : mutator.mutate(made, random.pick(pool));
		}
		const changed = mutator.mutate(random.pick(pool), random.pick(pool));
		// What was changed is changed further: some inputs are many steps away.
		if (random.chance(0.01)) pool[random.between(corpus.length, pool.length - 1)] = Buffer.from(changed);
		return changed;
	};
}

/** Each word and each example again and again, by itself and in the middle of an example: where work grows with the square it takes seconds. */
function largeInputsOf({ words = [] }: FuzzTarget, corpus: readonly Buffer[]): Buffer[] {
	const pieces = [...words.map((word) => Buffer.from(word as Uint8Array)), ...corpus].filter(
		({ length }) => length > 0,
	);
	const example = corpus[0] ?? Buffer.alloc(0);
	const middle = Math.floor(example.length / 2);
	return pieces.flatMap((piece) => {
		const many = Buffer.alloc(LARGE_BYTES, piece);
		return [many, Buffer.concat([example.subarray(0, middle), many, example.subarray(middle)])];
	});
}

type Failed = Pick<FuzzFailure, 'index' | 'input' | 'error'>;

/** Waits for all of them, so that none is left behind. */
async function firstFailed(waiting: readonly Waiting[]): Promise<Failed | undefined> {
	const errors = await Promise.all(waiting.map(({ error }) => error));
	const at = errors.findIndex((error) => error !== undefined);
	if (at < 0) return undefined;
	const { index, input } = waiting[at] as Waiting;
	return { index, input, error: errors[at] as Error };
}

async function failureReport(target: FuzzTarget, { index, input, error }: Failed): Promise<FuzzReport> {
	const smallest = await shrink(input, async (candidate) => (await failureOf(target, candidate)) !== undefined);
	Error.stackTraceLimit = STACK_FRAMES;
	// Once more, for its stack.
	const traced = (await failureOf(target, smallest)) ?? error;
	return { cases: index + 1, failure: { index, input, smallest, error: traced } };
}

function failureOf(target: FuzzTarget, input: Buffer): Error | undefined | Promise<Error | undefined> {
	try {
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
