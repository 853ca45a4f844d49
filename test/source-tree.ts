import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of ours: its path from the root, its text, and its code without comments. */
export type SourceFile = { path: string; text: string; code: string };

/** One import or re-export of a file of ours: the path that it names, from the root. */
export type Import = { from: string; to: string; isType: boolean };

/** All TypeScript files below these folders. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
	return filesBelow(...folders)
		.filter((path) => path.endsWith('.ts'))
		.map((path) => {
			const text = readFileSync(path, 'utf8');
			return { path, text, code: withoutComments(text) };
		});
}

/** All files below these folders; a folder that is not there has none. */
export function filesBelow(...folders: readonly string[]): string[] {
	return folders.filter(existsSync).flatMap((folder) =>
		readdirSync(folder, { withFileTypes: true, recursive: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath ?? entry.path, entry.name))
			.filter((path) => !/(^|\/)(node_modules|build)\//.test(path)),
	);
}

export function importsOf(file: SourceFile): Import[] {
	const statements = file.code.matchAll(/^\s*(?:import|export)\s+(type\s+)?([^;'"]*?)\s*(?:from\s+)?'(\.[^']+)'/gm);
	const calls = file.code.matchAll(/\bimport\(\s*'(\.[^']+)'/g);
	return [
		...[...statements].map(([, type, names, target]) => ({
			from: file.path,
			to: join(file.path, '..', target as string),
			isType: type !== undefined || isOnlyTypes(names as string),
		})),
		...[...calls].map(([, target]) => ({
			from: file.path,
			to: join(file.path, '..', target as string),
			isType: false,
		})),
	];
}

/**
 * Groups of files that import each other in a circle, types or values, each group sorted.
 *
 * R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972): strongly connected components.
 */
export function circlesOf(files: readonly SourceFile[]): string[][] {
	const targets = new Map(files.map((file) => [file.path, importsOf(file).map(({ to }) => to)]));
	const order = new Map<string, number>();
	const open: string[] = [];
	const circles: string[][] = [];
	const visit = (path: string): number => {
		const number = order.size;
		order.set(path, number);
		open.push(path);
		let low = number;
		for (const target of targets.get(path) ?? []) {
			if (!targets.has(target)) continue;
			if (!order.has(target)) low = Math.min(low, visit(target));
			else if (open.includes(target)) low = Math.min(low, order.get(target) as number);
		}
		if (low === number) {
			const group = open.splice(open.indexOf(path));
			if (group.length > 1) circles.push(group.toSorted());
		}
		return low;
	};
	for (const { path } of files) if (!order.has(path)) visit(path);
	return circles;
}

/** `{ type A, type B }` */
function isOnlyTypes(names: string): boolean {
	const inner = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
	const list = inner?.split(',').map((name) => name.trim()) ?? [];
	return list.length > 0 && list.filter(Boolean).every((name) => name.startsWith('type '));
}

/** Not a parser: enough for sources that biome has formatted. Line breaks stay, so that lines can be counted. */
function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/.*$/gm, '$1');
}
