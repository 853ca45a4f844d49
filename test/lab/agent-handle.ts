import type { ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import type { AccountRow, StationRow } from './agent-answers.ts';
import { ControlClient } from './control-client.ts';
import { LEASES_FILE } from './dhcp-server.ts';
import type { Namespace } from './namespace/namespace.ts';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { GARDEN_IPV4, GARDEN_IPV6 } from './topology.ts';
import { HANG_MS, until } from './until.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/agent/main.js');
/** Far more than it takes: a virtual machine without hardware help is twenty times slower. */
const START_TIMEOUT_MS = HANG_MS;
const STATE_TIMEOUT_MS = HANG_MS;
const STOP_TIMEOUT_MS = HANG_MS;
const LOG_TAIL_CHARACTERS = 2000;

const MEBIBYTE = 1 << 20;

/** Top-level members of the agent's configuration that replace the lab's. */
export type AgentOverrides = Record<string, unknown>;

/** Of the agent's process, beside the lab's own. */
export type AgentEnvironment = Readonly<Record<string, string>>;

/** Plans that the scenarios buy; `fair` is for the demo. */
export const PLANS = [
	{ name: 'ten-mb', title: '10 MiB', bytes: 10 * MEBIBYTE, atEnd: 'block' },
	{ name: 'large', title: '1 GiB', bytes: 1024 * MEBIBYTE, atEnd: 'block' },
	{ name: 'huge', title: '1 TiB', bytes: 1024 * 1024 * MEBIBYTE, atEnd: 'block' },
	{ name: 'three-seconds', title: '3 seconds', seconds: 3, atEnd: 'block' },
	{
		name: 'fair',
		title: '10 MiB, then 2 Mbit/s',
		bytes: 10 * MEBIBYTE,
		atEnd: 'throttle',
		throttleBitsPerSecond: 2_000_000,
	},
];

/** Octroi's agent on the lab's router. One handle outlives kills and restarts; its database and configuration stay. */
export class AgentHandle {
	readonly directory: string;
	readonly configFile: string;
	readonly logFile: string;
	readonly database: string;
	readonly #router: Namespace;
	readonly #environment: AgentEnvironment;
	readonly controlPath: string;
	readonly statusPath: string;
	#child: ChildProcess | undefined;
	#control: ControlClient | undefined;

	constructor(router: Namespace, directory: string, overrides: AgentOverrides, environment: AgentEnvironment = {}) {
		this.#router = router;
		this.#environment = environment;
		this.directory = directory;
		this.configFile = join(directory, 'config.json');
		this.logFile = join(directory, 'agent.log');
		this.controlPath = join(directory, 'control.sock');
		this.statusPath = join(directory, 'status.sock');
		const config = { ...this.#config(), ...overrides };
		this.database = config.database as string;
		mkdirSync(directory, { recursive: true });
		writeFileSync(this.configFile, `${JSON.stringify(config, null, '\t')}\n`);
	}

	/** The process id, for /proc. */
	get pid(): number {
		const pid = this.#child?.pid;
		if (pid === undefined) throw new Error('the agent does not run');
		return pid;
	}

	/** Starts the process and waits until its control socket answers. Throws `internal` with the log's tail when it ends instead. */
	async start(): Promise<void> {
		// A socket that a killed agent left would refuse the first connection; the agent itself must cope with it, so it stays.
		const log = openSync(this.logFile, 'a');
		const child = this.#router.spawn(process.execPath, [PROGRAM, 'agent', '--config', this.configFile], {
			stdio: ['ignore', log, log],
			env: { ...process.env, ...this.#environment },
		});
		this.#child = child;
		await until('the agent to answer', START_TIMEOUT_MS, async () => {
			if (child.exitCode !== null || child.signalCode !== null) {
				throw new OctroiError('internal', `the agent ended at its start:\n${this.logTail()}`);
			}
			return await this.#tryConnect();
		}).catch((cause: Error) => {
			throw new OctroiError('internal', `${cause.message}\n${this.logTail()}`, { cause });
		});
	}

	/** Asks the control socket, see contract of commands; quicker than the CLI. */
	async ask<Answer = unknown>(command: string, commandArguments: object = {}): Promise<Answer> {
		if (this.#control === undefined) throw new OctroiError('agent_unreachable', 'the agent does not run');
		return (await this.#control.ask(command, commandArguments)) as Answer;
	}

	/** Runs the real CLI with `--json` and parses what it prints. */
	async octroi<Answer = unknown>(...words: string[]): Promise<Answer> {
		const text = await this.#router.run(process.execPath, [PROGRAM, '--config', this.configFile, ...words, '--json']);
		return JSON.parse(text) as Answer;
	}

	async account(id: string): Promise<AccountRow> {
		return await this.ask<AccountRow>('account.show', { account: id });
	}

	async stations(): Promise<StationRow[]> {
		return await this.ask<StationRow[]>('station.list');
	}

	/** Creates the account, buys the plan (unless `undefined`) and attaches the stations. */
	async admit(account: string, plan: string | undefined, macs: string[]): Promise<void> {
		await this.ask('account.create', { account });
		if (plan !== undefined) await this.topUp(account, plan);
		for (const mac of macs) await this.ask('station.attach', { mac, account });
	}

	async topUp(account: string, plan: string, transfer = `lab-${account}-${process.hrtime.bigint()}`): Promise<void> {
		await this.ask('account.topup', { account, plan, transfer });
	}

	/** Resolves when the station is in that state. */
	async reaches(mac: string, state: string): Promise<void> {
		await until(`${mac} to be ${state}`, STATE_TIMEOUT_MS, async () => {
			return (await this.stations()).some((row) => row.mac === mac && row.state === state);
		});
	}

	/** Resolves when it has read all counters once more, from the beginning to the end: what passed before is in what it says. */
	async sampled(): Promise<void> {
		const count = async () => (await this.ask<{ sample: { count: number } }>('status')).sample.count;
		const before = await count();
		await until('two more samples', STATE_TIMEOUT_MS, async () => (await count()) >= before + 2);
	}

	/** SIGKILL, or SIGSTOP and SIGCONT. After SIGKILL resolves when the process is gone. */
	async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
		const child = this.#child;
		if (child === undefined) return;
		const gone = signal === 'SIGKILL' && new Promise<void>((resolve) => child.once('exit', () => resolve()));
		child.kill(signal);
		if (gone === false) return;
		await gone;
		this.#forget();
	}

	/** Resolves when the agent has ended by itself. @returns its exit status */
	async ended(): Promise<number | null> {
		const child = this.#child;
		await until('the agent to end', STOP_TIMEOUT_MS, () => child?.exitCode !== null);
		this.#forget();
		return child?.exitCode ?? null;
	}

	/** Does the kernel say that it is stopped by a signal? */
	isStopped(): boolean {
		return /^State:\s+T/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
	}

	/** Ends it as an operator does (SIGTERM); after a bound by SIGKILL. Answers whether it went by itself with status 0. */
	async stop(): Promise<boolean> {
		const child = this.#child;
		if (child === undefined) return true;
		const status = await new Promise<number | null>((resolve) => {
			child.once('exit', resolve);
			child.kill('SIGCONT');
			child.kill('SIGTERM');
			setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS).unref();
		});
		this.#forget();
		return status === 0;
	}

	/** `octroi ledger verify` on the database itself: throws with its words when an invariant is broken. */
	async verifyLedger(): Promise<void> {
		await runProgram(process.execPath, [PROGRAM, 'ledger', 'verify', '--database', this.database, '--json']);
	}

	logTail(): string {
		return readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
	}

	async #tryConnect(): Promise<boolean> {
		try {
			const control = await ControlClient.connect(this.controlPath);
			await control.ask('ping');
			this.#control = control;
			return true;
		} catch {
			return false; // not yet: the socket is missing, or left over from the agent before
		}
	}

	#forget(): void {
		this.#control?.close();
		this.#control = undefined;
		this.#child = undefined;
	}

	#config(): Record<string, unknown> {
		return {
			version: 1,
			devices: { metered: ['br-lan'], free: [] },
			garden: { ipv4: [`${GARDEN_IPV4}/32`], ipv6: [`${GARDEN_IPV6}/128`] },
			grant: { bytesMin: MEBIBYTE, bytesMax: 64 * MEBIBYTE, seconds: 20 },
			sample: { intervalMs: 1000, commitIntervalMs: 300_000 },
			powerLoss: 'customer',
			// The clock of the machine is right, whether or not a time server has said so.
			clock: { believe: 'battery' },
			database: join(this.directory, 'ledger.db'),
			control: this.controlPath,
			status: this.statusPath,
			leases: LEASES_FILE,
			plans: PLANS,
		};
	}
}

let lastDirectory = 0;

/** A new agent with a directory (and so a database) of its own. */
export async function startAgent(
	router: Namespace,
	overrides: AgentOverrides,
	environment: AgentEnvironment = {},
): Promise<AgentHandle> {
	const directory = join(LAB_DIRECTORY, `agent-${++lastDirectory}`);
	rmSync(directory, { recursive: true, force: true });
	const agent = new AgentHandle(router, directory, overrides, environment);
	await agent.start();
	return agent;
}
