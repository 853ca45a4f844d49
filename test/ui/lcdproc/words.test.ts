import test from 'ava';
import fc from 'fast-check';
import { decodeWords, encodeWords } from '../../../ui/lcdproc/words.ts';

test('plain words are sent as they are, others in quotes', (t) => {
	t.is(encodeWords(['widget_set', 'home', 'w0', 1, 2, 'all is well']), 'widget_set home w0 1 2 "all is well"');
	t.is(encodeWords(['widget_set', 'home', 'w0', 1, 2, '']), 'widget_set home w0 1 2 ""');
});

test('quotes, braces and backslashes arrive as they are', (t) => {
	t.is(encodeWords(['a "b" \\ {c}']), '"a \\"b\\" \\\\ {c}"');
	t.deepEqual(decodeWords('"a \\"b\\" \\\\ {c}"'), ['a "b" \\ {c}']);
});

test('LCDd also takes braces as quotes, and knows three control characters', (t) => {
	t.deepEqual(decodeWords('x {a b} a\\tb'), ['x', 'a b', 'a\tb']);
});

test('a line feed or an escape sequence cannot end a command or reach the display', (t) => {
	t.is(encodeWords(['a\nscreen_del home']), '"a?screen_del home"');
	t.is(encodeWords(['\u001b[2J é']), '"?[2J ?"');
});

test('an open quote or a backslash at the end is no line', (t) => {
	t.is(decodeWords('a "b'), undefined);
	t.is(decodeWords('a\\'), undefined);
});

test('whatever printable words are sent, LCDd reads the same', (t) => {
	const word = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
	fc.assert(
		fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
			t.deepEqual(decodeWords(encodeWords(words)), words);
		}),
	);
});
