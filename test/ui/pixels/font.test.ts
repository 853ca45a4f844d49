import test from 'ava';
import { Canvas } from '../../../ui/pixels/canvas.ts';
import { drawnText, fonts } from '../../../ui/pixels/font.ts';

test('every font has the letters of western and central Europe', (t) => {
	for (const [name, font] of Object.entries(fonts)) {
		for (const letter of 'AZaz09 ~éßøłčőžąœĦſ') {
			t.true(font.has(letter.codePointAt(0) as number), `${name}: ${letter}`);
		}
	}
});

test('the fonts for text have Greek, Cyrillic, arrows and the euro too', (t) => {
	for (const letter of 'Ωλ Щжё €→↓“”–…') {
		t.true(fonts.small.has(letter.codePointAt(0) as number), letter);
	}
});

test('a glyph has its rows, and what is unknown has the replacement sign', (t) => {
	for (const font of Object.values(fonts)) {
		t.is(font.glyph(0x41).length, Math.ceil(font.width / 8) * font.height);
		t.true(font.glyph(0x6771).some((byte) => byte !== 0));
	}
	t.deepEqual(fonts.small.glyph(0x6771), fonts.small.glyph(0xfffd));
});

test('an A looks like one', (t) => {
	const canvas = new Canvas({ width: 6, height: 12 });
	canvas.text({ x: 0, y: 0 }, 'A', { font: fonts.small, ink: 'text' });
	const rows = Array.from({ length: 12 }, (_, y) =>
		[...canvas.pixels.subarray(y * 6, y * 6 + 6)].map((pixel) => (pixel > 0 ? '#' : ' ')).join(''),
	);
	t.is(
		rows
			.map((row) => row.trimEnd())
			.join('\n')
			.trim(),
		['###', '#   #', '#   #', '#   #', '#####', '#   #', '#   #', '#   #'].join('\n'),
	);
});

test('marks are joined to their letters or left out, and nothing unseen is drawn', (t) => {
	t.is(drawnText('e\u0301\u202e\u001b[0q\u0301x'), 'é[0qx');
});

test('text that is too long ends in an ellipsis', (t) => {
	const canvas = new Canvas({ width: 60, height: 12 });
	t.is(canvas.text({ x: 0, y: 0 }, 'x'.repeat(40), { font: fonts.small, ink: 'text' }), 60);
	t.is(canvas.text({ x: 0, y: 0 }, 'xxx', { font: fonts.small, ink: 'text', widthMax: 5 }), 0);
});
