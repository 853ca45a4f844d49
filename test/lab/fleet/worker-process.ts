import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabasePlace } from '../../../carrier/database/open-database.ts';
import { newToken } from '../../../carrier/http/tokens.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import { HANG_MS, until } from '../until.ts';

const START_TIMEOUT_MS = HANG_MS;
const REPEATED = /^octroi_carrier_batches_total\{fate="repeated"\} (\d+)$/m;

/** A worker of the platform: the real program in a process of its own. */
export class WorkerProcess {
	readonly #child: ChildProcess;
	readonly #token: string;
	#said = '';

	private constructor(child: ChildProcess, token: string) {
		this.#child = child;
		this.#token = token;
		child.stdout?.on('data', (text) => {
			if (this.url === undefined) this.#said = `${this.#said}${text}`.slice(-100_000);
		});
	}

	/** @param options `directory`: of its files, with the signing keys in `keys` */
	static async start({
		directory,
		broker,
		place,
	}: {
		directory: string;
		broker: string;
		place: DatabasePlace;
	}): Promise<WorkerProcess> {
		const name = randomBytes(8).toString('hex');
		const config = join(directory, `config-${name}.json`);
		const tokens = join(directory, `tokens-${name}`);
		const token = newToken(tokens, 'lab', randomBytes);
		const settings = { version: 1, database: place, broker: { url: broker }, keys: join(directory, 'keys') };
		writeFileSync(config, JSON.stringify({ ...settings, http: { port: 0, tokens } }));
		// With its HTTP API, where its counters are read.
		const words = [join(PROJECT_ROOT, 'build/carrier/main.js'), 'serve', '--config', config];
		const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
		const worker = new WorkerProcess(child, token);
		await until('a worker to run', START_TIMEOUT_MS, () => {
			if (child.exitCode !== null) throw new Error(`the worker ended at its start: ${worker.#said.slice(-4000)}`);
			return worker.url !== undefined;
		});
		return worker;
	}

	get pid(): number {
		return this.#child.pid as number;
	}

	/** Of its API; its first words are followed by a line for each access point of an earlier run. */
	get url(): string | undefined {
		const line = this.#said.split('\n').find((each) => each.includes('"the platform runs"'));
		return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
	}

	/** Batches that it had already when they came. */
	async repeatedBatches(): Promise<number> {
		const headers = { authorization: `Bearer ${this.#token}` };
		const answer = await fetch(`${this.url}/metrics`, { headers });
		return Number(REPEATED.exec(await answer.text())?.[1] ?? 0);
	}

	async stop(): Promise<void> {
		const ended = new Promise((done) => this.#child.once('exit', done));
		this.#child.kill('SIGTERM');
		await ended;
	}
}
