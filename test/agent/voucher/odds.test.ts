import { readFileSync } from 'node:fs';
import test from 'ava';
import { CODE_OPTIONS } from '../../../agent/config/code-options.ts';
import { RATES } from './guesser.ts';
import { oddsTable } from './odds-table.ts';

test('docs/vouchers.md has the odds that follow from the code and its default rates', (t) => {
	t.true(readFileSync('docs/vouchers.md', 'utf8').includes(oddsTable()), oddsTable());
});

test('the odds are those of the default configuration', (t) => {
	const value = (name: string) => CODE_OPTIONS.find(({ path }) => path === `codes.${name}`)?.default;
	t.deepEqual(
		[value('freeAttempts'), value('overallBurst'), value('overallPerHour')],
		[RATES.freeAttempts, RATES.overallBurst, RATES.overallPerHour],
	);
	t.deepEqual(
		[value('firstWaitSeconds'), value('longestWaitSeconds')],
		[RATES.firstWaitMs / 1000, RATES.longestWaitMs / 1000],
	);
});
