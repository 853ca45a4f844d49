import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type refusals from './kernel/refusals.ts';

kernelTest<Awaited<ReturnType<typeof refusals>>>(
	test,
	'a station without credit is refused a hundred times at once, and then twenty times a second',
	new URL('./kernel/refusals.js', import.meta.url),
	(t, { refused, seconds, toldOfOurs, counts }) => {
		t.is(toldOfOurs, 0, 'our own rules are no news of others');
		const { no_session: reason = 0, told = 0, flood = 0 } = counts.refused;
		t.true(reason >= refused && told >= refused, 'what was refused is counted, by its reason');
		t.is(reason, told + flood, 'each was answered, or was one too many');
		t.true(refused >= 100 && refused <= 100 + 20 * (seconds + 1), `${refused} in ${seconds.toFixed(1)} s`);
	},
);
