import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { type Canvas, INKS } from '../../../ui/pixels/canvas.ts';
import { COLOURS, DARK_INKS } from '../../../ui/pixels/pixel-format.ts';

/** A picture of the canvas with a palette (PNG specification, third edition), each pixel `zoom` times as large. */
export function pngOf(canvas: Canvas, { zoom, isMono }: { zoom: number; isMono: boolean }): Buffer {
	const rows = Array.from({ length: canvas.height * zoom }, (_, y) => {
		const row = Buffer.alloc(1 + canvas.width * zoom);
		for (let x = 0; x < canvas.width * zoom; x += 1) {
			row[1 + x] = canvas.pixels[Math.floor(y / zoom) * canvas.width + Math.floor(x / zoom)] as number;
		}
		return row;
	});
	const head = Buffer.alloc(13);
	head.writeUInt32BE(canvas.width * zoom, 0);
	head.writeUInt32BE(canvas.height * zoom, 4);
	head.set([8, 3, 0, 0, 0], 8);
	const palette = INKS.map((ink) =>
		isMono ? (DARK_INKS.includes(ink) ? [10, 12, 16] : [190, 225, 255]) : COLOURS[ink],
	);
	return Buffer.concat([
		Buffer.from('89504e470d0a1a0a', 'hex'),
		chunk('IHDR', head),
		chunk('PLTE', Buffer.from(palette.flat())),
		chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

function chunk(type: string, data: Buffer): Buffer {
	const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const result = Buffer.alloc(typed.length + 8);
	result.writeUInt32BE(data.length, 0);
	result.set(typed, 4);
	result.writeUInt32BE(crc32(typed), typed.length + 4);
	return result;
}

/** The pixels of a picture that {@link pngOf} made: what is compared, since compressors differ between versions of Node. */
export function pixelsOfPng(png: Buffer): { head: Buffer; palette: Buffer; rows: Buffer } {
	const chunks = new Map<string, Buffer>();
	for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
		const length = png.readUInt32BE(at);
		chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
	}
	const part = (name: string) => chunks.get(name) ?? Buffer.alloc(0);
	return { head: part('IHDR'), palette: part('PLTE'), rows: inflateSync(part('IDAT')) };
}
