import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentName } from './content-name.ts';

/** Inputs that are worth keeping: examples of the format, and each input that has ever failed. */
const FOLDER = 'test/fuzz/corpus';

/** What the corpus has for a target, in the order of names. */
export function corpusOf(target: string): Buffer[] {
	const folder = join(FOLDER, target);
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.toSorted()
		.map((name) => readFileSync(join(folder, name)));
}

/** Keeps an input that failed; answers its path. */
export function keep(target: string, input: Uint8Array): string {
	const folder = join(FOLDER, target);
	mkdirSync(folder, { recursive: true });
	const path = join(folder, `found-${contentName(input)}`);
	writeFileSync(path, input);
	return path;
}
