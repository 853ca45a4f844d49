import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../namespace/namespace.ts';

const FORWARDER = fileURLToPath(new URL('./forwarder.js', import.meta.url));
const PORT = 1883;

/** A way from a namespace's loopback to a broker's Unix socket: what an uplink is to a router, or a carrier's network to its platform. */
export class BrokerWay {
	readonly url = `mqtt://127.0.0.1:${PORT}`;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess) {
		this.#child = child;
	}

	/** @param space absent: the lab's own */
	static async open(socket: string, space?: Pick<Namespace, 'spawn'>): Promise<BrokerWay> {
		const words = [FORWARDER, String(PORT), socket];
		const options = { stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] };
		const child = space?.spawn(process.execPath, words, options) ?? spawn(process.execPath, words, options);
		await once(child.stdout as NodeJS.ReadableStream, 'data');
		return new BrokerWay(child);
	}

	/** Without a word to anybody. */
	close(): void {
		this.#child.kill('SIGKILL');
	}
}
