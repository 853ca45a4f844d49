import test from 'ava';
import { REFUSAL_NAMES, refusalCounter } from '../../../agent/dataplane/refusal-reasons.ts';
import { epochOf, renderRuleset, tableComment } from '../../../agent/dataplane/ruleset.ts';
import { matchesGolden } from '../../golden.ts';
import { kernelTest } from '../../kernel-namespace.ts';
import type loadRulesets from './kernel/load-rulesets.ts';
import type upgrade from './kernel/upgrade.ts';
import { refusalDocument } from './refusal-document.ts';
import { EPOCH, RULESETS } from './ruleset-cases.ts';

for (const [name, options] of Object.entries(RULESETS)) {
	test(`the ruleset "${name}" is what its golden file says`, (t) => {
		matchesGolden(t, `test/agent/dataplane/golden/${name}.nft`, renderRuleset(options));
	});
}

test('no packet is refused without a named counter, and only refused ones are counted so', (t) => {
	for (const [name, options] of Object.entries(RULESETS)) {
		const rules = renderRuleset(options)
			.split('\n')
			.map((line) => line.trim())
			.filter((line) => !/^(?:#|type |add |delete |flush )/.test(line));
		const refusing = rules.filter((line) => /\b(?:drop|reject)\b|\bgoto refuse$/.test(line));
		t.true(refusing.length > 3, name);
		t.deepEqual(
			refusing.filter((line) => !/counter name refused_[a-z_]+ (?:drop|reject with [a-z -]+|goto refuse)$/.test(line)),
			[],
			name,
		);
		t.deepEqual(
			rules.filter((line) => /counter name refused_/.test(line) && !refusing.includes(line)),
			[],
			`${name}: a packet that passes costs nothing more`,
		);
		const used = new Set(rules.flatMap((line) => /counter name (refused_\S+)/.exec(line)?.[1] ?? []));
		const declared = rules.flatMap((line) => /^counter (refused_\S+) \{$/.exec(line)?.[1] ?? []);
		t.deepEqual(
			[...used].filter((counter) => !declared.includes(counter)),
			[],
		);
	}
});

test('docs/refusals.md has every reason', (t) => {
	matchesGolden(t, 'docs/refusals.md', refusalDocument());
});

test('every reason of a refusal stands behind a rule', (t) => {
	const text = Object.values(RULESETS).map(renderRuleset).join('\n');
	t.deepEqual(
		REFUSAL_NAMES.filter((reason) => !text.includes(`counter name ${refusalCounter(reason)} `)),
		['waiting'],
	);
});

const script = (name: string) => new URL(`./kernel/${name}.js`, import.meta.url);

kernelTest<Awaited<ReturnType<typeof loadRulesets>>>(
	test,
	'the kernel loads every golden ruleset, and loads it twice',
	script('load-rulesets'),
	(t, loaded) => {
		t.deepEqual(Object.keys(loaded), [...Object.keys(RULESETS), 'a garden of 5000 networks']);
		for (const [name, { first, second }] of Object.entries(loaded)) t.is(first, second, name);
	},
);

kernelTest<Awaited<ReturnType<typeof upgrade>>>(
	test,
	'a ruleset of another version is upgraded in one transaction: figures stay, rules are ours, no packet goes uncounted',
	script('upgrade'),
	(t, { before, after, named, rules, reloads }) => {
		t.deepEqual(after, before, 'counters, quotas and elements');
		t.notRegex(rules, /192\.0\.2\.1|priority mangle - 10|log prefix|known_address|answered6/);
		t.regex(rules, /hook forward priority filter \+ 10/);
		t.true(named, 'what dnsmasq has put in stays');
		t.true(reloads.sent > 1000);
		t.is(reloads.up, reloads.received, 'what passed during the reloads is counted');
		t.is(reloads.down, reloads.returned);
		t.is(reloads.lost, 0, 'no packet met a table without rules');
	},
);

test('the comment of the table names its life; any other comment is none', (t) => {
	const mask = 0xffff8000;
	t.is(epochOf(tableComment({ epoch: EPOCH, mask }), mask), EPOCH);
	t.is(epochOf(tableComment({ epoch: EPOCH, mask }), 0x00ff0000), undefined, 'its marks are not ours');
	for (const comment of [
		undefined,
		'',
		'octroi',
		'octroi epoch ',
		`octroi epoch ${EPOCH}`,
		`octroi epoch ${EPOCH} mark 0xffff0000 `,
		`my octroi epoch ${EPOCH} mark 0xffff0000`,
	]) {
		t.is(epochOf(comment, mask), undefined);
	}
	const version3 = `octroi epoch ${EPOCH} mark 0xffff0000 class 0x80000000`;
	t.is(epochOf(version3, mask), EPOCH, 'a table of version 3 is ours under a mask that is wider by the new bit');
	t.is(epochOf(version3, 0xffff0000), undefined, 'under its own mask the numbers would be others');
	t.is(epochOf(tableComment({ epoch: EPOCH, mask: 0xffff0000 }), mask), undefined);
});
