import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../namespace/namespace.ts';
import type { Probe, ProbeAnswer } from './client.ts';

const CLIENT = fileURLToPath(new URL('./client.js', import.meta.url));
const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));

/** The lab's handle for a browser in a namespace; it keeps its last connection. */
export class Browser {
	readonly #child: ChildProcess;
	readonly #lines: AsyncIterator<string>;

	constructor(namespace: Namespace) {
		this.#child = namespace.spawn(process.execPath, [CLIENT], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
	}

	async probe(probe: Probe): Promise<ProbeAnswer> {
		this.#child.stdin?.write(`${JSON.stringify(probe)}\n`);
		return JSON.parse((await this.#lines.next()).value) as ProbeAnswer;
	}

	stop(): void {
		this.#child.kill('SIGKILL');
	}
}

/** Starts a web server that answers with `word`, and waits until it listens. */
export async function startWebServer(namespace: Namespace, port: number, word: string): Promise<ChildProcess> {
	const child = namespace.spawn(process.execPath, [SERVER, String(port), word], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	await once(child.stdout as NodeJS.ReadableStream, 'data');
	return child;
}
