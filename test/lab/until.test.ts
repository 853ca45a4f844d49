import test from 'ava';
import { sourceFiles } from '../source-tree.ts';
import { HANG_MS, until } from './until.ts';

/** Constants that bound a wait, with the number that they have. */
const BOUND = /\bconst (\w*TIMEOUT_(?:MS|SECONDS)) = ([\d_]+);/g;
const LEAST_MS = 120_000;

/** These are not waits of ours: what the thing itself does that is played or set there. */
const NO_WAITS: Record<string, string> = {
	'test/lab/dns/tunnel.ts ANSWER_TIMEOUT_MS': 'so long a tunnel waits before it asks the next question',
	'test/lab/scenarios/queue-flood.ts UDP_TIMEOUT_SECONDS': "the kernel's, of a flow that it remembers",
};

test('a wait ends with its event, however short the bound that somebody gave', async (t) => {
	let looks = 0;
	await until('the third look', 1, () => ++looks === 3);
	t.is(looks, 3);
	t.true(HANG_MS >= LEAST_MS);
});

test('no wait has a bound that a busy machine reaches', (t) => {
	const found: string[] = [];
	const known = new Set<string>();
	for (const { path, text } of sourceFiles('test')) {
		for (const [, name = '', number = ''] of text.matchAll(BOUND)) {
			const milliseconds = Number(number.replaceAll('_', '')) * (name.endsWith('SECONDS') ? 1000 : 1);
			if (milliseconds >= LEAST_MS) continue;
			if (`${path} ${name}` in NO_WAITS) known.add(`${path} ${name}`);
			else found.push(`${path}: ${name} is ${number}`);
		}
	}
	t.deepEqual(found, [], 'take HANG_MS');
	t.deepEqual([...known].sort(), Object.keys(NO_WAITS).sort());
});
