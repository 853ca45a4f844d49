import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root, from the built file as from the source: files that the compiler does not copy lie there. */
export const PROJECT_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(directory: string): string {
	if (existsSync(join(directory, 'package.json'))) return directory;
	const parent = dirname(directory);
	if (parent === directory) throw new Error('no package.json above the lab');
	return findRoot(parent);
}
