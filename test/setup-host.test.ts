import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

const SETUP = 'firmware-scripts/setup-host.sh';
const FRESH_MACHINE = 'firmware-scripts/fresh-machine.sh';

function temporaryFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-setup-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** A program of that name, before all others in PATH. */
function withProgram(t: ExecutionContext, name: string, script: string): NodeJS.ProcessEnv {
	const folder = temporaryFolder(t);
	writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
	chmodSync(join(folder, name), 0o755);
	return { ...process.env, PATH: `${folder}:${process.env.PATH}` };
}

test('a Node that is too old is refused before anything is installed', (t) => {
	for (const version of ['v18.20.8', 'v20.19.5']) {
		const env = withProgram(t, 'node', `echo ${version}`);
		const { status, stdout, stderr } = spawnSync('sh', [SETUP, 'demo'], { env, encoding: 'utf8' });
		t.is(status, 1);
		t.is(stdout, '');
		t.regex(stderr, /^setup: Node is \S+, which is too old: install Node 20\.20 or newer .*, and run this again\.\n$/);
	}
});

test('a tier that does not exist is refused', (t) => {
	const { status, stderr } = spawnSync('sh', [SETUP, 'everything'], { encoding: 'utf8' });
	t.is(status, 2);
	t.is(stderr, 'usage: setup-host.sh [demo] [test] [vm]\n');
});

test('a full disk is named with the figure that is needed, before anything is downloaded', (t) => {
	// A folder that has nothing but the set-up's own files.
	const folder = temporaryFolder(t);
	for (const file of ['firmware-scripts', 'package.json', 'package-lock.json', '.npmrc']) {
		spawnSync('cp', ['-a', file, folder]);
	}
	const env = withProgram(t, 'df', 'echo; echo "disk 400000 200000 200000 50% /"');
	const { status, stderr } = spawnSync('sh', [join(folder, SETUP), 'demo'], { env, encoding: 'utf8' });
	t.is(status, 1);
	t.regex(stderr, /^setup: the disk of \S+ has 204 MB free, and .* need \d+ MB: make room, and run this again\.\n$/);
});

test('a second set-up in the same folder says that it waits, and goes on when the first has ended', async (t) => {
	const holder = spawn('flock', ['.', 'sh', '-c', 'echo held; read -r line'], { stdio: ['pipe', 'pipe', 'inherit'] });
	t.teardown(() => holder.kill());
	await once(holder.stdout, 'data');
	const second = spawn('sh', [SETUP, 'demo'], { stdio: ['ignore', 'pipe', 'pipe'] });
	const [said] = (await once(second.stdout, 'data')) as [Buffer];
	t.regex(said.toString(), /^setup: another set-up runs in this folder; this one goes on when it has ended/);
	holder.stdin.end('\n');
	const [status] = (await once(second, 'close')) as [number];
	t.is(status, 0);
});

const isRoot = process.getuid?.() === 0;

test('a bare root without a command, or without the rights of root, is refused with status 125', (t) => {
	const nothing = spawnSync(FRESH_MACHINE, [], { encoding: 'utf8' });
	t.is(nothing.status, 125);
	t.regex(nothing.stderr, /^fresh-machine\.sh COMMAND…/);
	const script = ['-c', `id() { echo 1000; }; . ./${FRESH_MACHINE}`, FRESH_MACHINE, 'true'];
	const { status, stderr } = spawnSync('sh', isRoot ? script : ['-c', `${FRESH_MACHINE} true`], { encoding: 'utf8' });
	t.is(status, 125);
	t.is(stderr, 'fresh-machine: a root of its own needs the rights of root; run it with sudo.\n');
});
