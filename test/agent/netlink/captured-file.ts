import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The sources' folder: from the sources and from build/ alike. */
const root = import.meta.url.includes('/build/test/') ? '../../../../' : '../../../';
const folder = new URL(`${root}test/agent/netlink/captured/`, import.meta.url);

/** The datagrams of a captured file: one a line in hexadecimal; lines with # are comments. */
export function captured(name: string): Buffer[] {
	return readFileSync(new URL(`${name}.hex`, folder), 'latin1')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => Buffer.from(line, 'hex'));
}

export function writeCaptured(name: string, comment: string, datagrams: readonly string[]): string {
	mkdirSync(folder, { recursive: true });
	const file = new URL(`${name}.hex`, folder);
	writeFileSync(file, `# ${comment}\n${datagrams.join('\n')}\n`);
	return fileURLToPath(file);
}
