import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importsOf, type SourceFile, sourceFiles } from './source-tree.ts';

/** A program, or a file of a package, that a file of ours names. */
export type Start = { program: string; file: string };

/** Functions that start a program: those of Node, and those of the lab and of the tests over them. */
const STARTERS =
	'spawn|spawnSync|execFile|execFileSync|runProgram|startProgram|findProgram|run|start|program|startUntil';
/** `run('nft', …)`, `startUntil(space, 'hostapd', …)` */
const CALL = new RegExp(`\\b(${STARTERS})\\(\\s*(?:\\w+,\\s*)?'([^'\\s]+)'`, 'g');
/** In other parts these words are methods of something else: a statement of SQLite, a command of our own. */
const AMBIGUOUS: Record<string, RegExp> = {
	run: /^test\/(?:lab|vm|kernel-namespace|[\w-]+\/(?:[\w-]+\/)?kernel)/,
	start: /\/kernel\//,
	program: /^test\/vm\//,
};
/** These start the program that their arguments name; a word in capitals is a signal. */
const WRAPPERS = new Set(['unshare', 'nsenter', 'setpriv', 'stdbuf', 'timeout', 'taskset', 'env']);
const WRAPPED = new RegExp(`'(${[...WRAPPERS].join('|')})',\\s*\\[([^\\]]*)`, 'g');
const SHELL_LINE = /'sh',\s*\[?'-c',\s*(?:'([^']*)'|`((?:\\.|[^`\\])*)`)/g;
/** `'/usr/bin/chromium'`, `'/etc/p0f/p0f.fp'`; folders of every system are not of a package. */
const PATH_OF_PACKAGE = /'(\/(?:usr\/(?:local\/)?)?s?bin\/[\w.+-]+|\/etc\/p0f\/[\w.]+)'/g;
/** Programs of PostgreSQL are in a folder of their version. */
const IN_FOLDER = /\bjoin\(programs, '([\w-]+)'\)/g;

/** All programs that a file of TypeScript starts, or looks for. */
export function programsOf({ path, code, text }: SourceFile): string[] {
	const called = [...code.matchAll(CALL)]
		.filter(([, starter]) => AMBIGUOUS[starter as string]?.test(path) ?? true)
		.map(([, , program]) => program as string);
	const wrapped = [...code.matchAll(WRAPPED)].flatMap(([, , words]) => firstProgram(words as string));
	// A pattern of files, like `/usr/lib/*/lcdproc`, begins what looks like a comment.
	const lines = [...text.matchAll(SHELL_LINE)].flatMap(([, quoted, template]) =>
		shellCommands((quoted ?? template ?? '').replace(/\$\{[^}]*\}/g, 'x')),
	);
	// A path in the product is the default of an option, and its file may be missing.
	const others = (path.startsWith('test/') ? [PATH_OF_PACKAGE, IN_FOLDER] : []).flatMap((what) =>
		[...code.matchAll(what)].map(([, name]) => name),
	);
	return [...new Set([...called, ...wrapped, ...lines, ...(others as string[])])].filter((word) => /^[\w/]/.test(word));
}

/** Of `…options, '--net', 'ip', 'link'` it is `ip`. */
function firstProgram(words: string): string[] {
	const literals = [...words.matchAll(/'([^']*)'/g)].map(([, word]) => word as string);
	return literals.filter((word) => /^[a-z/][\w./+-]*$/.test(word)).slice(0, 1);
}

const KEYWORDS = new Set(
	'if then else elif fi for in do done while until case esac ! { } function : . [ break cd command continue echo eval exec exit export local printf pwd read return set shift test trap true false type ulimit umask unset wait kill'.split(
		' ',
	),
);
/** What stands for words whose text is data. */
const DATA = 'X';
/** `step NAME COMMAND…` of test-all.sh */
const STEP = 'step';
/** These are followed by a command. */
const TRANSPARENT = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'exec', 'command']);

/**
 * The programs that a POSIX shell script starts: the first word of each command, also inside of `$(…)`. Not a shell: enough for scripts
 * that shellcheck accepts and that quote what is not a command.
 */
export function shellCommands(script: string): string[] {
	const functions = new Set([...script.matchAll(/^\s*(\w+)\(\)/gm)].map(([, name]) => name as string));
	const found = new Set<string>();
	for (const command of simpleCommands(withoutPatterns(withoutHereDocuments(script)))) {
		let words = command.split(/\s+/).filter((word) => word !== '');
		while (words.length > 0 && (TRANSPARENT.has(words[0] as string) || /^\w+=/.test(words[0] as string))) {
			// `command -v NAME` asks for it, so it may be missing.
			if (words[0] === 'command' && words[1] === '-v') words = [];
			words = words.slice(1);
		}
		const [first] = words;
		if (first === STEP && words[2] !== undefined) found.add(words[2]);
		if (first === undefined || first === DATA || KEYWORDS.has(first) || functions.has(first)) continue;
		if (/^[a-zA-Z/][\w./+-]*$/.test(first)) found.add(first);
		if (WRAPPERS.has(first)) for (const one of wrappedInShell(words.slice(1))) found.add(one);
	}
	return [...found].filter((word) => !/^X+$/.test(word));
}

/** `name | name)` of a `case`. */
function withoutPatterns(script: string): string {
	return script.replace(/^\s*\(?[\w*.-]+(?:\s*\|\s*[\w*.-]+)*\)/gm, '');
}

function wrappedInShell(words: readonly string[]): string[] {
	const isValue = (index: number) => words[index - 1] === '--propagation' || words[index - 1] === '--pdeathsig';
	return words
		.filter((word, index) => !isValue(index) && /^[a-z][\w.+-]*$/.test(word) && !KEYWORDS.has(word))
		.slice(0, 1);
}

function withoutHereDocuments(script: string): string {
	return script.replace(/<<-?\s*['"]?(\w+)['"]?[^\n]*\n[\s\S]*?\n\s*\1\n/g, '\n');
}

/** Cuts a script into simple commands; words in quotes become one word that is no command. */
function simpleCommands(script: string): string[] {
	const commands: string[] = [];
	let position = 0;
	/** Where this stands next; the end, if nowhere. */
	const after = (text: string): number => {
		const found = script.indexOf(text, position + 1);
		return found === -1 ? script.length : found;
	};
	/** Reads up to `end`, which is `)` of a substitution, `"` of a string, or the end of the script. */
	const read = (end: string): void => {
		let command = '';
		const flush = () => {
			commands.push(command);
			command = '';
		};
		for (; position < script.length; position++) {
			const character = script[position] as string;
			if (character === end) break;
			if (character === '\\') {
				position++;
				command += script[position] === '\n' ? ' ' : 'X';
			} else if (script.startsWith('$((', position)) {
				position = after('))') + 1;
				command += 'X';
			} else if (script.startsWith('$(', position)) {
				position += 2;
				read(')');
				command += 'X';
			} else if (script.startsWith('${', position)) {
				position = after('}');
				command += 'X';
			} else if (end === '"') {
				command += /\s/.test(character) ? '-' : 'X';
			} else if (character === "'") {
				position = after("'");
				command += 'X';
			} else if (character === '"') {
				position++;
				const before = commands.length;
				read('"');
				// What stands in a string is data; only its substitutions are commands.
				if (commands.length > before) commands.pop();
				command += 'X';
			} else if (character === '#' && /(^|\s)$/.test(command)) {
				while (position < script.length && script[position] !== '\n') position++;
				flush();
			} else if (/[;&|\n(){}]/.test(character) && !(character === '&' && /[<>]$/.test(command))) {
				flush();
			} else {
				command += character;
			}
		}
		flush();
	};
	read('');
	return commands.map((command) => command.trim()).filter((command) => command !== '');
}

/** The files that a start of these entry points can load or start: imports, and scripts of Node named by their path. */
export function closureOf(entries: readonly string[]): Set<string> {
	const sources = new Map(sourceFiles('agent', 'carrier', 'protocol', 'ui', 'test').map((file) => [file.path, file]));
	const reached = new Set<string>();
	const visit = (path: string): void => {
		const file = sources.get(path);
		if (file === undefined || reached.has(path)) return;
		reached.add(path);
		for (const { to, isType } of importsOf(file)) if (!isType) visit(to);
		for (const [, name] of file.code.matchAll(/new URL\(\s*'(\.[^']+)\.js'/g))
			visit(`${join(dirname(path), name as string)}.ts`);
		for (const [, name] of file.code.matchAll(/'build\/([^']+)\.js'/g)) visit(`${name}.ts`);
	};
	for (const entry of entries) visit(entry);
	return reached;
}

/** What packages of npm with a binary part need where they are compiled: the tools, and the libraries that they name. */
export function compilerNeeds(): Start[] {
	const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
		packages: Record<string, { hasInstallScript?: boolean }>;
	};
	const withScripts = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true);
	const tools = withScripts.length === 0 ? [] : ['g++', 'gcc', 'make', 'python3', '/usr/include/stdio.h'];
	return [
		...tools.map((program) => ({ program, file: withScripts.join(', ') })),
		...withScripts
			.map((path) => `${path}/binding.gyp`)
			.flatMap((file) => librariesOf(file).map((program) => ({ program, file }))),
	];
}

function librariesOf(gyp: string): string[] {
	return [...readIfThere(gyp).matchAll(/"(-l\w+)"/g)].map(([, name]) => name as string);
}

function readIfThere(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return ''; // a package without a recipe for node-gyp
	}
}

/** The packages of npm that a file loads when it runs. */
export function packagesOf({ code }: SourceFile): string[] {
	const statements = code.matchAll(/^(?:import|export)\s+(?!type\s)[^;'"=(]*?\bfrom '([^.'][^']*)'/gm);
	const calls = code.matchAll(/\b(?:import|require)\('([^.'][^']*)'/g);
	return [...statements, ...calls]
		.map(([, name]) => name as string)
		.filter((name) => !name.startsWith('node:'))
		.map((name) =>
			name
				.split('/')
				.slice(0, name.startsWith('@') ? 2 : 1)
				.join('/'),
		);
}
