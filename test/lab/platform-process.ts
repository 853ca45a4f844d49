import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { PROJECT_ROOT } from './project-root.ts';
import { HANG_MS, until } from './until.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/carrier/main.js');
/** In a namespace of its own any port is free. */
const PORT = 2080;
/** Whoever polls asks again. */
const PATIENCE_MS = 5000;
const START_TIMEOUT_MS = HANG_MS;

/** The reference platform as a process of its own: `octroi-carrier serve`. One handle outlives kills and restarts. */
export class PlatformProcess {
	readonly #configFile: string;
	readonly #logFile: string;
	#child: ChildProcess | undefined;
	#token = '';
	/** `NAME:KEY`, as an access point is configured with. */
	key = '';
	starts = 0;

	/** @param settings others of its configuration */
	constructor({ database, broker, settings = {} }: { database: string; broker: string; settings?: object }) {
		const directory = join(LAB_DIRECTORY, 'platform');
		mkdirSync(join(directory, 'keys'), { recursive: true });
		this.#configFile = join(directory, 'config.json');
		this.#logFile = join(directory, 'platform.log');
		const config = {
			version: 1,
			database: { url: database },
			broker: { url: broker },
			keys: join(directory, 'keys'),
			http: { port: PORT, tokens: join(directory, 'tokens') },
			logLevel: 'warn',
			...settings,
		};
		writeFileSync(this.#configFile, JSON.stringify(config));
		writeFileSync(join(directory, 'tokens'), '');
	}

	/** Makes a signing key and a token for the API. */
	async prepare(): Promise<void> {
		const made = await this.#cli<{ accessPointSetting: string }>('key', 'new', 'lab');
		this.key = made.accessPointSetting;
		this.#token = (await this.#cli<{ token: string }>('token', 'new', 'lab')).token;
	}

	async start(): Promise<void> {
		const log = openSync(this.#logFile, 'a');
		const child = spawn(process.execPath, [PROGRAM, 'serve', '--config', this.#configFile], {
			stdio: ['ignore', log, log],
		});
		this.#child = child;
		this.starts += 1;
		await until('the platform to answer', START_TIMEOUT_MS, async () => {
			if (child.exitCode !== null) throw new Error(`the platform ended at its start:\n${this.logTail()}`);
			// It may be killed while it starts.
			return child.signalCode !== null || (await this.#answers());
		});
	}

	get isRunning(): boolean {
		return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** In the middle of whatever it does. */
	async kill(): Promise<void> {
		const child = this.#child;
		if (child === undefined || child.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		child.kill('SIGKILL');
		await gone;
	}

	/** Asks the API. Throws while nobody answers; `patienceMs`: of somebody who will ask again. */
	async ask<Answer>(
		method: 'GET' | 'POST' | 'PUT' | 'DELETE',
		path: string,
		body?: unknown,
		{ patienceMs = HANG_MS } = {},
	): Promise<Answer> {
		const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
			method,
			headers: {
				authorization: `Bearer ${this.#token}`,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(patienceMs),
		});
		const answer = (await response.json()) as Answer;
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
		return answer;
	}

	logTail(): string {
		return readFileSync(this.#logFile, 'utf8').slice(-2000);
	}

	async #answers(): Promise<boolean> {
		try {
			await this.ask('GET', '/v1/plans', undefined, { patienceMs: PATIENCE_MS });
			return true;
		} catch {
			return false; // not yet
		}
	}

	async #cli<Answer>(...words: string[]): Promise<Answer> {
		return JSON.parse(await runProgram(process.execPath, [PROGRAM, ...words, '--config', this.#configFile])) as Answer;
	}
}
