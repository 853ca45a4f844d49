import test from 'ava';
import {
	formatAmount,
	formatBytes,
	formatDuration,
	formatMoney,
	formatRate,
	formatTime,
} from '../../../agent/text/format-amount.ts';

const formats = test.macro({
	exec(t, actual: string, expected: string) {
		t.is(actual, expected);
	},
	title: (_provided, _actual, expected) => `formats ${expected}`,
});

test(formats, formatBytes(0), '0 B');
test(formats, formatBytes(1023), '1023 B');
test(formats, formatBytes(1024), '1.00 KiB');
test(formats, formatBytes(10_485_759), '9.99 MiB');
test(formats, formatBytes(10_485_760), '10.0 MiB');
test(formats, formatBytes(1023 * 1024 * 1024), '1023 MiB');
test(formats, formatBytes(2 ** 50), '1.00 PiB');
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
test(formats, formatAmount('byte', 1536), '1.50 KiB');
test(formats, formatTime(1_768_464_000_000), '2026-01-15 08:00:00 UTC');
test(formats, formatTime(9e15), '9000000000000000 ms');

test('money is shown exactly, with two decimals at least', (t) => {
	t.is(formatMoney(5_000_000, 'EUR'), '5.00 EUR');
	t.is(formatMoney(1), '0.000001');
	t.is(formatMoney(20_500, 'KSh'), '0.0205 KSh');
	t.is(formatMoney(1_230_000), '1.23');
	t.is(formatMoney(0), '0.00');
});
