import test from 'ava';
import { Canvas, rotated, shifted } from '../../../ui/pixels/canvas.ts';
import { encodePixels, type PixelFormat } from '../../../ui/pixels/pixel-format.ts';

/** Nine pixels wide, so that rows end within a byte: the first, the second and the last of the first row shine. */
function picture(): Canvas {
	const canvas = new Canvas({ width: 9, height: 2 });
	for (const x of [0, 1, 8]) {
		canvas.set(x, 0, 'paper');
	}
	return canvas;
}

const encodes = test.macro((t, format: PixelFormat, strideBytes: number, row: string) => {
	const bytes = encodePixels(picture(), { format, strideBytes, isInverted: false });
	t.is(bytes.length, strideBytes * 2);
	t.is(bytes.subarray(0, strideBytes).toString('hex'), row);
});

test('mono-lsb has the leftmost pixel in the lowest bit', encodes, 'mono-lsb', 2, '0301');
test('mono-msb has the leftmost pixel in the highest bit', encodes, 'mono-msb', 2, 'c080');
test('rows may be longer than the picture', encodes, 'mono-msb', 4, 'c0800000');
// Background (8, 12, 20) → 1 << 11 | 3 << 5 | 2 = 0x0862.
test('rgb565 is little-endian', encodes, 'rgb565', 18, `ffffffff${'6208'.repeat(6)}ffff`);
test(
	'xrgb8888 is blue, green, red, nothing',
	encodes,
	'xrgb8888',
	36,
	`${'ffffff00'.repeat(2)}${'140c0800'.repeat(6)}ffffff00`,
);

test('an inverted panel shines where others do not', (t) => {
	const bytes = encodePixels(picture(), { format: 'mono-msb', strideBytes: 2, isInverted: true });
	t.is(bytes.toString('hex'), '3f00ff80');
});

test('four quarter turns are none', (t) => {
	const canvas = picture();
	t.deepEqual(rotated(rotated(rotated(rotated(canvas, 90), 90), 90), 90), canvas);
	t.deepEqual(rotated(rotated(canvas, 90), 90), rotated(canvas, 180));
	t.deepEqual(rotated(rotated(canvas, 180), 90), rotated(canvas, 270));
	t.like(rotated(canvas, 90), { width: 2, height: 9 });
});

test('a shifted picture loses its edge and gains background', (t) => {
	const moved = shifted(picture(), { x: 1, y: 1 });
	t.deepEqual(
		[...moved.pixels.subarray(9)].map((ink) => ink > 0),
		[false, true, true, ...Array(6).fill(false)],
	);
	t.true(moved.pixels.subarray(0, 9).every((ink) => ink === 0));
});
