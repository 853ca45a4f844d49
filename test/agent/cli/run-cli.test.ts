import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CliEnvironment } from '../../../agent/cli/cli-environment.ts';
import { CLI_COMMANDS } from '../../../agent/cli/commands.ts';
import { runCli } from '../../../agent/cli/run-cli.ts';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { agentCommands } from '../../../agent/status/commands.ts';
import { StatusServer } from '../../../agent/status/status-server.ts';
import { matchesGolden } from '../../golden.ts';
import { fakeHandlers, fewStations } from '../status/fake-handlers.ts';

type Ran = { exitStatus: number; out: string; error: string };

async function run(line: string, changes: Partial<CliEnvironment> = {}): Promise<Ran> {
	let out = '';
	let error = '';
	const exitStatus = await runCli(line.split(' ').filter(Boolean), {
		version: '0.1.0',
		writeOut: (text) => {
			out += text;
		},
		writeError: (text) => {
			error += text;
		},
		runAgent: async () => undefined,
		runTop: async () => undefined,
		runLcd: async () => undefined,
		probeFeatures: async () => [],
		verifyLedger: async () => ({
			ok: true,
			checks: [{ name: 'debits equal credits', ok: true, detail: '12 transfers' }],
		}),
		...changes,
	});
	return { exitStatus, out, error };
}

/** A real server with fixed answers; the answer is the configuration that names its sockets. */
async function startAgent(t: ExecutionContext): Promise<{ config: string; directory: string }> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-cli-'));
	const control = join(directory, 'control.sock');
	const status = join(directory, 'status.sock');
	const commands = agentCommands(fakeHandlers([], fewStations));
	const server = new StatusServer({ commands, control, status, clock: systemClock(), log: silentLog });
	await server.start();
	const config = join(directory, 'config.json');
	writeFileSync(config, JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, control, status }));
	t.teardown(async () => {
		await server.stop();
		rmSync(directory, { recursive: true });
	});
	return { config, directory };
}

test('the help names every command', async (t) => {
	const { out, exitStatus } = await run('--help');
	t.is(exitStatus, 0);
	matchesGolden(t, 'test/agent/cli/golden/help.txt', out);
});

for (const command of CLI_COMMANDS) {
	const name = command.words.join(' ');
	test(`the help of ${name} is complete`, async (t) => {
		const { out, exitStatus } = await run(`${name} --help`);
		t.is(exitStatus, 0);
		matchesGolden(t, `test/agent/cli/golden/help-${command.words.join('-')}.txt`, out);
	});
}

test('a group of commands has a help of its own', async (t) => {
	const { out } = await run('station --help');
	t.regex(out, /station attach MAC ACCOUNT/);
	t.notRegex(out, /account create/);
});

for (const [line, same] of [
	['help', '--help'],
	['help voucher', 'voucher --help'],
	['help voucher find', 'voucher find --help'],
	['help help', 'help'],
] as const) {
	test(`octroi ${line} is the help`, async (t) => {
		if (line === 'help help') {
			t.like(await run(line), { exitStatus: 2, out: '' });
			return;
		}
		const { out, error, exitStatus } = await run(line);
		t.like({ error, exitStatus }, { error: '', exitStatus: 0 });
		t.is(out, (await run(same)).out);
	});
}

for (const [line, error] of [
	['', /a command is missing/],
	['voucher', /voucher needs a command/],
] as const) {
	test(`octroi ${line} prints the help, and says that something is missing`, async (t) => {
		const ran = await run(line);
		t.is(ran.exitStatus, 2);
		t.is(ran.out, `${(await run(`help ${line}`)).out}\n`);
		t.regex(ran.error, error);
		const asJson = await run(`${line} --json`);
		t.is(asJson.out, '');
		t.regex(JSON.parse(asJson.error).error.message, error);
	});
}

const prints = test.macro({
	async exec(t, line: string, golden: string) {
		const { config } = await startAgent(t);
		const { out, error, exitStatus } = await run(`--config ${config} ${line}`);
		t.is(error, '');
		t.is(exitStatus, 0);
		matchesGolden(t, `test/agent/cli/golden/${golden}.txt`, out);
	},
	title: (_provided, line) => `prints ${line}`,
});

test(prints, 'status', 'status');
test(prints, 'status --json', 'status-json');
test(prints, 'station list', 'station-list');
test(prints, 'station list --json', 'station-list-json');
test(prints, 'station attach 02-00-5E-10-00-01 room-1', 'station-attach');
test(prints, 'station detach 02005e100001', 'station-detach');
test(prints, 'account create room-1', 'account-create');
test(prints, 'account list', 'account-list');
test(prints, 'account show room-1', 'account-show');
test(prints, 'account topup room-1 --plan hour --id receipt-1', 'account-topup');
test(prints, 'account block room-1', 'account-block');
test(prints, 'account unblock room-1', 'account-unblock');
test(prints, 'plan list', 'plan-list');
test(prints, 'plan add test/agent/cli/plan-file.json', 'plan-add');
test(prints, 'plan remove fair-day', 'plan-remove');
test(prints, 'station handover 02:00:5e:10:00:01 room-2', 'station-handover');
test(prints, 'voucher create summer --plan hour --count 2', 'voucher-create');
test(
	prints,
	'voucher create summer --plan hour --count 2 --kind set --until 2027-01-31 --as csv',
	'voucher-create-csv',
);
test(
	prints,
	'voucher create summer --plan hour --count 2 --as html --venue Pier --url http://x/?c=',
	'voucher-create-html',
);
test(prints, 'voucher sheet test/agent/cli/golden/voucher-create-csv.txt --layout labels', 'voucher-sheet');
test(prints, 'voucher list', 'voucher-list');
test(prints, 'voucher show summer', 'voucher-show');
test(prints, 'voucher find 7k3fq2mxhw', 'voucher-find');
test(prints, 'voucher redeem 7k3fq2mxhw --mac 02:00:5e:10:00:01', 'voucher-redeem');
test(prints, 'voucher void summer --serial 2', 'voucher-void');
test(prints, 'voucher block family 3', 'voucher-block');
test(prints, 'voucher unblock family 3', 'voucher-unblock');
test(prints, 'account gift room-1 1MB', 'account-gift');
test(prints, 'gift list room-1', 'gift-list');
test(prints, 'gift return g-1', 'gift-return');
test(prints, 'pair start room-1', 'pair-start');
test(prints, 'pair list', 'pair-list');
test(prints, 'pair confirm 402917 02:00:5e:10:00:01', 'pair-confirm');
test(prints, 'account history room-1 --limit 2', 'account-history');
test(prints, 'account permit room-1 1MB byte', 'account-permit');
test(prints, 'account take room-1 abcd-efgh-2345-6789', 'account-take');
test(prints, 'account merge room-2 room-1', 'account-merge');
test(prints, 'group join family ann --bytes 1GB', 'group-join');
test(prints, 'group leave family ann', 'group-leave');
test(prints, 'group show family', 'group-show');
test(prints, 'carrier status', 'carrier-status');
test(prints, 'alert set room-1 low 50MB', 'alert-set');
test(prints, 'alert remove room-1 low', 'alert-remove');
test(prints, 'alert seen room-1 low', 'alert-seen');
test(prints, 'renewal end room-1 p1', 'renewal-end');
test(prints, 'record list room-1', 'record-list');
test(prints, 'record show s1', 'record-show');
test(prints, 'explain room-1', 'explain');
test(prints, 'receipt s1', 'receipt');
test(prints, 'ledger verify --database copy.db', 'ledger-verify');

test('a file that is no plan is refused before the agent is asked', async (t) => {
	const { config, directory } = await startAgent(t);
	const file = join(directory, 'plan.json');
	const added = async (text: string) => {
		writeFileSync(file, text);
		return run(`--config ${config} plan add ${file}`);
	};
	t.like(await run(`--config ${config} plan add ${file}`), { exitStatus: 3, out: '' });
	t.regex(
		(await added('{\n"name": "day",\n}')).error,
		/plan\.json, line 2, column 14 is not valid JSON: a comma stands after/,
	);
	t.regex((await added('[]')).error, /does not hold a JSON object/);
	const large = await added(`{${' '.repeat(16_384)}}`);
	t.regex(large.error, /has more than 16384 bytes/);
	t.is(large.exitStatus, 2);
});

test('names of stations never carry control characters to the terminal', async (t) => {
	const { config } = await startAgent(t);
	for (const line of ['station list', 'station list --json']) {
		const { out } = await run(`--config ${config} ${line}`);
		t.notRegex(out, /[^\P{C}\n]/u, line);
	}
	const { out } = await run(`--config ${config} station list --json`);
	t.is(JSON.parse(out)[0].name, 'phone\u001b[31m\u202e', 'a program gets the exact name');
});

const fails = test.macro({
	async exec(t, line: string, expected: { exitStatus: number; error: RegExp }) {
		const { exitStatus, out, error } = await run(line);
		t.is(exitStatus, expected.exitStatus);
		t.regex(error, expected.error);
		t.regex(error, /^octroi: .+\n {2}fix: .+\n$/s);
		t.is(out, '');
	},
	title: (_provided, line) => `refuses: octroi ${line}`,
});

test(fails, 'sttaus', { exitStatus: 2, error: /did you mean "octroi status"/ });
test(fails, 'account shwo x', { exitStatus: 2, error: /did you mean "octroi account show"/ });
test(fails, 'xyzzy', { exitStatus: 2, error: /octroi help lists/ });
test(fails, 'status --jsn', { exitStatus: 2, error: /did you mean --json/ });
test(fails, 'status --plan hour', { exitStatus: 2, error: /status has no option --plan/ });
test(fails, 'status --json=yes', { exitStatus: 2, error: /takes no value/ });
test(fails, 'status --config', { exitStatus: 2, error: /--config needs a value/ });
test(fails, 'status --config a --config b', { exitStatus: 2, error: /given twice/ });
test(fails, 'status extra', { exitStatus: 2, error: /does not take "extra"/ });
test(fails, 'account topup room-1', { exitStatus: 2, error: /needs --plan NAME/ });
test(fails, 'account topup', { exitStatus: 2, error: /needs ACCOUNT/ });
test(fails, 'account permit room-1 1.5 byte', { exitStatus: 2, error: /the amount "1.5" is not an amount/ });
test(fails, 'account permit room-1 5 bytes', { exitStatus: 2, error: /"byte" or "second" or "micro"/ });
test(fails, 'alert set room-1 low byte', { exitStatus: 2, error: /either --remaining or --percent/ });
test(fails, 'account create Room/1', { exitStatus: 2, error: /not an account id/ });
test(fails, 'account create \u001b[2J', { exitStatus: 2, error: /not an account id/ });
test(fails, 'station detach nonsense', { exitStatus: 2, error: /not a MAC address/ });
test(fails, 'station attach ff:ff:ff:ff:ff:ff a', { exitStatus: 2, error: /group/ });
test(fails, 'account history a --limit 1e3', { exitStatus: 2, error: /--limit/ });
test(fails, 'account history a --limit=-5', { exitStatus: 2, error: /--limit/ });
test(fails, 'status --config /nonexistent/config.json', { exitStatus: 2, error: /no such file/ });
test(fails, 'status --socket /nonexistent/status.sock', { exitStatus: 5, error: /no agent can be reached/ });
test(fails, 'agent --log-level loud', { exitStatus: 2, error: /"loud" is not/ });

test('an error of the agent ends with the status of its code', async (t) => {
	const { config } = await startAgent(t);
	const { exitStatus, error } = await run(`--config ${config} account show nobody`);
	t.is(exitStatus, 3);
	t.is(error, 'octroi: there is no account nobody\n  fix: create it\n');
});

test('with --json an error is JSON too', async (t) => {
	const { error, exitStatus } = await run('station detach nonsense --json');
	t.is(exitStatus, 2);
	t.is(JSON.parse(error).error.code, 'invalid_value');
});

test('a defect says so and ends with 70', async (t) => {
	const { exitStatus, error } = await run('ledger verify --database x', {
		verifyLedger: async () => {
			throw new TypeError('x is undefined');
		},
	});
	t.is(exitStatus, 70);
	t.regex(error, /a defect in octroi: TypeError/);
});

test('a broken ledger ends with 7 and names the first invariant', async (t) => {
	const checks = [{ name: 'no negative balance', ok: false, detail: 'room-1 has -1 byte' }];
	const { exitStatus, out } = await run('ledger verify --database x', {
		verifyLedger: async () => ({ ok: false, broken: 'no negative balance', checks }),
	});
	t.is(exitStatus, 7);
	t.regex(out, /BROKEN {2}no negative balance: room-1 has -1 byte\nthe ledger is broken: no negative balance/);
});

test('agent runs with the configuration that was named', async (t) => {
	const { config, directory } = await startAgent(t);
	const started: string[] = [];
	const { exitStatus } = await run(`agent --config ${config} --log-level debug`, {
		runAgent: async (options) => {
			started.push(`${options.config.control} ${options.logLevel}`);
		},
	});
	t.is(exitStatus, 0);
	t.deepEqual(started, [`${directory}/control.sock debug`]);
});

test('an agent that cannot start ends with the status of its code', async (t) => {
	const { config } = await startAgent(t);
	const { exitStatus, error } = await run(`agent --config ${config}`, {
		runAgent: async () => {
			throw new OctroiError('feature_missing', 'the kernel has no nf_tables', { fix: 'load nf_tables' });
		},
	});
	t.is(exitStatus, 6);
	t.regex(error, /load nf_tables/);
});

test('doctor fails only for what is needed', async (t) => {
	const { config } = await startAgent(t);
	const optional = {
		name: 'nft queue',
		ok: false,
		grade: 'optional' as const,
		detail: 'not in this kernel',
		fix: 'CONFIG_NFT_QUEUE',
	};
	const needed = { ...optional, name: 'nft quota', grade: 'must' as const, fix: 'CONFIG_NFT_QUOTA' };
	const better = { ...optional, name: 'room', grade: 'should' as const, fix: 'make room' };
	const fine = await run(`doctor --config ${config}`, { probeFeatures: async () => [optional, better] });
	t.is(fine.exitStatus, 0);
	t.regex(fine.out, /^should {3}room: not in this kernel\n {9}fix: make room$/m);
	t.regex(fine.out, /^should {3}warnings of the agent: the wall clock is not set$/m);
	t.regex(fine.out, /no {7}nft queue: not in this kernel\n {9}fix: CONFIG_NFT_QUEUE\n.*everything needed is there\n$/s);
	const bad = await run(`doctor --config ${config} --json`, { probeFeatures: async () => [optional, needed] });
	t.is(bad.exitStatus, 6);
	t.is(JSON.parse(bad.out).ok, false);
});

test('doctor works without a configuration', async (t) => {
	const { exitStatus, out } = await run('doctor --config /nonexistent --socket /nonexistent/status.sock');
	t.is(exitStatus, 0);
	t.regex(out, /no {7}configuration: .*no such file/);
});
