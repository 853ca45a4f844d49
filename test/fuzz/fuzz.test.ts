import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { corpusOf } from './corpus.ts';
import { fuzz } from './fuzzer.ts';
import { TARGETS } from './targets/targets.ts';

/** The short form, some 40 seconds of processor time for all parsers together; the long one is `npm run fuzz`. */
const CASES = 100_000;
const SEED = 20_260_101;

for (const target of TARGETS) {
	// One after the other, each in a turn of its own: what has passed is told at once, and a busy machine is not taken for one that hangs.
	test.serial(`${target.name}: ${target.title}`, async (t) => {
		await nextTurn();
		const { failure } = await fuzz(target, { cases: CASES, seed: SEED, corpus: corpusOf(target.name) });
		t.is(failure, undefined, failure && `${failure.error.stack}\n${failure.smallest.toString('hex')}`);
	});
}

test('each target has a name of its own and an example in the corpus', (t) => {
	const names = TARGETS.map(({ name }) => name);
	t.deepEqual([...new Set(names)], names);
	t.deepEqual(
		names.filter((name) => corpusOf(name).length === 0),
		[],
	);
});
