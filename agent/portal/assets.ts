import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { extname } from 'node:path';
import { LIVE_SCRIPT } from '../../ui/portal/live-script.ts';
import { styleSheet } from '../../ui/portal/style-sheet.ts';
import type { Log } from '../core/log.ts';
import { type Answer, contentTag } from './answer.ts';
import { LOGO_BYTES_MAX } from './limits.ts';

export type Assets = {
	readonly style: string;
	readonly script: string;
	readonly logo?: string;
	/** All files that the portal has, by path: no other path is ever looked for on the disk. */
	readonly files: ReadonlyMap<string, Answer>;
};

const LOGO_TYPES: Readonly<Record<string, string>> = {
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.jpg': 'image/jpeg',
	'.jpeg': 'image/jpeg',
	'.webp': 'image/webp',
};

/** Style, script and the venue's logo: read once, held in memory. A logo that cannot be used is left out, and said so. */
export function makeAssets({ accent, logo, log }: { accent: string; logo: string | undefined; log: Log }): Assets {
	const files = new Map<string, Answer>();
	const add = (name: string, extension: string, type: string, body: string | Uint8Array): string => {
		const path = `/${name}-${contentTag(body)}${extension}`;
		files.set(path, { status: 200, type, body, isImmutable: true });
		return path;
	};
	const style = add('style', '.css', 'text/css; charset=utf-8', styleSheet(accent));
	const script = add('live', '.js', 'text/javascript; charset=utf-8', LIVE_SCRIPT);
	if (logo === undefined) return { style, script, files };
	try {
		const type = LOGO_TYPES[extname(logo).toLowerCase()];
		if (type === undefined) throw new Error('it is not .svg, .png, .jpg or .webp');
		return { style, script, logo: add('logo', extname(logo).toLowerCase(), type, readLogo(logo)), files };
	} catch (error) {
		log.warn({ error, path: logo }, "the venue's logo cannot be shown");
		return { style, script, files };
	}
}

function readLogo(path: string): Uint8Array {
	const file = openSync(path, 'r');
	try {
		const { size } = fstatSync(file);
		if (size > LOGO_BYTES_MAX) throw new Error(`it has ${size} bytes; at most ${LOGO_BYTES_MAX} are shown`);
		const body = Buffer.alloc(size);
		return body.subarray(0, readSync(file, body, 0, size, 0));
	} finally {
		closeSync(file);
	}
}
