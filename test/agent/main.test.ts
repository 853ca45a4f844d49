import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const program = fileURLToPath(new URL('../../agent/main.js', import.meta.url));

async function run(
	environment: Record<string, string>,
	...line: string[]
): Promise<{ status: number | null; out: string; error: string }> {
	const child = spawn(process.execPath, [program, ...line], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, ...environment },
	});
	const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
	const [out, error, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
	return { status, out, error };
}

test('the program prints its version, which is that of the package', async (t) => {
	const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
	t.deepEqual(await run({}, '--version'), { status: 0, out: `octroi ${version}\n`, error: '' });
});

test('the program ends with the status of the error', async (t) => {
	const { status, out, error } = await run({}, 'acount', 'list');
	t.is(status, 2);
	t.is(out, '');
	t.is(error, 'octroi: "acount" is not a command\n  fix: did you mean "octroi account"?\n');
});

test('the agent does not start with a wrong configuration', async (t) => {
	const { status, error } = await run({}, 'agent', '--config', 'package.json');
	t.is(status, 2);
	t.regex(error, /package\.json has \d+ problems:/);
});

test('the built program can be run by its name', (t) => {
	t.regex(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
	t.true((statSync(program).mode & 0o111) !== 0, 'npm run build sets the bit');
});

test('through npx too, nft is that of the system', async (t) => {
	const directory = join(process.cwd(), 'node_modules/.bin');
	const { out } = await run({ PATH: `${directory}:${process.env.PATH}` }, 'doctor', '--json');
	t.false(out.includes(directory));
});
