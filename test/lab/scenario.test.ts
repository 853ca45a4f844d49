import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { SCENARIOS as VM_SCENARIOS } from '../vm/scenarios/registry.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { describeLimits, type FigureRule, type FigureRules, isUnfit, missedFigures } from './scenario.ts';
import { SCENARIOS } from './scenarios/registry.ts';

const RULES: FigureRules = {
	bytes: { title: 'an amount', bound: { equals: 0 } },
	answer_ms: { title: 'a time', bound: { atMost: 10 }, kind: 'speed' },
	resident_mib: { title: 'memory', bound: { atMost: 10 }, kind: 'memory', longOnly: true },
};

test('a figure that depends on the machine is bounded in the long form alone', (t) => {
	const figures = { bytes: 0, answer_ms: 11, resident_mib: 11 };
	t.deepEqual(missedFigures(RULES, figures, true), []);
	t.deepEqual(missedFigures(RULES, figures, false), [
		'answer_ms is 11, must be ≤ 10 (a time)',
		'resident_mib is 11, must be ≤ 10 (memory)',
	]);
	t.deepEqual(describeLimits(RULES, true), {
		bytes: '0',
		answer_ms: '≤ 10 in the long form',
		resident_mib: '≤ 10 in the long form',
	});
	t.deepEqual(describeLimits(RULES, false), { bytes: '0', answer_ms: '≤ 10', resident_mib: '≤ 10' });
});

test('what holds anywhere, and what was not measured, fails in both forms', (t) => {
	for (const isShort of [true, false]) {
		const missed = missedFigures(RULES, { bytes: 1, answer_ms: Number.NaN, resident_mib: 1, other: 1 }, isShort);
		t.deepEqual(missed, [
			'bytes is 1, must be 0 (an amount)',
			'answer_ms is NaN: it could not be measured (a time)',
			'other is not declared',
		]);
	}
	t.deepEqual(missedFigures(RULES, { bytes: 0 }, true), ['answer_ms was not measured']);
	t.deepEqual(missedFigures(RULES, { bytes: 0 }, false), [
		'answer_ms was not measured',
		'resident_mib was not measured',
	]);
});

const EVERY = [
	...SCENARIOS.map((one) => ({ kind: 'lab', ...one })),
	...VM_SCENARIOS.map((one) => ({ kind: 'vm', ...one })),
];

/** Units of time and memory, processor time, rates, ratios, and what is said of samples of times. */
const SPEED_NAME =
	/(?:^|_)(?:ns|us|ms|seconds|cpu|percent|rates?|ratio|growth|latency|lag|slope|mib|mbit|speed|median|p\d\d|per_second)(?:_|$)/;
const SPEED_TITLE =
	/\b(?:CPU|processor time|(?:milli|micro|nano)?seconds|in a second|ms|µs|ns|rates?|latency|ping|resident|percentile)\b|÷/i;
/** Of amounts; what stands before them says no more than of what. */
const AMOUNT_NAME = /_(?:bytes|micro)$/;

function isSuspect(name: string, { title }: FigureRule): boolean {
	return !AMOUNT_NAME.test(name) && (SPEED_NAME.test(name) || SPEED_TITLE.test(title));
}

test('a figure whose name or title speaks of time, rates or ratios says what it depends on', (t) => {
	const silent = EVERY.flatMap(({ kind, name, figures }) =>
		Object.entries(figures)
			.filter(([figure, rule]) => rule.kind === undefined && !rule.anywhere && isSuspect(figure, rule))
			.map(([figure, { title }]) => `${kind} ${name}: ${figure} (${title})`),
	);
	t.deepEqual(silent, [], "say kind: 'speed' or 'memory', or `anywhere`: why it holds on every machine");
});

test('no reason why a figure holds anywhere is left over', (t) => {
	for (const { kind, name, figures } of EVERY) {
		for (const [figure, rule] of Object.entries(figures)) {
			if (rule.anywhere !== undefined) t.true(isSuspect(figure, rule), `${kind} ${name}: ${figure} needs no reason`);
		}
	}
});

test('each scenario of npm test has figures that fail when the code is wrong, whatever the machine', (t) => {
	const script = readFileSync(join(PROJECT_ROOT, 'firmware-scripts/test-all.sh'), 'utf8');
	const named = [...script.matchAll(/\b(lab|vm):([a-z-]+)/g)].map(([, kind, name]) => `${kind}:${name}`);
	t.true(named.length > 15);
	for (const one of named) {
		const found = EVERY.find(({ kind, name }) => one === `${kind}:${name}`);
		t.truthy(found, `there is no scenario ${one}`);
		const firm = Object.values(found?.figures ?? {}).filter((rule) => rule.kind === undefined && !rule.longOnly);
		t.true(firm.length > 0, `${one} bounds nothing in its short form`);
	}
});

test('a lab that lost packets itself says nothing, where none may be lost', (t) => {
	const none = { losses_after_meter: { title: 'lost', bound: { equals: 0 } } };
	t.true(isUnfit(none, { losses_after_meter: 28 }));
	t.false(isUnfit(none, { losses_after_meter: 0 }));
	t.false(isUnfit(none, {}));
	t.false(isUnfit({ losses_after_meter: { title: 'lost', bound: { atMost: 500 } } }, { losses_after_meter: 28 }));
	t.false(isUnfit({}, { losses_after_meter: 28 }), 'a figure that nobody declared is missed as such');
});
