import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { labMounts } from './namespace/lab-mounts.ts';
import { HANG_MS, until } from './until.ts';

const LAB = fileURLToPath(new URL('./main.js', import.meta.url));
const GONE_TIMEOUT_MS = HANG_MS;

/** Every process of one lab inherits this, so that labs that run at the same time are told apart. */
const MARK_VARIABLE = 'OCTROI_LAB_MARK';

type Held = { child: ChildProcess; mark: string; lines: readonly string[] };

const endings: { how: string; end: (held: Held) => void }[] = [
	{ how: 'SIGKILL of the command', end: ({ child }) => child.kill('SIGKILL') },
	{ how: 'SIGTERM of the command', end: ({ child }) => child.kill('SIGTERM') },
	{ how: "a crash of the lab's first process", end: ({ mark }) => process.kill(firstInside(mark), 'SIGKILL') },
	{ how: 'Ctrl-C in the terminal', end: ({ child }) => process.kill(-(child.pid as number), 'SIGINT') },
];

for (const { how, end } of endings) {
	test.serial(`the lab leaves nothing behind after ${how}`, async (t) => {
		const before = leftovers();
		const held = await holdLab();
		t.true(marked(held.mark).length > 6, 'the lab has processes while it runs');
		const exited = new Promise((resolve) => held.child.once('exit', resolve));
		end(held);
		await exited;
		await until('the end of all processes', GONE_TIMEOUT_MS, () => marked(held.mark).length === 0);
		t.deepEqual(
			leftovers().filter((line) => !before.includes(line)),
			[],
		);
		const isSaid = held.lines.some((line) => line.startsWith('Stopped. The namespaces, processes and files'));
		t.is(isSaid, how === 'Ctrl-C in the terminal', 'only the one who presses Ctrl-C is told that nothing is left');
	});
}

/** Starts a lab in a process group of its own, as a terminal does; resolves when its stations have addresses. */
async function holdLab(): Promise<Held> {
	const mark = randomUUID();
	const child = spawn(process.execPath, [LAB, 'hold', '--seconds', '300'], {
		stdio: ['ignore', 'ignore', 'pipe'],
		detached: true,
		env: { ...process.env, [MARK_VARIABLE]: mark },
	});
	const lines: string[] = [];
	await new Promise<void>((resolve, reject) => {
		child.once('exit', () => reject(new Error(`the lab ended: ${lines.join('\n')}`)));
		createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
			lines.push(line);
			if (line.includes('the lab is up')) resolve();
		});
	});
	return { child, mark, lines };
}

/** Namespaces, devices and mounts of the machine, as this process sees them. */
function leftovers(): string[] {
	const ip = (...words: string[]) => execFileSync('/sbin/ip', words, { encoding: 'utf8' }).split('\n');
	return [...ip('netns', 'list'), ...ip('-brief', 'link').map((line) => line.split(/\s/)[0] ?? ''), ...labMounts()];
}

function marked(mark: string): number[] {
	return readdirSync('/proc')
		.map(Number)
		.filter((pid) => Number.isInteger(pid) && readOrNothing(`/proc/${pid}/environ`).includes(mark));
}

/** Process 1 of the lab's process namespace: its NSpid line has two numbers, the second is 1. */
function firstInside(mark: string): number {
	const first = marked(mark).find((pid) => /^NSpid:\s+\d+\s+1$/m.test(readOrNothing(`/proc/${pid}/status`)));
	if (first === undefined) throw new Error('the lab has no process 1');
	return first;
}

/** A process may end while it is being looked at. */
function readOrNothing(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
