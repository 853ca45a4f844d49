import test from 'ava';
import fc from 'fast-check';
import { cellsOf, drawable, inCells } from '../../../agent/text/cells.ts';

const drawn = test.macro({
	exec(t, input: string, unicode: string, ascii: string) {
		t.is(drawable(input), unicode);
		t.is(drawable(input, { ascii: true }), ascii);
	},
	title: (_given, input) => `${JSON.stringify(input)} is drawn without harm`,
});

test(drawn, 'phone', 'phone', 'phone');
test(drawn, 'caf\u0065\u0301', 'café', 'cafe');
test(drawn, 'a\u0308\u0323\u0301b', 'ạb', 'ab');
test(drawn, '\u001b[2J\u0007x', '\uFFFD[2J\uFFFDx', '?[2J?x');
test(drawn, 'abc\u202Edef', 'abc\uFFFDdef', 'abc?def');
test(drawn, 'דנה', '\uFFFD\uFFFD\uFFFD', '???');
test(drawn, '山田', '山田', '??');
test(drawn, '\uE000\u{10FFFE}', '\uFFFD\uFFFD', '??');

test('wide characters have two cells', (t) => {
	t.is(cellsOf('山田a'), 5);
	t.is(cellsOf('ｱｲ'), 2);
	t.is(cellsOf('한글'), 4);
	t.is(cellsOf('😀'), 2);
	t.is(cellsOf('▁█·…é'), 5);
});

test('a text is cut or filled to its cells', (t) => {
	t.is(inCells('abc', 5), 'abc  ');
	t.is(inCells('abc', 5, { right: true }), '  abc');
	t.is(inCells('abcdef', 4), 'abc…');
	t.is(inCells('abcdef', 4, { ascii: true }), 'abc~');
	t.is(inCells('山田さん', 4), '山… ');
	t.is(inCells('abc', 0), '');
});

test('whatever a station calls itself, its name has exactly its cells, and nothing steers the terminal', (t) => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), fc.boolean(), (name, cells, ascii) => {
			const text = inCells(drawable(name, { ascii }), cells, { ascii });
			t.is(cellsOf(text), cells);
			t.notRegex(text, /[\p{Cc}\p{Cf}\p{Cs}\p{M}\u2028\u2029]/u);
		}),
	);
});
