import { randomBytes } from 'node:crypto';
import test from 'ava';
import { codeSpace, makeCode, makeCodes } from '../../../agent/voucher/code-maker.ts';
import { YEARS_TO_GUESS_MIN, yearsToGuess } from '../../../agent/voucher/odds.ts';
import { readCode } from '../../../agent/voucher/pasted-code.ts';
import { seededBytes } from './seeded-bytes.ts';

test('codes are different, of their form, and read as they are', (t) => {
	for (const form of [
		{ alphabet: 'letters', length: 10, prefix: '' },
		{ alphabet: 'letters', length: 8, prefix: 'CAFE' },
		{ alphabet: 'digits', length: 12, prefix: '' },
		{ alphabet: 'digits', length: 24, prefix: '20270101' },
	] as const) {
		const codes = makeCodes(form, 500, randomBytes);
		t.is(new Set(codes).size, 500);
		for (const code of codes) {
			t.is(code.length, form.prefix.length + form.length);
			t.true(code.startsWith(form.prefix));
			t.deepEqual(readCode(code), { ok: true, code });
		}
	}
});

test('every symbol is equally frequent', (t) => {
	const counts = new Map<string, number>();
	const random = seededBytes(3);
	for (let round = 0; round < 3000; round++) {
		for (const symbol of makeCode({ alphabet: 'digits', length: 11, prefix: '' }, random).slice(0, -1))
			counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
	}
	// 30,000 symbols, 3,000 of each: five standard deviations are 260.
	for (const count of counts.values()) t.true(Math.abs(count - 3000) < 260, `${count}`);
});

test('a code of letters is never made of digits only: it would be checked as a number', (t) => {
	// Bytes below 10 are digits.
	let calls = 0;
	const random = (count: number) => new Uint8Array(count).fill(++calls < 3 ? 3 : 20);
	t.regex(makeCode({ alphabet: 'letters', length: 8, prefix: '' }, random), /[A-Z]/);
});

test('forms that codes cannot have are refused', (t) => {
	for (const form of [
		{ alphabet: 'letters', length: 7, prefix: '' },
		{ alphabet: 'letters', length: 25, prefix: '' },
		{ alphabet: 'letters', length: 10, prefix: 'UNO' },
		{ alphabet: 'letters', length: 10, prefix: '123456789' },
		{ alphabet: 'digits', length: 10, prefix: 'A' },
	] as const)
		t.throws(() => makeCodes(form, 1, randomBytes), { code: 'invalid_value' });
	t.throws(() => makeCodes({ alphabet: 'digits', length: 8, prefix: '' }, 10_001, randomBytes), {
		message: /too many/,
	});
});

test('the odds follow from the space, the live codes and the rate', (t) => {
	t.is(codeSpace({ alphabet: 'letters', length: 10 }), 2 ** 45);
	t.is(codeSpace({ alphabet: 'digits', length: 12 }), 10 ** 11);
	t.is(Math.round(yearsToGuess({ alphabet: 'letters', length: 10 }, 10_000, 120)), 3345);
	t.is(Math.round(yearsToGuess({ alphabet: 'digits', length: 12 }, 10_000, 120)), 10);
	t.true(yearsToGuess({ alphabet: 'digits', length: 8 }, 100, 120) < YEARS_TO_GUESS_MIN);
});
