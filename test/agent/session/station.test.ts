import test from 'ava';
import { cleanName, NAME_CHARACTERS_MAX } from '../../../agent/session/station.ts';

const shows = test.macro({
	exec: (t, text: string, expected: string | undefined) => t.is(cleanName(text), expected),
	title: (title) => `a name of ${title}`,
});

test('plain letters', shows, 'Anna-Phone', 'Anna-Phone');
test('letters of other scripts', shows, '電話-Ünal-هاتف', '電話-Ünal-هاتف');
test('an escape sequence', shows, '\u001b[2J\u001b[31mroot\u0007', '[2J [31mroot');
test('the single character that begins a sequence (C1)', shows, 'a\u009b31mb', 'a 31mb');
test('characters that turn the direction of writing', shows, 'abc\u202egnp.exe\u2066', 'abc gnp.exe');
test('characters without width', shows, 'a\u200b\u200d\ufeffb', 'a b');
test('line ends and tabs', shows, 'a\n\r\t\u2028b', 'a b');
test('blanks that look like letters', shows, '\u3164\u115f', undefined);
test('nothing', shows, '', undefined);
test('a star, which means nothing', shows, '*', undefined);
test('a star between blanks', shows, ' * ', undefined);
test('a few marks on a letter', shows, 'Việt', 'Việt');
test('a pile of marks', shows, `a${'\u0300\u0316'.repeat(100)}b`, 'à\u0316\u0316\u0316b');
test('marks without a letter', shows, '\u0301\u0302x', 'x');
test('half of a surrogate pair', shows, 'a\ud83d', 'a');
test('too many characters', shows, '😀'.repeat(1000), '😀'.repeat(NAME_CHARACTERS_MAX));
test('megabytes', shows, `x${' y'.repeat(1 << 20)}`, `x${' y'.repeat(31)}`);
