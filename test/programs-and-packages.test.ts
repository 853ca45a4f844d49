import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import test from 'ava';
import { filesBelow, sourceFiles } from './source-tree.ts';
import { closureOf, compilerNeeds, packagesOf, programsOf, type Start, shellCommands } from './started-programs.ts';

const SETUP = 'firmware-scripts/setup-host.sh';
/** It needs more than a bare machine, and says itself what is missing. */
const FRESH_MACHINE = 'firmware-scripts/fresh-machine.sh';
const DEMO = closureOf(['test/lab/demo.ts']);
const VM = closureOf(['test/vm/main.ts', 'test/vm/guest/main.ts']);

/** Programs that every Debian system has (essential, or of priority `required`), and Node's. */
const BASE = new Set(
	(
		'apt-cache apt-get awk cat chmod cp cut date df dirname dpkg-deb dpkg-query env find flock grep head hostname id ldd ln ls mkdir ' +
		'mktemp mv nproc nsenter paste perl readlink rm sed seq setpriv sh sleep sort stdbuf stty sync tail taskset tee timeout touch tr truncate ' +
		'uname unshare wc'
	).split(' '),
);
const OF_NODE = new Set(['node', 'npm']);
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query replaces it
const FIELDS = '${Package} ${Essential} ${Priority}\\n';
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query replaces it
const DEPENDS = '${Package}\\t${db:Status-Status}\\t${Depends}\\n';
/** Started by a test that shows what is said when a program is missing. */
const MISSING_ON_PURPOSE = new Set(['tcpdumb', '/bin/no-such-program']);
/** Asked for, and done without. */
const OPTIONAL = new Set(['git']);

type Row = { tiers: string[]; name: string; needs: string[] };

function readTable(): Row[] {
	const [, text = ''] = /^packages='\n([^']*)'/m.exec(readFileSync(SETUP, 'utf8')) ?? [];
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [tiers = '', name = '', needs = ''] = line.split(/\s+/);
			return { tiers: tiers.split(','), name, needs: needs === '-' ? [] : needs.split(',') };
		});
}

const scripts = [...filesBelow('firmware-scripts', 'test', 'openwrt'), '.ci/run']
	.filter((path) => (path.endsWith('.sh') || path === '.ci/run') && path !== FRESH_MACHINE && existsSync(path))
	.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const functions = new Set(scripts.flatMap(({ text }) => [...text.matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name)));

/** Everything that is started, with the tiers in which it has to be. */
function starts(): (Start & { tiers: string[] })[] {
	const ofSources = sourceFiles('agent', 'carrier', 'ui', 'test').flatMap((file) =>
		programsOf(file).map((program) => ({ program, file: file.path })),
	);
	const ofScripts = scripts.flatMap(({ path, text }) =>
		shellCommands(text)
			.filter((program) => !functions.has(program))
			.map((program) => ({ program, file: path })),
	);
	const ofCommands = [...ofSources, ...ofScripts].flatMap(({ program, file }) =>
		tiersOf(file).map((tiers) => ({ program, file, tiers })),
	);
	const libraries = compilerNeeds().filter(({ program }) => program.startsWith('-l'));
	/** Whoever compiles C needs the headers of the C library. */
	const headers = ofCommands
		.filter(({ program }) => program === 'cc')
		.map((start) => ({ ...start, program: '/usr/include/stdio.h' }));
	return [
		...ofCommands,
		...headers,
		...compilerNeeds().map((need) => ({ ...need, tiers: ['demo', 'compile'] })),
		...libraries.map(({ program, file }) => ({ program: `lib${program.slice(2)}.so`, file, tiers: ['demo'] })),
	];
}

/** For each command that can reach the file, the tiers that it has. The set-up itself runs when nothing is there. */
function tiersOf(file: string): string[][] {
	if (file === SETUP || file === 'firmware-scripts/progress.sh' || file === '.ci/run') return [[]];
	const ofDemo = DEMO.has(file) || file === 'test/lab/udhcpc.sh' ? [['demo']] : [];
	const ofVm = VM.has(file) || /^test\/vm\/.*\.sh$/.test(file) ? [['demo', 'vm']] : [];
	return [...ofDemo, ...ofVm, ['demo', 'test', 'vm']];
}

/** Each program once for each set of tiers, with the first file that starts it. */
const STARTS = [...new Map(starts().map((start) => [`${nameOf(start.program)} ${start.tiers}`, start])).values()];

/** What no package of the right tier brings, as sentences. */
function violations(table: readonly Row[]): string[] {
	const wrong = STARTS.filter(({ program, tiers }) => {
		if (BASE.has(program) || OF_NODE.has(program) || OPTIONAL.has(program)) return false;
		if (MISSING_ON_PURPOSE.has(program)) return false;
		return !table.some(
			(row) => row.tiers.some((tier) => tiers.includes(tier)) && row.needs.some((need) => isSame(need, program)),
		);
	});
	return [
		...new Set(wrong.map(({ program, file, tiers }) => `${program}, of ${file}: in no package of ${tiers.join(', ')}`)),
	];
}

function isSame(need: string, program: string): boolean {
	return nameOf(need) === nameOf(program);
}

/** `/sbin/ip` is `ip`. */
function nameOf(path: string): string {
	return /\/s?bin\//.test(path) ? basename(path) : path;
}

test('every program that we start is in a package of the tier that starts it', (t) => {
	t.deepEqual(violations(readTable()), []);
	t.true(STARTS.length > 50);
});

test('a package that is taken out of a tier is missed, with each of its programs', (t) => {
	const table = readTable();
	const tiersMissed = new Set<string>();
	for (const { name, tiers, needs } of table) {
		const missed = violations(table.filter((row) => row.name !== name));
		for (const need of needs) {
			t.true(
				missed.some((sentence) => isSame(need, sentence.split(',')[0] as string)),
				`${need} of ${name}: nothing of ours starts it`,
			);
			for (const tier of tiers) tiersMissed.add(tier);
		}
	}
	t.deepEqual([...tiersMissed].toSorted(), ['compile', 'demo', 'test', 'vm']);
});

test('a package that is taken out of one of its tiers only is missed there', (t) => {
	const table = readTable();
	for (const { name, tiers } of table.filter((row) => row.tiers.length > 1 && row.tiers.includes('vm'))) {
		const without = table.map((row) =>
			row.name === name ? { ...row, tiers: tiers.filter((tier) => tier !== 'vm') } : row,
		);
		t.true(
			violations(without).some((sentence) => sentence.endsWith('demo, vm')),
			name,
		);
	}
});

test('the demo and the virtual machine load only packages of npm that the set-up of the demo brings', (t) => {
	const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
	const [, listed = ''] = /^demo_modules='([^']*)'/m.exec(readFileSync(SETUP, 'utf8')) ?? [];
	const brought = new Set([...Object.keys(dependencies), ...listed.split(' ')]);
	const loaded = sourceFiles('agent', 'carrier', 'protocol', 'ui', 'test')
		.filter(({ path }) => DEMO.has(path) || VM.has(path))
		.flatMap((file) => packagesOf(file));
	t.deepEqual(
		[...new Set(loaded)].filter((name) => !brought.has(name)),
		[],
	);
	t.true(loaded.includes('aedes'));
});

test('each command of package.json sets up its own tiers', (t) => {
	const { scripts: commands } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
	const tiers = (name: string) =>
		/^sh firmware-scripts\/setup-host\.sh ([\w ]+) &&/.exec(commands[name] as string)?.[1];
	t.deepEqual([tiers('demo'), tiers('test'), tiers('vm')], ['demo', 'test vm', 'vm']);
});

const isDebian = existsSync('/etc/debian_version') && spawnSync('dpkg-query', ['--version']).status === 0;
const debianTest = isDebian ? test : test.skip;

debianTest('what is said to be on every Debian system is of its essential packages', (t) => {
	const names = [...BASE].filter((name) => name !== 'awk'); // an alternative of its own kind; base-files depends on one
	const paths = names.flatMap((name) => [`/bin/${name}`, `/usr/bin/${name}`]);
	const owners = spawnSync('dpkg-query', ['--search', ...paths], { encoding: 'utf8' })
		.stdout.trim()
		.split('\n');
	const packageOf = new Map(
		owners.map((line) => [basename(line.split(': ')[1] ?? ''), line.split(/[:,]/)[0] as string]),
	);
	const format = ['--show', '--showformat', FIELDS];
	const states = spawnSync('dpkg-query', [...format, ...new Set(packageOf.values())], { encoding: 'utf8' }).stdout;
	const essential = new Set(
		states
			.split('\n')
			.filter((line) => / yes | required$/.test(line))
			.map((line) => line.split(' ')[0]),
	);
	t.deepEqual(
		names.filter((name) => !essential.has(packageOf.get(name))),
		[],
	);
});

debianTest('each package has the programs that the table says, where it is installed', (t) => {
	const dependencies = installedPackages();
	const near = (name: string) => [name, ...(dependencies.get(name) ?? [])];
	// `cc` is a link that the package makes when it is installed; a library is told by what is built with it.
	const rows = readTable()
		.filter(({ name }) => dependencies.has(name)) // `npm run demo` installs less than `npm test`
		.flatMap(({ name, needs }) => needs.map((need) => ({ name, need })))
		.filter(({ need }) => need !== 'cc' && !need.startsWith('-l'));
	const patterns = rows.map(({ need }) => (need.startsWith('lib') ? `*/${need}*` : `*/${basename(need)}`));
	const owners = spawnSync('dpkg-query', ['--search', ...patterns], { encoding: 'utf8' })
		.stdout.trim()
		.split('\n');
	const owned = owners.map((line) => {
		const [, names = '', path = ''] = /^(.*): (.*)$/.exec(line) ?? [];
		return { names: names.split(', ').map((name) => name.split(':')[0] as string), file: basename(path) };
	});
	for (const { name, need } of rows) {
		// Of a package that only names another one, as postgresql does its version, it is the other's.
		const candidates = new Set(near(name).flatMap(near));
		const isThere = owned.some(
			({ names, file }) =>
				(file === basename(need) || file.startsWith(`${need}.`)) && names.some((owner) => candidates.has(owner)),
		);
		t.true(isThere, `${name} has no ${need}`);
	}
	t.true(rows.length > 5);
});

/** Each with those that it depends on. */
function installedPackages(): Map<string, string[]> {
	const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat', DEPENDS], {
		encoding: 'utf8',
		maxBuffer: 64 << 20,
	});
	const lines = stdout.split('\n').map((line) => line.split('\t'));
	return new Map(
		lines
			.filter(([, state]) => state === 'installed')
			.map(([name, , depends = '']) => [
				name as string,
				depends.split(/[,|]/).flatMap((word) => word.trim().split(/[ :]/)[0] || []),
			]),
	);
}

test('commands of a shell script are found where they stand', (t) => {
	const script = [
		'say() { echo "no ls here; nor $(uname -r) alone"; }',
		'# find',
		'case $1 in',
		'	a | b) mkdir x ;;',
		'esac',
		'if ! grep -q x y && command -v git; then LC_ALL=C sort z; fi',
		'awk \'{ print | "cat" }\' f | head -n 1',
		'step lint shellcheck "$(ls)"',
		'unshare --propagation private --fork nft list',
	].join('\n');
	const programs = ['awk', 'grep', 'head', 'ls', 'mkdir', 'nft', 'shellcheck', 'sort', 'step', 'uname', 'unshare'];
	t.deepEqual(shellCommands(script).toSorted(), programs);
});

test('programs that TypeScript starts are found, also behind those that start others', (t) => {
	const code =
		"spawn('unshare', [...own, '--net', 'tcpdump', '-n']); await startUntil(space, 'hostapd', [file]); run('sh', '-c', `ping HOST || true`)";
	t.deepEqual(programsOf({ path: 'test/lab/x.ts', text: code, code }).toSorted(), [
		'hostapd',
		'ping',
		'sh',
		'tcpdump',
		'unshare',
	]);
});
