import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { circlesOf, filesBelow, importsOf, type SourceFile, sourceFiles } from './source-tree.ts';

const product = sourceFiles('agent', 'ui', 'protocol', 'carrier');
/** This file names what it bans. */
const tests = sourceFiles('test').filter(({ path }) => path !== 'test/tidy.test.ts');

/**
 * The walls. A part may import values of the parts in `values`, and types only of those in `types`; of itself always.
 * Interfaces belong to the part that uses them, so the part that implements one imports its types.
 */
const WALLS: Record<string, { values: readonly string[]; types: readonly string[] }> = {
	'agent/core': { values: [], types: [] },
	'agent/netlink': { values: ['agent/core'], types: [] },
	/** What the process and its machine are: the clock of the kernel, memory. */
	'agent/host': { values: ['agent/core', 'agent/netlink'], types: ['agent/config', 'agent/ledger'] },
	'agent/policy': { values: ['agent/core'], types: [] },
	'agent/ledger': { values: ['agent/core', 'agent/policy'], types: [] },
	/** Of the protocol: how JSON of unknown origin is read. */
	'agent/config': { values: ['agent/core', 'agent/policy', 'agent/voucher', 'protocol'], types: [] },
	'agent/voucher': { values: ['agent/core'], types: [] },
	'agent/session': { values: ['agent/core'], types: [] },
	'agent/meter': { values: ['agent/core', 'agent/ledger', 'agent/session'], types: [] },
	/** The use cases of an account. */
	'agent/accounts': {
		values: ['agent/core', 'agent/ledger', 'agent/meter', 'agent/voucher'],
		types: ['agent/config', 'agent/sync'],
	},
	/** Queues of the kernel for rates. */
	'agent/shaping': { values: ['agent/core', 'agent/netlink'], types: ['agent/status'] },
	'agent/dataplane': {
		values: ['agent/core', 'agent/config', 'agent/netlink', 'agent/session', 'agent/shaping'],
		types: ['agent/meter'],
	},
	'agent/status': {
		values: ['agent/core', 'agent/ledger', 'agent/session', 'agent/voucher', 'protocol'],
		types: ['agent/meter', 'agent/accounts'],
	},
	/** The commands of the control socket. */
	'agent/commands': {
		values: [
			'agent/accounts',
			'agent/config',
			'agent/core',
			'agent/detection',
			'agent/ledger',
			'agent/meter',
			'agent/snapshot',
			'agent/status',
			'agent/voucher',
		],
		types: ['agent/dataplane', 'agent/doctor', 'agent/session', 'agent/sync'],
	},
	'agent/portal': {
		values: ['agent/core', 'agent/ledger', 'agent/session', 'agent/status', 'ui'],
		types: ['agent/meter', 'agent/config'],
	},
	/** What the portal asks for, from the parts of this agent. */
	'agent/customer': {
		values: ['agent/accounts', 'agent/core', 'agent/ledger', 'agent/meter', 'agent/portal', 'agent/voucher'],
		types: ['agent/config', 'agent/dataplane', 'agent/session', 'agent/snapshot', 'agent/sync'],
	},
	/** What flows and stations look like, and what that says: pure but for the clock that it is given. */
	'agent/tether': { values: ['agent/core', 'protocol'], types: [] },
	/** What is heard on the metered devices, and never forwarded. */
	'agent/sensor': { values: ['agent/core', 'agent/netlink', 'agent/tether'], types: [] },
	/** Whose flow it is, and who is heard: sensor, queue and judgement together. */
	'agent/detection': {
		values: ['agent/core', 'agent/dataplane', 'agent/sensor', 'agent/tether'],
		types: ['agent/config', 'agent/ledger', 'agent/session', 'agent/sync'],
	},
	'agent/sync': {
		values: [
			'agent/accounts',
			'agent/core',
			'agent/ledger',
			'agent/meter',
			'agent/session',
			'agent/shaping',
			'protocol',
		],
		types: ['agent/config', 'agent/status'],
	},
	/** Whether the host has what is needed, and why a device is not online. */
	'agent/doctor': {
		values: [
			'agent/core',
			'agent/dataplane',
			'agent/ledger',
			'agent/meter',
			'agent/netlink',
			'agent/sensor',
			'agent/session',
			'agent/shaping',
			'agent/snapshot',
			'agent/status',
			'agent/sync',
		],
		types: ['agent/config'],
	},
	/** What displays and metrics are shown of stations and accounts. */
	'agent/snapshot': {
		values: ['agent/core', 'agent/meter', 'agent/metrics', 'agent/session', 'agent/status'],
		types: ['agent/commands', 'agent/ledger', 'agent/shaping'],
	},
	/** The wire between an access point and its carrier; knows neither. */
	protocol: { values: [], types: [] },
	carrier: { values: ['protocol'], types: [] },
	'agent/metrics': { values: ['agent/core'], types: [] },
	/** Words, numbers and widths, for whatever shows text to people. */
	'agent/text': { values: ['agent/core'], types: [] },
	'agent/cli': {
		values: ['agent/core', 'agent/config', 'agent/status', 'agent/text', 'agent/voucher', 'protocol'],
		types: ['agent/ledger'],
	},
	/** Joins the parts: books, metering, network, customers, front doors. */
	'agent/assembly': {
		values: [
			'agent/accounts',
			'agent/commands',
			'agent/core',
			'agent/customer',
			'agent/dataplane',
			'agent/detection',
			'agent/doctor',
			'agent/host',
			'agent/ledger',
			'agent/meter',
			'agent/metrics',
			'agent/portal',
			'agent/session',
			'agent/shaping',
			'agent/snapshot',
			'agent/status',
			'agent/sync',
			'agent/voucher',
		],
		types: ['agent/config'],
	},
	/** The composition root. */
	'agent/agent.ts': { values: ['agent/assembly', 'agent/core', 'agent/dataplane'], types: [] },
	'agent/main.ts': {
		values: [
			'agent/agent.ts',
			'agent/cli',
			'agent/config',
			'agent/core',
			'agent/dataplane',
			'agent/doctor',
			'agent/host',
			'agent/ledger',
			'agent/text',
			'protocol',
			'ui',
		],
		types: [],
	},
	ui: { values: ['agent/status', 'agent/text'], types: ['agent/core'] },
};

/** `agent/ledger/verify.ts` → `agent/ledger`; the two files in `agent` itself are parts of their own. */
function partOf(path: string): string {
	const [first, second] = path.split('/') as [string, string];
	return first === 'agent' ? `${first}/${second}` : first;
}

test('parts import only what the walls allow', (t) => {
	const wrong = product
		.flatMap(importsOf)
		.filter(({ from, to, isType }) => {
			const part = partOf(from);
			const target = partOf(to);
			const wall = WALLS[part];
			return target !== part && !(wall?.values.includes(target) || (isType && wall?.types.includes(target)));
		})
		.map(({ from, to, isType }) => `${from} imports ${isType ? 'types of ' : ''}${to}`);
	t.deepEqual(wrong, []);
});

test('every part has walls, and they have no circle', (t) => {
	t.deepEqual(
		[...new Set(product.map(({ path }) => partOf(path)))].filter((part) => WALLS[part] === undefined),
		[],
	);
	const reaches = (part: string, seen: readonly string[]): boolean =>
		seen.includes(part) || (WALLS[part]?.values ?? []).some((target) => reaches(target, [...seen, part]));
	for (const part of Object.keys(WALLS)) {
		t.false(reaches(part, []), part);
	}
});

test('no files import each other in a circle, not even types', (t) => {
	t.deepEqual(circlesOf([...product, ...tests]), []);
	const file = (path: string, target: string) => ({ path, text: '', code: `import { x } from '${target}';` });
	t.deepEqual(circlesOf([file('a.ts', './b.ts'), file('b.ts', './c.ts'), file('c.ts', './b.ts')]), [['b.ts', 'c.ts']]);
});

type Ban = { what: RegExp; files: readonly SourceFile[]; except: readonly string[]; why: string };

const BANS: readonly Ban[] = [
	{
		what: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
		files: product,
		except: ['agent/core/clock.ts', 'carrier/clock.ts'],
		why: 'the clock is an argument',
	},
	{ what: /\bMath\.random\(/, files: product, except: [], why: 'randomness is an argument' },
	{
		what: /(?<![.\w])exec(?:Sync)?\(\s*[`'"]|\bimport \{[^}]*\bexec(?:Sync)?\b[^}]*\} from 'node:child_process'|\bshell: true/,
		files: [...product, ...tests],
		except: [],
		why: 'programs are run with an argument array',
	},
	{ what: /\bconsole\.\w+\(/, files: product, except: [], why: 'the agent logs objects, the cli writes through main' },
	{
		what: /\bprocess\.(?:exit|exitCode|env|argv|on|once|stdin|stdout|stderr|chdir)\b|from 'node:process'/,
		files: product,
		except: ['agent/main.ts', 'carrier/main.ts'],
		why: 'only main touches the process',
	},
	{
		what: /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}|\.catch\(\(\w*\) => \{\s*\}\)/,
		files: [...product, ...tests].map(({ path, text }) => ({ path, text, code: text })),
		except: [],
		why: 'an error is handled, or a comment says why it may be ignored',
	},
	{
		what: /\.\.\.\{/,
		files: [...product, ...tests],
		except: [],
		why: 'fields stand in their object, one below the other',
	},
	{
		what: /\b(?:const|let) \[[\w$, ]+\] = \[[^;[\]]*\];/,
		files: [...product, ...tests],
		except: [],
		why: 'a name stands beside its value',
	},
	{ what: /\bthrow\s+[`'"]/, files: [...product, ...tests], except: [], why: 'only errors are thrown' },
	{
		what: /\bas any\b|: any\b|@ts-ignore|@ts-nocheck/,
		files: [...product, ...tests],
		except: [],
		why: 'types are checked',
	},
];

for (const { what, files, except, why } of BANS) {
	test(`no file has ${what.source.slice(0, 60)}: ${why}`, (t) => {
		t.deepEqual(
			linesWith(
				what,
				files.filter(({ path }) => !except.includes(path)),
			),
			[],
		);
	});
}

function linesWith(what: RegExp, files: readonly SourceFile[]): string[] {
	return files.flatMap(({ path, code }) => {
		const found = what.exec(code);
		return found === null ? [] : [`${path}:${code.slice(0, found.index).split('\n').length}: ${found[0].trim()}`];
	});
}

test('the bans find what they ban', (t) => {
	const code = [
		'Date.now()',
		'Math.random()',
		"exec('ls')",
		'console.log(1)',
		'process.exit(1)',
		'try { x() } catch (error) {\n}',
		'x = { ...{ a, b } }',
		'const [a, b] = [x, y];',
		"throw 'x'",
		'x as any',
	];
	for (const [index, { what }] of BANS.entries()) {
		t.deepEqual(linesWith(what, [{ path: 'x', text: '', code: code[index] as string }]).length, 1, what.source);
	}
});

/** Tables of cases are long and flat. Of the product the functions are bounded, by the linter. */
const TEST_LINES_MAX = 450;

test('files of tests are short', (t) => {
	const long = tests
		.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
		.filter(({ lines }) => lines > TEST_LINES_MAX)
		.map(({ path, lines }) => `${path} has ${lines} lines`);
	t.deepEqual(long, []);
});

test('names are kebab-case, and no folder is a drawer for everything', (t) => {
	const paths = [...product, ...tests].map(({ path }) => path);
	t.deepEqual(
		paths.filter((path) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)+[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(path)),
		[],
	);
	t.deepEqual(
		paths.filter((path) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\/|\.ts$)/.test(path)),
		[],
	);
});

test('nothing of the product imports a test', (t) => {
	t.deepEqual(
		product.flatMap(importsOf).filter(({ to }) => to.startsWith('test/')),
		[],
	);
});

test('docs/dependencies.md defends every dependency, and no other', (t) => {
	const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
	const document = readFileSync('docs/dependencies.md', 'utf8');
	const [atRunTime = '', forDevelopment = ''] = document.split('## For development');
	compareNames(t, atRunTime, manifest.dependencies);
	compareNames(t, forDevelopment, manifest.devDependencies);
});

function compareNames(t: ExecutionContext, section: string, dependencies: Record<string, string>): void {
	const defended = [...section.matchAll(/^\| `([^`]+)` \| \S.* \| \S.* \| \S.* \|$/gm)].map(
		(match) => match[1] as string,
	);
	t.deepEqual(defended.toSorted(), Object.keys(dependencies).toSorted());
}

test('links between documents lead somewhere', (t) => {
	const documents = [...filesBelow('docs'), 'README.md', 'ARCHITECTURE.md'].filter(
		(path) => path.endsWith('.md') && existsSync(path),
	);
	const dead = documents.flatMap((path) =>
		[...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
			.map((match) => join(dirname(path), match[1] as string))
			.filter((target) => !existsSync(target))
			.map((target) => `${path} links to ${target}`),
	);
	t.deepEqual(dead, []);
});

test('every picture in docs/images is shown by a document', (t) => {
	const documents = [...filesBelow('docs'), 'README.md', 'ARCHITECTURE.md'].filter((path) => path.endsWith('.md'));
	const text = documents.map((path) => readFileSync(path, 'utf8')).join('\n');
	const shown = (name: string) => text.includes(`images/${name})`) || text.includes(`images/${name}"`);
	t.deepEqual(
		filesBelow('docs/images')
			.map((path) => basename(path))
			.filter((name) => !shown(name)),
		[],
	);
});

test('every test file of a part is named after a file, or a subject, in the same folder', (t) => {
	const parts = new Set(product.map(({ path }) => dirname(path)));
	const homeless = tests
		.filter(({ path }) => path.endsWith('.test.ts') && path.startsWith('test/agent/'))
		.filter(({ path }) => !parts.has(dirname(path).slice('test/'.length)))
		.map(({ path }) => basename(path));
	t.deepEqual(homeless, []);
});

/** Who may ask the wall clock, and what for. Whatever books or compares a time asks for a `Moment`, made in one place. */
const WALL_CLOCK_READERS: Record<string, string> = {
	'agent/core/trusted-clock.ts': 'decides whether it is the date',
	'agent/host/make-clock.ts': 'makes the moments',
	'agent/agent.ts': 'when the agent started, for people',
	'agent/commands/status-command.ts': 'the same',
	'agent/ledger/ledger-ports.ts': 'when an account, a name or a plan was made, for people',
	'agent/ledger/carrier-ledger.ts': 'the same',
	'agent/status/status-stream.ts': 'when a picture was drawn, for people',
	'agent/sync/sync.ts': 'the state for the carrier, with whether the clock is set',
};

test('only listed files ask the wall clock', (t) => {
	const readers = product
		.filter(({ path }) => path.startsWith('agent/') || path.startsWith('ui/'))
		.filter(({ code }) => /(?<!trusted)\.wallMs\(\)/.test(code))
		.map(({ path }) => path);
	t.deepEqual(readers.toSorted(), Object.keys(WALL_CLOCK_READERS).toSorted());
});

/** What ends at a day that somebody has named needs the date; a validity that was sold needs the time of validities. */
const DATE_READERS = ['code-ledger', 'moment', 'redeemer', 'request-check', 'validity', 'voucher', 'voucher-store'];

test('in the ledger, only vouchers and cards ask for the date; validities ask for their own time', (t) => {
	const readers = product
		.filter(({ path, code }) => path.startsWith('agent/ledger/') && code.includes('trustedWallMs'))
		.map(({ path }) => basename(path, '.ts'));
	t.deepEqual(readers.toSorted(), DATE_READERS);
});
