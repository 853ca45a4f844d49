import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { labMounts } from '../lab/namespace/lab-mounts.ts';
import { HANG_MS, until } from '../lab/until.ts';

const VM = fileURLToPath(new URL('./main.js', import.meta.url));
const GONE_TIMEOUT_MS = HANG_MS;
const STATUS_SKIPPED = 77;

/** Every process of one run inherits this. */
const MARK_VARIABLE = 'OCTROI_VM_MARK';

const endings: { how: string; end: (command: ChildProcess) => void }[] = [
	{ how: 'SIGKILL of the command', end: (command) => command.kill('SIGKILL') },
	{ how: 'SIGTERM of the command', end: (command) => command.kill('SIGTERM') },
	{ how: 'Ctrl-C in the terminal', end: (command) => process.kill(-(command.pid as number), 'SIGINT') },
	{ how: 'its time limit', end: () => {} },
];

for (const { how, end } of endings) {
	test.serial(`the virtual machine leaves nothing behind after ${how}`, async (t) => {
		const before = leftovers();
		const mark = randomUUID();
		// Two seconds are never enough to boot.
		const command = spawn(process.execPath, [VM, 'features', '--timeout', '2'], {
			stdio: ['ignore', 'ignore', 'pipe'],
			detached: true,
			env: { ...process.env, [MARK_VARIABLE]: mark },
		});
		const exited = new Promise<number | null>((resolve) => command.once('exit', resolve));
		const isBooting = new Promise<boolean>((resolve) => {
			createInterface({ input: command.stderr as NodeJS.ReadableStream }).on('line', (line) => {
				if (line.includes('booting')) resolve(true);
			});
			exited.then(() => resolve(false));
		});
		if (!(await isBooting)) {
			t.is(await exited, STATUS_SKIPPED);
			t.log('SKIPPED: this machine has no QEMU, or no kernel for it');
			return;
		}
		await until('QEMU to run', GONE_TIMEOUT_MS, () => marked(mark).some((name) => name.startsWith('qemu')));
		end(command);
		t.not(await exited, 0);
		await until('the end of all processes', GONE_TIMEOUT_MS, () => marked(mark).length === 0);
		t.deepEqual(
			leftovers().filter((line) => !before.includes(line)),
			[],
		);
	});
}

test('where no kernel can be had the command says so, and is skipped', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-no-kernel-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, 'apt-cache'), '#!/bin/sh\n', { mode: 0o755 });
	const { status, stdout, stderr } = spawnSync(process.execPath, [VM, 'features'], {
		encoding: 'utf8',
		env: { PATH: folder, OCTROI_VM_CACHE: join(folder, 'cache') },
	});
	t.is(status, STATUS_SKIPPED);
	t.regex(stderr, /^SKIPPED: .*\nfix: /);
	t.false((JSON.parse(stdout) as { ok: boolean }).ok);
});

/** Mounts of the machine, and files of the temporary directory that are QEMU's or ours; those of tests beside us are not. */
function leftovers(): string[] {
	const files = readdirSync(tmpdir()).filter((name) => name.startsWith('octroi-vm') || name.includes('vl_'));
	return [...labMounts(), ...files];
}

/** Names of the processes that have inherited the mark. */
function marked(mark: string): string[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((pid) => {
			try {
				const isMarked = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
				return isMarked ? [readFileSync(`/proc/${pid}/comm`, 'utf8')] : [];
			} catch {
				return []; // it has just ended
			}
		});
}
