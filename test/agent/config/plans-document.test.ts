import { readFileSync } from 'node:fs';
import test from 'ava';
import type { NamedTariff } from '../../../agent/config/config.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { AMOUNT_MAX } from '../../../agent/core/units.ts';
import { affordable, cost } from '../../../agent/policy/tariff.ts';
import { formatMoney } from '../../../agent/text/format-amount.ts';

const document = readFileSync('docs/plans.md', 'utf8');
const examples = [...document.matchAll(/^```json\n(.+?)^```/gms)].map((match) => JSON.parse(match[1] as string));

function configOf(example: object) {
	return readConfig(JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, ...example }), 'docs/plans.md');
}

test('every example of docs/plans.md is a valid part of a configuration', (t) => {
	t.true(examples.length >= 5);
	for (const example of examples) t.is(configOf(example).plans.length, example.plans.length);
});

const tariffs = new Map<string, NamedTariff>(
	examples.flatMap((example) => configOf(example).tariffs.map((tariff) => [tariff.name, tariff] as const)),
);

test('the tables of docs/plans.md say what is charged', (t) => {
	const rows = [...document.matchAll(/^\| `([a-z0-9-]+)` \| (\d+) (byte|second) \| ([\d.]+) \|$/gm)];
	t.true(rows.length >= 15);
	for (const [row, name, used, unit, money] of rows) {
		const tariff = tariffs.get(name as string) as NamedTariff;
		t.is(tariff.unit, unit as NamedTariff['unit'], row);
		t.is(formatMoney(cost(tariff, Number(used))), money as string, row);
	}
});

test('the tables of docs/plans.md say what money is enough for', (t) => {
	const rows = [...document.matchAll(/^\| `([a-z0-9-]+)` \| ([\d.]+) \| (\d+) (?:byte|second) \|$/gm)];
	t.true(rows.length >= 6);
	for (const [row, name, money, most] of rows) {
		const funds = Math.round(Number(money) * 1e6);
		const tariff = tariffs.get(name as string) as NamedTariff;
		t.is(affordable(tariff, { used: 0, funds, most: AMOUNT_MAX }), Number(most), row);
	}
});
