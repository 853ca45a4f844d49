import test from 'ava';
import { readAmountText, readPercent } from '../../../agent/cli/read-amount.ts';
import type { Unit } from '../../../agent/core/units.ts';

const AMOUNTS: [string, Unit, number][] = [
	['1048576', 'byte', 1_048_576],
	['1GB', 'byte', 1_000_000_000],
	['1 GB', 'byte', 1_000_000_000],
	['1gb', 'byte', 1_000_000_000],
	['1G', 'byte', 1_000_000_000],
	['1.5GB', 'byte', 1_500_000_000],
	['1,5 GB', 'byte', 1_500_000_000],
	['1.000000001GB', 'byte', 1_000_000_001],
	['0.3kB', 'byte', 300],
	['500MB', 'byte', 500_000_000],
	['1GiB', 'byte', 1_073_741_824],
	['1.25KiB', 'byte', 1280],
	['12b', 'byte', 12],
	['2h', 'second', 7200],
	['1h30min', 'second', 5400],
	['1h 30min', 'second', 5400],
	['90min', 'second', 5400],
	['1.5h', 'second', 5400],
	['1d', 'second', 86_400],
	['7 days', 'second', 604_800],
	['45s', 'second', 45],
];
for (const [text, unit, amount] of AMOUNTS) {
	test(`${text} is ${amount} ${unit}`, (t) => {
		t.deepEqual(readAmountText('AMOUNT', text, { unit: 'byte', isFixed: false }), { unit, amount });
	});
}

for (const [text, message] of [
	['', /is not an amount/],
	['GB', /is not an amount/],
	['1.5', /is not an amount/],
	['-1GB', /is not an amount/],
	['1e3MB', /is not an amount/],
	['1GB2MB', /is not an amount/],
	['1GB 2h', /is not an amount/],
	['1constructor', /is not an amount/],
	['5m', /is not an amount/],
	['0', /is not from 1 to/],
	['0.1b', /is not from 1 to/],
	['9999999TB', /is not from 1 to/],
	['9999999999999999TB', /is not from 1 to/],
	['2h', /is not an amount of the unit byte/],
] as const) {
	test(`${JSON.stringify(text)} is refused`, (t) => {
		t.throws(() => readAmountText('AMOUNT', text, { unit: 'byte' }), { code: 'invalid_value', message });
	});
}

test('a single m is neither minutes nor megabytes', (t) => {
	t.like(
		t.throws(() => readAmountText('AMOUNT', '5m', { unit: 'byte' })),
		{ fix: 'write MB for megabytes, or min for minutes' },
	);
});

test('a percentage is a whole number from 1 to 100', (t) => {
	t.is(readPercent('WHEN', '80%'), 80);
	t.is(readPercent('WHEN', '50 %'), 50);
	t.is(readPercent('WHEN', '80'), undefined);
	for (const text of ['0%', '101%']) t.throws(() => readPercent('WHEN', text), { code: 'invalid_value' });
});

test('what may be thousands or a part is refused: a factor of a thousand is somebody’s money', (t) => {
	for (const text of ['1,000MB', '1.000GB', '12,345MB', '1,500 MB', '1.250h']) {
		t.throws(() => readAmountText('AMOUNT', text, { unit: text.endsWith('h') ? 'second' : 'byte' }), {
			message: /may be two amounts/,
		});
	}
	for (const text of ['1.5GB', '1,25 GB', '0.125GB', '1000MB', '1.0005GB']) {
		t.true(readAmountText('AMOUNT', text, { unit: 'byte' }).amount > 0, text);
	}
});
