import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readGeometry } from '../../../ui/framebuffer/geometry.ts';

/** What the kernel's sysfs would say of fb0. */
function sysfs(t: ExecutionContext, files: Record<string, string>): string {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-fb-'));
	mkdirSync(join(folder, 'fb0'));
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(folder, 'fb0', name), `${text}\n`);
	}
	t.teardown(() => rmSync(folder, { recursive: true }));
	return folder;
}

const asked = { path: '/dev/fb0', size: undefined, format: undefined };

test('an OLED of one bit a pixel counts it from the lowest', (t) => {
	const folder = sysfs(t, { virtual_size: '128,64', bits_per_pixel: '1', stride: '16' });
	const geometry = { width: 128, height: 64, format: 'mono-lsb', strideBytes: 16 };
	t.deepEqual(readGeometry({ ...asked, sysfs: folder }) as unknown, geometry);
});

test('what is seen may be smaller than the memory, and rows longer than the picture', (t) => {
	const files = { modes: 'U:320x240p-0', virtual_size: '320,480', bits_per_pixel: '16', stride: '1024' };
	const geometry = { width: 320, height: 240, format: 'rgb565', strideBytes: 1024 };
	t.deepEqual(readGeometry({ ...asked, sysfs: sysfs(t, files) }) as unknown, geometry);
});

test('what was asked for goes before what the kernel says', (t) => {
	const folder = sysfs(t, { virtual_size: '128,64', bits_per_pixel: '1', stride: '16' });
	const options = { ...asked, size: { width: 240, height: 135 }, format: 'rgb565' as const, sysfs: folder };
	t.like(readGeometry(options), { width: 240, height: 135, strideBytes: 480 });
});

test('what neither knows is said in words', (t) => {
	const folder = sysfs(t, { bits_per_pixel: '24', virtual_size: '10,10' });
	t.regex(String(readGeometry({ ...asked, path: '/tmp/picture', sysfs: folder })), /--size/);
	t.regex(String(readGeometry({ ...asked, sysfs: folder })), /24 bits are not drawn: give --pixels/);
});
