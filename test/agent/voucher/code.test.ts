import test from 'ava';
import fc from 'fast-check';
import { type AlphabetName, checkSymbol, SYMBOLS } from '../../../agent/voucher/alphabet.ts';
import { type Code, formatCode } from '../../../agent/voucher/code.ts';
import { makeCode } from '../../../agent/voucher/code-maker.ts';
import { readCode } from '../../../agent/voucher/pasted-code.ts';
import { seededBytes } from './seeded-bytes.ts';

const same = test.macro({
	exec(t, typed: string, code: string) {
		t.deepEqual(readCode(typed), { ok: true, code: code as Code });
	},
	title: (provided) => `a code may be typed ${provided}`,
});
const DIGITS = `5724123${checkSymbol('digits', '5724123')}`;
const LETTERS = `AB01CD9${checkSymbol('letters', 'AB01CD9')}`;

test('as it is printed', same, formatCode(DIGITS as Code), DIGITS);
test('in lower case, with spaces and dashes', same, ` ${LETTERS.toLowerCase().split('').join(' -')} `, LETTERS);
test('with O, I and L for 0 and 1', same, LETTERS.replace('01', 'oI'), LETTERS);
test('with l for 1', same, LETTERS.replace('01', 'Ol'), LETTERS);
test('in full-width letters', same, fullWidth(LETTERS), LETTERS);
test('in Arabic digits', same, inScript(DIGITS, 0x660), DIGITS);
test('in Persian digits', same, inScript(DIGITS, 0x6f0), DIGITS);
test('in Devanagari digits', same, inScript(DIGITS, 0x966), DIGITS);
test(
	'with dots, odd dashes and invisible characters',
	same,
	`\u200f${DIGITS.slice(0, 4)}\u2013.\u00a0\u2212${DIGITS.slice(4)}\u200b\n`,
	DIGITS,
);

const wrong = test.macro({
	exec(t, typed: string, mistyped: string) {
		t.deepEqual(readCode(typed), { ok: false, mistyped: mistyped as never });
	},
	title: (provided) => `not a code: ${provided}`,
});
test('nothing', wrong, ' - ', 'empty');
test('too few symbols', wrong, '12', 'too_short');
test('too many symbols', wrong, '1'.repeat(33), 'too_long');
test('a book', wrong, '1'.repeat(1_000_000), 'too_long');
test('other letters', wrong, 'Ж1234567', 'symbols');
test('markup', wrong, '<script>1', 'symbols');
test('a letter that is left out', wrong, 'U1234567', 'symbols');
test('half of a surrogate pair', wrong, '\ud8001234567', 'symbols');
test('a wrong check symbol', wrong, `5724123${(Number(DIGITS.at(-1)) + 1) % 10}`, 'check');

for (const alphabet of ['letters', 'digits'] as const) {
	test(`every single slip and every swap of neighbours in ${alphabet} is found`, (t) => {
		const random = seededBytes(7);
		for (let round = 0; round < 40; round++) {
			const code = makeCode({ alphabet, length: 10, prefix: '' }, random);
			for (const other of slips(alphabet, code)) {
				if (alphabet === 'letters' && /^\d+$/.test(other)) continue;
				t.false(readCode(other).ok);
			}
		}
	});
}

test('whatever is typed, reading it neither throws nor hangs, and a code reads as itself', (t) => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (typed) => {
			const read = readCode(typed);
			if (!read.ok) return;
			t.deepEqual(readCode(formatCode(read.code)), read);
		}),
	);
	t.pass();
});

test('Damm’s example is checked as he checks it', (t) => {
	t.is(checkSymbol('digits', '572'), '4');
});

function slips(alphabet: AlphabetName, code: string): string[] {
	const found: string[] = [];
	for (let place = 0; place < code.length; place++) {
		for (const symbol of SYMBOLS[alphabet]) {
			if (symbol !== code[place]) found.push(code.slice(0, place) + symbol + code.slice(place + 1));
		}
		const a = code[place];
		const b = code[place + 1];
		if (b !== undefined && a !== b) found.push(`${code.slice(0, place)}${b}${a}${code.slice(place + 2)}`);
	}
	return found;
}

function fullWidth(text: string): string {
	return [...text].map((symbol) => String.fromCharCode(symbol.charCodeAt(0) + 0xfee0)).join('');
}

function inScript(digits: string, zero: number): string {
	return [...digits].map((digit) => String.fromCharCode(zero + Number(digit))).join('');
}
