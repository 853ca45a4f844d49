import test from 'ava';
import { matchesGolden } from '../golden.ts';
import { crowdOut } from '../lab/scenarios/crowd-out.ts';
import { sourceFiles } from '../source-tree.ts';
import { LIMITS, sharedBudgetsDocument } from './shared-budgets.ts';

/** No stranger spends what stands there: words of the operator, messages of the kernel and of the carrier, classes of stations that are metered. */
const APART = /^agent\/(cli|config|netlink|policy|shaping|sync)\//;
const LIMIT = /^(?:export )?const ([A-Z0-9_]*(?:_MAX|_BURST|_PER_SECOND|_PER_HOUR))\b/gm;
/** Factors of units are no limits. */
const NO_LIMITS = ['SECONDS_PER_HOUR', 'BYTES_PER_SECOND'];

const found = sourceFiles('agent')
	.filter(({ path }) => !APART.test(path))
	.flatMap(({ path, code }) => [...code.matchAll(LIMIT)].map(([, name]) => `${path} ${name}`))
	.filter((limit) => !NO_LIMITS.some((name) => limit.endsWith(` ${name}`)));
const classified = Object.entries(LIMITS).flatMap(([path, limits]) =>
	Object.keys(limits).map((name) => `${path} ${name}`),
);

test('every limit of the agent says who spends it: a new one that strangers share needs a reserve, and a row', (t) => {
	t.deepEqual(
		found.filter((limit) => !classified.includes(limit)),
		[],
		'enter it in test/agent/shared-budgets.ts',
	);
	t.deepEqual(
		classified.filter((limit) => !found.includes(limit)),
		[],
		'there is no such limit any more',
	);
	t.true(found.length > 100, 'the pattern finds limits');
});

test('what is said to be tried is a row of the scenario crowd-out', (t) => {
	const rows = Object.keys(crowdOut.figures)
		.filter((name) => name.endsWith('_kept_out'))
		.map((name) => name.slice(0, -'_kept_out'.length));
	const tried = Object.values(LIMITS)
		.flatMap((limits) => Object.values(limits))
		.flatMap((limit) => (typeof limit === 'object' ? (limit.tried ?? []) : []));
	t.deepEqual(
		tried.filter((name) => !rows.includes(name)),
		[],
	);
	t.deepEqual(
		rows.filter((name) => !tried.includes(name)),
		[],
	);
});

test('docs/shared-budgets.md has them all', (t) => {
	matchesGolden(t, 'docs/shared-budgets.md', sharedBudgetsDocument());
});
