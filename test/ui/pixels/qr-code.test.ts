import test from 'ava';
import { wifiCode } from '../../../agent/text/wifi-code.ts';
import { Canvas } from '../../../ui/pixels/canvas.ts';
import { drawQrCode } from '../../../ui/pixels/qr-code.ts';

const says = test.macro((t, name: string, password: string | undefined, code: string) => {
	t.is(wifiCode({ name, password }), code);
});

test('a network with a password', says, 'Guest house', 'correct horse', 'WIFI:S:Guest house;T:WPA;P:correct horse;;');
test('an open network', says, 'Café', undefined, 'WIFI:S:Café;T:nopass;;');
test('signs of the syntax are escaped', says, 'a;b:c', '\\,"', 'WIFI:S:a\\;b\\:c;T:WPA;P:\\\\\\,\\";;');
test('words of hexadecimal digits are quoted', says, 'cafe', 'deadbeef', 'WIFI:S:"cafe";T:WPA;P:"deadbeef";;');

test('a code that does not fit is not drawn', (t) => {
	const canvas = new Canvas({ width: 64, height: 64 });
	t.false(drawQrCode(canvas, { x: 0, y: 0, width: 64, height: 64 }, 'x'.repeat(400)));
	t.false(drawQrCode(canvas, { x: 0, y: 0, width: 64, height: 64 }, 'x'.repeat(4000)));
	t.true(canvas.pixels.every((pixel) => pixel === 0));
});

test('modules are as large as fits, and the border has light to the edge', (t) => {
	const canvas = new Canvas({ width: 128, height: 64 });
	t.true(drawQrCode(canvas, { x: 0, y: 0, width: 64, height: 64 }, 'WIFI:S:Guest house;T:WPA;P:correct horse;;'));
	const row = [...canvas.pixels.subarray(0, 64)];
	t.true(row.every((pixel) => pixel === row[0] && pixel > 0));
});
