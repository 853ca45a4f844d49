import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeCode } from '../../../agent/voucher/code-maker.ts';
import { qrCodeSvg } from '../../../agent/voucher/qr-code.ts';
import { seededBytes } from './seeded-bytes.ts';

const DECODER = '/usr/bin/zbarimg';
const decoded = existsSync(DECODER) ? test : test.skip;

decoded('another program reads from each QR code the address that was put into it', (t) => {
	const random = seededBytes(5);
	for (const length of [8, 10, 16, 24]) {
		const code = makeCode({ alphabet: 'letters', length, prefix: '' }, random);
		const url = `https://portal.example.org:8443/code?c=${code}`;
		t.is(decode(t, qrCodeSvg(url, 'x')), url);
	}
});

/** The modules as a picture of grey values (netpbm's PGM), four pixels a module. */
function decode(t: ExecutionContext, svg: string): string {
	const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
	const pixels = Buffer.alloc(size * size * 16, 255);
	for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
		for (let row = 0; row < 4; row++) {
			const from = (Number(y) * 4 + row) * size * 4 + Number(x) * 4;
			pixels.fill(0, from, from + Number(length) * 4);
		}
	}
	const folder = mkdtempSync(join(tmpdir(), 'octroi-qr-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const file = join(folder, 'code.pgm');
	writeFileSync(file, Buffer.concat([Buffer.from(`P5 ${size * 4} ${size * 4} 255\n`), pixels]));
	return execFileSync(DECODER, ['-q', '--raw', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
