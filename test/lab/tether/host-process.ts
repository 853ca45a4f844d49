import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../namespace/namespace.ts';
import type { HostOrder } from './host.ts';

const PROGRAM = fileURLToPath(new URL('./host.js', import.meta.url));

/** The lab's handle for a machine that opens flows. */
export class HostProcess {
	readonly #child: ChildProcess;
	readonly #lines: AsyncIterator<string>;

	constructor(namespace: Namespace, device: string) {
		this.#child = namespace.spawn(process.execPath, [PROGRAM, device], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
	}

	async ready(): Promise<void> {
		if ((await this.#lines.next()).done) throw new Error('a machine of the lab did not start');
	}

	/** Resolves when it has been sent. */
	async order(order: HostOrder): Promise<void> {
		this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
		if ((await this.#lines.next()).done) throw new Error('a machine of the lab has ended');
	}

	async send(...frames: Buffer[]): Promise<void> {
		await this.order({ kind: 'frames', frames: frames.map((frame) => frame.toString('base64')) });
	}

	stop(): void {
		this.#child.kill('SIGKILL');
	}
}
