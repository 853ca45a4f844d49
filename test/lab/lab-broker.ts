import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from './namespace/namespace.ts';
import { LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';
import { HANG_MS, until } from './until.ts';

const START_TIMEOUT_MS = HANG_MS;
/** In a namespace of its own any port is free. */
const PORT = 1883;

/**
 * Mosquitto on the router, as if the carrier were there: on its loopback for the agent, and on a Unix socket for the platform, which
 * lives outside of the lab's network. What clients that are away shall get is kept over its death.
 */
export class LabBroker {
	readonly url = `mqtt://127.0.0.1:${PORT}`;
	/** For a platform that is not in the namespace. */
	readonly socketUrl: string;
	readonly socketPath: string;
	readonly #space: Namespace | undefined;
	readonly #directory: string;
	#child: ChildProcess | undefined;

	/** @param space absent: the lab's own, outside of its network */
	constructor(space?: Namespace) {
		this.#space = space;
		this.#directory = join(LAB_DIRECTORY, 'broker');
		this.socketPath = join(this.#directory, 'broker.sock');
		this.socketUrl = `mqtt+unix://${this.socketPath}`;
		mkdirSync(this.#directory, { recursive: true, mode: 0o777 });
	}

	async start(): Promise<this> {
		const path = join(this.#directory, 'mosquitto.conf');
		const socket = this.socketPath;
		rmSync(socket, { force: true });
		const lines = [
			...['log_dest stderr', 'user root', 'allow_anonymous true', 'set_tcp_nodelay true'],
			...['persistence true', `persistence_location ${this.#directory}/`, 'autosave_interval 1'],
			...['autosave_on_changes true', 'max_queued_messages 0', 'max_inflight_messages 0'],
			...[`listener ${PORT} 127.0.0.1`, `listener 0 ${socket}`],
		];
		writeFileSync(path, lines.join('\n'));
		const run = (program: string, words: string[]) => this.#space?.run(program, words) ?? runProgram(program, words);
		await run('ip', ['link', 'set', 'lo', 'up']);
		const options: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe'] };
		const child = this.#space?.spawn('mosquitto', ['-c', path], options) ?? spawn('mosquitto', ['-c', path], options);
		this.#child = child;
		let said = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			said = `${said}${chunk}`.slice(-2000);
		});
		await until('the broker to run', START_TIMEOUT_MS, () => {
			if (child.exitCode !== null) throw new Error(`the broker ended at its start: ${said}`);
			return said.includes(' running');
		});
		return this;
	}

	/** Without a word to anybody. */
	async kill(): Promise<void> {
		const child = this.#child;
		if (child === undefined) return;
		this.#child = undefined;
		const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		child.kill('SIGKILL');
		await gone;
	}
}
