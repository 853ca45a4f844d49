import test from 'ava';
import { checkSymbol } from '../../../agent/voucher/alphabet.ts';
import { type Code, formatCode } from '../../../agent/voucher/code.ts';
import { makeCode } from '../../../agent/voucher/code-maker.ts';
import { readCode } from '../../../agent/voucher/pasted-code.ts';
import { seededBytes } from './seeded-bytes.ts';

const LETTERS = withCheck('letters', 'AB01CD9XY');
const OTHER = withCheck('letters', 'K7MN2PQRS');
const DIGITS = withCheck('digits', '57241230987');
const [CARD, OTHER_CARD, KEYPAD] = [LETTERS, OTHER, DIGITS].map((code) => formatCode(code as Code)) as [
	string,
	string,
	string,
];

const PASTES: Record<string, string> = {
	'the address of the QR code': `http://login.wifi.example:2050/code?c=${LETTERS}`,
	'the address with groups': `https://wifi.example/code?c=${CARD}`,
	'the address with other parameters': `https://wifi.example/code?lang=fr&c=${LETTERS}&utm_source=qr`,
	'the address with a fragment': `https://wifi.example/code?c=${LETTERS}#top`,
	'the code in the fragment': `https://wifi.example/#c=${LETTERS}`,
	'the address with code=': `HTTPS://WIFI.EXAMPLE/?CODE=${LETTERS.toLowerCase()}`,
	'the address without its scheme': `wifi.example/code?c=${LETTERS}`,
	'the address in angle brackets': `<http://wifi.example/code?c=${LETTERS}>`,
	'the address at the end of a sentence': `Open http://wifi.example/code?c=${LETTERS}.`,
	'the address percent-encoded': encodeURIComponent(`http://wifi.example/code?c=${LETTERS}`),
	'the address inside of another': `https://scan.example/?u=${encodeURIComponent(`http://wifi.example/code?c=${LETTERS}`)}&x=1`,
	'the address encoded twice': encodeURIComponent(encodeURIComponent(`http://wifi.example/code?c=${LETTERS}`)),
	'an address with the code as its last part': `https://pier.example/v/${LETTERS}/`,
	'a code that a program has encoded': `${CARD}%20%0A`,
	'the QR code of the network, and the address': `WIFI:T:WPA;S:Pier\\;\\:42;P:abc12345;;\nhttp://wifi.example/code?c=${LETTERS}`,
	'the QR code of the network, and the code': `WIFI:S:Pier;T:nopass;; ${CARD}`,
	'double quotes': `"${CARD}"`,
	'curly quotes': `“${CARD}”`,
	'German quotes': `„${CARD}“`,
	'French quotes': `« ${CARD} »`,
	'Japanese quotes': `「${CARD}」`,
	'single low quotes': `‚${CARD}‘`,
	backquotes: `\`${CARD}\``,
	'a spreadsheet’s formula': `="${CARD}"`,
	'a spreadsheet’s apostrophe': `'${CARD}`,
	'a trailing comma': `${CARD},`,
	'a trailing full stop': `${CARD}.`,
	'an Arabic comma': `${CARD}،`,
	'an ideographic full stop': `${CARD}。`,
	'a bullet': `• ${CARD}`,
	'a number sign': `#${CARD}`,
	'asterisks of a messenger': `*${CARD}*`,
	brackets: `[${CARD}]`,
	'a label': `Code: ${CARD}`,
	'a label without a colon': `Code ${CARD}`,
	'two words of a label': `gift card ${CARD}`,
	'a label with a full-width colon': `コード：${CARD}`,
	'a label with an equals sign': `code=${CARD}`,
	'a label in another script': `الرمز: ${CARD}`,
	'a sentence': `Your code is ${CARD}, valid for one day. Enjoy!`,
	'a sentence with groups': `your code is ${CARD.replaceAll('-', ' ')}, thank you`,
	'zero-width and no-break spaces': `\ufeff${CARD.replaceAll('-', '\u200b\u00a0\u2060')}\u200d`,
	'a soft hyphen': `${LETTERS.slice(0, 5)}\u00ad${LETTERS.slice(5)}`,
	'full-width letters': [...LETTERS].map((symbol) => String.fromCharCode(symbol.charCodeAt(0) + 0xfee0)).join(''),
	'a full-width address': `ｈｔｔｐ：／／ｗｉｆｉ．ｅｘａｍｐｌｅ／ｃｏｄｅ？ｃ＝${LETTERS}`,
	'letters of a Cyrillic keyboard': LETTERS.replace('A', 'а').replace('B', 'В').replace('C', 'С').replace('X', 'Х'),
	'letters of a Greek keyboard': LETTERS.replace('A', 'Α').replace('B', 'Β').replace('Y', 'Υ').replace('X', 'χ'),
	'several lines': `Pier Café\n1 GB, 2.00 EUR\n${CARD}\nuse by 2027-01-31\nbatch summer 7`,
	'lines that end as on Windows': `Pier\r\n\r\n${CARD}\r\n`,
	'several lines that a browser joined': `Pier Café 1 GB ${CARD} use by 2027-01-31`,
	'a code broken into two lines': `${CARD.slice(0, 4)}\n${CARD.slice(4)}`,
	'the same code twice': `${CARD}\nhttp://wifi.example/code?c=${LETTERS}`,
};
for (const [name, text] of Object.entries(PASTES)) {
	test(`a code is read from ${name}`, (t) => {
		t.deepEqual(readCode(text), { ok: true, code: LETTERS as Code });
	});
}

test('digits are read from a sentence, beside a date', (t) => {
	t.deepEqual(readCode(`Code: ${KEYPAD}\n2027-01-31`), { ok: true, code: DIGITS as Code });
});

for (const text of [
	`${CARD}\n${OTHER_CARD}`,
	`${CARD} ${OTHER_CARD}`,
	`${CARD}, ${OTHER_CARD}`,
	`http://wifi.example/code?c=${LETTERS} http://wifi.example/code?c=${OTHER}`,
	`Code: ${CARD}\nCode: ${OTHER_CARD}`,
	`take ${CARD} or ${OTHER_CARD}`,
]) {
	test(`two different codes are not chosen between: ${JSON.stringify(text)}`, (t) => {
		t.deepEqual(readCode(text), { ok: false, mistyped: 'several' });
	});
}

for (const [text, mistyped] of [
	['WIFI:T:WPA;S:Pier;P:abc12345;;', 'network'],
	['wifi:S:Pier;T:nopass;;\n', 'network'],
	['http://wifi.example/', 'symbols'],
	['http://wifi.example/code?c=', 'symbols'],
	[`http://wifi.example/code?c=${LETTERS.slice(0, -1)}`, 'symbols'],
	['hello, is anybody there?', 'symbols'],
	['%', 'empty'],
	['%ff%fe', 'symbols'],
	['x'.repeat(513), 'too_long'],
] as const) {
	test(`there is no code in ${JSON.stringify(text.slice(0, 40))}`, (t) => {
		t.deepEqual(readCode(text), { ok: false, mistyped });
	});
}

test('a code is read as itself however it is grouped: no part of it is taken for another one', (t) => {
	const random = seededBytes(13);
	const wrong: string[] = [];
	for (let round = 0; round < 2000; round++) {
		const code = makeCode({ alphabet: 'letters', length: 10, prefix: '' }, random);
		for (const typed of [formatCode(code), formatCode(code).replaceAll('-', ' '), `Code ${formatCode(code)}`]) {
			const read = readCode(typed);
			if (!read.ok || read.code !== code) wrong.push(typed);
		}
	}
	t.deepEqual(wrong, []);
});

function withCheck(alphabet: 'letters' | 'digits', text: string): string {
	return text + checkSymbol(alphabet, text);
}
