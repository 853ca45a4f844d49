import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExecutionContext } from 'ava';

/**
 * Compares a text with a file that people can read, by its path from the project's root.
 * `UPDATE_GOLDEN=1 npm run unit` writes the files anew; the difference is then reviewed like any other.
 */
export function matchesGolden(t: ExecutionContext, path: string, text: string): void {
	if (process.env.UPDATE_GOLDEN === '1') {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	}
	t.is(text, readFileSync(path, 'utf8'), `${path} differs; UPDATE_GOLDEN=1 writes it anew`);
}
