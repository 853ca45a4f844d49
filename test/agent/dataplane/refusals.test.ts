import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type refusals from './kernel/refusals.ts';

kernelTest<Awaited<ReturnType<typeof refusals>>>(
	test,
	'a station without credit is refused a hundred times at once, and then twenty times a second',
	new URL('./kernel/refusals.js', import.meta.url),
	(t, { refused, seconds }) => {
		t.true(refused >= 100 && refused <= 100 + 20 * (seconds + 1), `${refused} in ${seconds.toFixed(1)} s`);
	},
);
