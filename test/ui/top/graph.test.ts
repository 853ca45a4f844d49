import test from 'ava';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../ui/top/glyphs.ts';
import { bar, graph, niceScale } from '../../../ui/top/graph.ts';

test('a graph is drawn from below, newest at the right', (t) => {
	const shape = { columns: 6, rows: 2, scale: 16, glyphs: UNICODE_GLYPHS };
	t.deepEqual(graph([0, 1, 8, 12, 16], shape), ['    ▄█', '  ▁███']);
	t.deepEqual(graph([16, 16, 16, 16, 16, 16, 0], shape), ['█████ ', '█████ ']);
	t.deepEqual(graph([1000, Number.NaN], { ...shape, glyphs: ASCII_GLYPHS, columns: 1 }), [' ', ' ']);
});

test('whatever is more than nothing is seen', (t) => {
	t.deepEqual(graph([1], { columns: 1, rows: 1, scale: 1e9, glyphs: UNICODE_GLYPHS }), ['▁']);
	t.is(bar(1e-9, { columns: 4, glyphs: UNICODE_GLYPHS }), '▏░░░');
});

test('a bar has the wished length, whatever the part', (t) => {
	for (const part of [-1, 0, 0.01, 1 / 3, 0.5, 0.999, 1, 2]) {
		t.is(bar(part, { columns: 7, glyphs: UNICODE_GLYPHS }).length, 7);
	}
	t.is(bar(0.5, { columns: 4, glyphs: ASCII_GLYPHS }), '##..');
	t.is(bar(1, { columns: 2, glyphs: UNICODE_GLYPHS }), '██');
});

test('a scale is 1, 2 or 5 times a power of ten', (t) => {
	t.deepEqual([0, 1, 1.1, 3, 7, 70, 1001].map(niceScale), [1, 1, 2, 5, 10, 100, 2000]);
});
