import test from 'ava';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { CONFIG_OPTIONS } from '../../../agent/config/options.ts';
import { PLAN_OPTIONS, TARIFF_OPTIONS } from '../../../agent/config/plan-options.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { matchesGolden } from '../../golden.ts';
import { configurationDocument } from './configuration-document.ts';

test('docs/configuration.md says what the table of options says', (t) => {
	matchesGolden(t, 'docs/configuration.md', configurationDocument());
});

test('the default of every option passes its own rule', (t) => {
	for (const option of [...CONFIG_OPTIONS, ...PLAN_OPTIONS, ...TARIFF_OPTIONS]) {
		if (option.default !== undefined) {
			t.true(option.rule.read(option.default).ok, option.path);
		}
	}
});

test('every option has a title, a caution and a name of its own', (t) => {
	for (const options of [CONFIG_OPTIONS, PLAN_OPTIONS, TARIFF_OPTIONS]) {
		t.is(new Set(options.map(({ path }) => path)).size, options.length);
		for (const { title, caution, path } of options) {
			t.notRegex(title, /\.$/, path);
			t.regex(caution, /\.$/, path);
		}
	}
});

test('the example is valid, and spells out the defaults', (t) => {
	const example = loadConfig('docs/example-config.json');
	const short = readConfig('{ "version": 1, "devices": { "metered": ["br-lan"] } }', 'short');
	t.deepEqual({ ...example, garden: short.garden, plans: [], tariffs: [], currency: '' }, short);
	t.deepEqual(
		example.plans.map(({ name, unit, amount }) => [name, unit, amount]),
		[
			['ten-mb', 'byte', 10_000_000],
			['hour', 'second', 3600],
			['fair', 'byte', 20_000_000],
			['coins', 'micro', 5_000_000],
		],
	);
	t.is(example.plans[3]?.tariff, example.tariffs[0]);
	t.is(example.plans[2]?.throttleBytesPerSecond as number, 250_000);
});
