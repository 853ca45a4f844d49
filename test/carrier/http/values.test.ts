import test from 'ava';
import { wholeNumber } from '../../../carrier/http/values.ts';

const limit = wholeNumber({ min: 1, max: 500, absent: 100 });

test('a number of a query is decimal digits: nothing else is guessed', (t) => {
	t.is(limit.parse(undefined), 100);
	t.is(limit.parse('7'), 7);
	t.is(limit.parse('007'), 7);
	for (const given of [
		'0x10',
		'1e2',
		'1.0',
		' 7',
		'7 ',
		'+7',
		'-7',
		'',
		'0',
		'501',
		'٧',
		'NaN',
		'1_0',
		'9'.repeat(400),
		['7'],
		true,
		null,
	]) {
		t.false(limit.safeParse(given).success, JSON.stringify(given));
	}
});
