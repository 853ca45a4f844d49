import { spawn, spawnSync } from 'node:child_process';
import { getuid, env as inherited } from 'node:process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExecutionContext, TestFn } from 'ava';

/**
 * Tests against the real kernel, in a network namespace of their own that vanishes with its process. Root makes one
 * directly, others as root of a user namespace; where neither works, the test is reported as skipped, never as passed.
 */

const unshare = getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

/**
 * Without npm's folders: `nft` is also a program of a JavaScript bundler (@vercel/nft) that comes with AVA, and npm and npx
 * put it in front of nftables.
 */
const folders = (inherited.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
const env = { ...inherited, PATH: [...folders, '/usr/sbin', '/sbin'].join(':') };

/** Runs what the module exports as default and hands its answer, as JSON, to file descriptor 3. */
const runner = `
	const { default: run } = await import(process.argv[1]);
	const answer = await run(...JSON.parse(process.argv[2]));
	(await import('node:fs')).writeFileSync(3, JSON.stringify(answer ?? null));
	process.exit(0);
`;

/** Why no namespace with nf_tables can be made; undefined if it can. */
export function namespaceProblem(): string | undefined {
	const probe = spawnSync('unshare', [...unshare, 'nft', 'list', 'tables'], { encoding: 'utf8', env });
	if (probe.status === 0) return undefined;
	return `no private network namespace with nftables: ${probe.error?.message ?? probe.stderr.trim()}`;
}

/**
 * Calls the default export of a built module with `argument` in a process and network namespace of its own.
 *
 * @returns what it returned, through JSON
 * @throws Error with what it wrote to stderr if it fails
 */
export async function runInNamespace<Result>(script: URL, ...argument: unknown[]): Promise<Result> {
	const node = [process.execPath, '--input-type=module', '--eval', runner, script.href, JSON.stringify(argument)];
	const child = spawn('unshare', [...unshare, ...node], {
		env,
		stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
	});
	const [status, complaint, answer] = await Promise.all([
		new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
		text(child.stderr as Readable),
		text(child.stdio[3] as Readable),
	]);
	if (status !== 0) throw new Error(`${script.pathname} failed in its namespace:\n${complaint}`);
	return JSON.parse(answer);
}

let problem: string | undefined;
let probed = false;

/**
 * An AVA test whose script runs in a namespace; `check` judges its answer. Skipped, loudly, where there can be none.
 * `test` is AVA's, handed in so that programs outside of AVA can import this file too.
 */
export function kernelTest<Result>(
	test: TestFn,
	title: string,
	script: URL,
	check: (t: ExecutionContext, result: Result) => void | Promise<void>,
): void {
	if (!probed) problem = namespaceProblem();
	probed = true;
	if (problem !== undefined) {
		console.error(`SKIPPED: ${title}: ${problem}`);
		test.skip(title, (t) => t.pass());
		return;
	}
	test(title, async (t) => check(t, await runInNamespace<Result>(script)));
}
