import test from 'ava';
import {
	formatAmount,
	formatBytes,
	formatDuration,
	formatMoney,
	formatRate,
	formatTime,
} from '../../../agent/text/format-amount.ts';
import { formatOf } from '../../../ui/portal/format.ts';

const formats = test.macro({
	exec(t, actual: string, expected: string) {
		t.is(actual, expected);
	},
	title: (_provided, _actual, expected) => `formats ${expected}`,
});

test(formats, formatBytes(0), '0 B');
test(formats, formatBytes(999), '999 B');
test(formats, formatBytes(1000), '1.00 kB');
test(formats, formatBytes(1_009_999), '1.00 MB');
test(formats, formatBytes(9_999_999), '9.99 MB');
test(formats, formatBytes(10_000_000), '10.0 MB');
test(formats, formatBytes(999_999_999), '999 MB');
test(formats, formatBytes(1_000_000_000), '1.00 GB');
test(formats, formatBytes(2 ** 50), '1.12 PB');
test(formats, formatRate(0), '0 bit/s');
test(formats, formatRate(6_250_000), '50.0 Mbit/s');
test(formats, formatRate(125_000_000), '1.0 Gbit/s');
test(formats, formatRate(200), '1.6 kbit/s');
test(formats, formatDuration(0), '0 s');
test(formats, formatDuration(59.9), '59 s');
test(formats, formatDuration(303), '5 min 03 s');
test(formats, formatDuration(3900), '1 h 05 min');
test(formats, formatDuration(2_592_000), '30 d 00 h');
test(formats, formatAmount('second', 3600), '1 h 00 min');
test(formats, formatAmount('byte', 1536), '1.53 kB');
test(formats, formatTime(1_768_464_000_000), '2026-01-15 08:00:00 UTC');
test(formats, formatTime(9e15), '9000000000000000 ms');

test('a size is never shown as more than it is, and never a hundredth less', (t) => {
	for (let bytes = 1; bytes < 2 ** 50; bytes = Math.ceil(bytes * 1.0137)) {
		const [number = '', unit = ''] = formatBytes(bytes).split(' ');
		const shown = Number(number) * 1000 ** ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit);
		t.true(shown <= bytes * (1 + 1e-12) && shown > bytes * 0.99, `${bytes}: ${number} ${unit}`);
	}
});

test('the portal shows the same sizes as the command line', (t) => {
	for (const bytes of [0, 999, 1000, 1_005_000, 4_350_000, 10_485_760, 999_999_999, 1_000_000_000, 2 ** 50]) {
		const [number, unit] = formatBytes(bytes).split(' ');
		t.is(
			formatOf('en')
				.bytes(bytes)
				.replace('byte', 'B')
				.replace(/(?<=\.\d?)0+(?= )|\.0+(?= )/, ''),
			`${Number(number)} ${unit}`,
		);
	}
});

test('money is shown exactly, with two decimals at least', (t) => {
	t.is(formatMoney(5_000_000, 'EUR'), '5.00 EUR');
	t.is(formatMoney(1), '0.000001');
	t.is(formatMoney(20_500, 'KSh'), '0.0205 KSh');
	t.is(formatMoney(1_230_000), '1.23');
	t.is(formatMoney(0), '0.00');
});
