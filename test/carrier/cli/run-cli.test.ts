import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { CliEnvironment } from '../../../carrier/cli/cli-command.ts';
import { runCarrierCli } from '../../../carrier/cli/run-cli.ts';
import { onBothDatabases } from '../databases.ts';
import { startApi } from '../http/running-api.ts';

const onBoth = onBothDatabases(test);

function environment(files: Record<string, string> = {}) {
	const out: string[] = [];
	const errors: string[] = [];
	const given: CliEnvironment = {
		version: '0.0.0',
		writeOut: (text) => void out.push(text),
		writeError: (text) => void errors.push(text),
		readFile: (path) => {
			const text = files[path];
			if (text === undefined) throw new Error(`ENOENT ${path}`);
			return text;
		},
		random: (bytes) => new Uint8Array(bytes),
		fetch,
		serve: async () => undefined,
	};
	return { given, out, errors };
}

onBoth('commands ask the running platform, and show what it answers', async (t, database) => {
	const api = await startApi(database);
	const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
	const where = ['--api', url, '--token-file', 'token'];
	const files = { token: `${api.token}\n`, policy: JSON.stringify({ plans: [], tariffs: [], reportEverySeconds: 5 }) };
	const run = async (...words: string[]) => {
		const { given, out, errors } = environment(files);
		const status = await runCarrierCli([...words, ...where], given);
		return { status, answer: out.length === 0 ? undefined : JSON.parse(out.join('')), errors: errors.join('') };
	};
	t.is((await run('ap', 'add', 'cafe', 'The Café')).status, 0);
	t.is((await run('account', 'create', 'alice', 'Alice')).answer.outcome, 'done');
	t.is((await run('topup', 'alice', 'kiosk', '1', '--bytes', '1000')).answer.outcome, 'done');
	t.is((await run('topup', 'alice', 'kiosk', '1', '--bytes', '1000')).answer.outcome, 'exists');
	t.like((await run('account', 'show', 'alice')).answer.balances[0], { book: 'available', amount: 1000 });
	t.is((await run('policy', 'diff', 'all', 'policy')).answer.changes[0].path, 'reportEverySeconds');
	t.is((await run('policy', 'publish', 'all', 'policy')).answer.version, 1);
	const { codes } = (await run('voucher', 'make', 'may', '1', '--bytes', '10')).answer;
	t.is((await run('voucher', 'redeem', codes[0], 'alice')).answer.outcome, 'done');
	const missing = await run('account', 'show', 'nobody');
	t.is(missing.status, 3);
	t.regex(missing.errors, /there is no account nobody/);
	const wrong = await run('account', 'create', 'A!', 'x');
	t.is(wrong.status, 2);
	t.regex(wrong.errors, /account: /);
	await api.stop();
	t.is((await run('account', 'list')).status, 5);
});

for (const [what, line, status, pattern] of [
	['no command', ['nothing'], 2, /is no command/],
	['a missing argument', ['ap', 'add', 'cafe'], 2, /takes AP TITLE/],
	['an unknown option', ['ap', 'list', '--colour', 'red'], 2, /colour/],
	['no token', ['ap', 'list'], 4, /cannot be read/],
	['a worker without a configuration', ['verify', '--config', '/nowhere.json'], 2, /cannot be read/],
] as const) {
	test(`refused with a fix: ${what}`, async (t) => {
		const { given, errors } = environment();
		t.is(await runCarrierCli(line, given), status);
		t.regex(errors.join(''), pattern);
	});
}

test('keys and tokens are made where the configuration says, and all its faults are listed', async (t) => {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-cli-'));
	t.teardown(() => rmSync(directory, { recursive: true, force: true }));
	const config = join(directory, 'carrier.json');
	const write = (value: object) => writeFileSync(config, JSON.stringify(value));
	const whole = {
		version: 1,
		database: { directory: join(directory, 'db') },
		broker: { url: 'mqtt://127.0.0.1' },
		keys: join(directory, 'keys'),
		http: { tokens: join(directory, 'tokens') },
	};
	write(whole);
	const run = async (...words: string[]) => {
		const { given, out, errors } = environment();
		return {
			status: await runCarrierCli([...words, '--config', config], given),
			out: out.join(''),
			errors: errors.join(''),
		};
	};
	t.regex((await run('key', 'new', 'first')).out, /"accessPointSetting": "first:[\w-]{43}"/);
	t.is((await run('key', 'new', 'first')).status, 4);
	t.is((await run('key', 'revoke', 'first')).status, 4);
	t.is((await run('token', 'new', 'grace')).status, 0);
	t.regex((await run('verify')).out, /"broken": 0/);
	write({ ...whole, version: 2, broker: { url: 'http://x' }, more: 1 });
	const { status, errors } = await run('verify');
	t.is(status, 2);
	t.regex(errors, /version: [\s\S]*broker.url: [\s\S]*more/);
});
