import test from 'ava';
import { readCredit, wholeNumberOf } from '../../../agent/portal/form-values.ts';

const CREDITS: [string, string, number | undefined][] = [
	['byte', '5', 5_000_000],
	['byte', ' 5 ', 5_000_000],
	['byte', '٥', 5_000_000],
	['byte', '۱۲', 12_000_000],
	['byte', '१२', 12_000_000],
	['byte', '5.5', undefined],
	['second', '2', 120],
	['micro', '2.5', 2_500_000],
	['micro', '2,50', 2_500_000],
	['micro', '٢٫٥', 2_500_000],
	['micro', '0.000001', 1],
	['micro', '0', undefined],
	['micro', '0.0000001', undefined],
	['micro', '1.', undefined],
	['micro', '1e3', undefined],
	['micro', '-1', undefined],
	['micro', '999999999', 999_999_999_000_000],
	['micro', '9999999999', undefined],
	['byte', '1000000000', 1_000_000_000_000_000],
	['second', '1000000001', undefined],
	['toString', '1', undefined],
];
for (const [unit, text, amount] of CREDITS) {
	test(`"${text}" of ${unit} is ${amount}`, (t) => {
		const wanted = amount === undefined ? undefined : { unit, amount };
		t.deepEqual(readCredit(new URLSearchParams({ unit, amount: text })), wanted as never);
	});
}

test('a field that is missing is no number', (t) => {
	t.is(readCredit(new URLSearchParams()), undefined);
	t.is(wholeNumberOf(null, { min: 0, max: 9 }), undefined);
});
