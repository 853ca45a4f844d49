import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';
import type { Station } from './station.ts';
import { HANG_MS, until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('./traffic/beat.js', import.meta.url));
const PORT = '5999';
const START_TIMEOUT_MS = HANG_MS;

type Heard = { readonly sentMs: number; readonly heardMs: number };

/** A datagram a millisecond from a station to its server: says when packets began to pass, and when they stopped. */
export class Beat {
	readonly #sender: ChildProcess;
	readonly #hearer: ChildProcess;
	readonly #heard: Heard[] = [];
	#rest = '';
	#isReady = false;

	private constructor(lab: Lab, station: Station) {
		const server = station.server('ipv4');
		this.#hearer = lab.internet.spawn(process.execPath, [PROGRAM, 'hear', server, PORT], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		this.#hearer.stdout?.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
		this.#sender = station.namespace.spawn(process.execPath, [PROGRAM, 'send', server, PORT], { stdio: 'ignore' });
	}

	static async start(lab: Lab, station: Station): Promise<Beat> {
		const beat = new Beat(lab, station);
		await until('the beat to be heard from', START_TIMEOUT_MS, () => beat.#isReady);
		return beat;
	}

	stop(): void {
		this.#sender.kill('SIGKILL');
		this.#hearer.kill('SIGKILL');
	}

	/** When the first datagram that was sent after a moment arrived. */
	async firstAfter(ms: number, timeoutMs: number): Promise<number> {
		let found: Heard | undefined;
		await until('a datagram to pass', timeoutMs, () => {
			found = this.#heard.find(({ heardMs, sentMs }) => heardMs >= ms && sentMs >= ms);
			return found !== undefined;
		});
		return (found as Heard).heardMs;
	}

	/** When the last datagram arrived, after none has for so long. */
	async lastBefore(quietMs: number, timeoutMs: number): Promise<number> {
		await until('the datagrams to stop', timeoutMs, () => {
			const last = this.#heard.at(-1);
			return last === undefined || now() - last.heardMs >= quietMs;
		});
		return this.#heard.at(-1)?.heardMs ?? 0;
	}

	/** How many arrived after a moment. */
	countAfter(ms: number): number {
		return this.#heard.filter(({ heardMs }) => heardMs >= ms).length;
	}

	#hear(text: string): void {
		const lines = `${this.#rest}${text}`.split('\n');
		this.#rest = lines.pop() ?? '';
		for (const line of lines) {
			if (line === 'ready') this.#isReady = true;
			const [sentMs, heardMs] = line.split(' ').map(Number);
			if (sentMs !== undefined && heardMs !== undefined) this.#heard.push({ sentMs, heardMs });
		}
	}
}

/** The clock of the beat. */
export function now(): number {
	return Number(process.hrtime.bigint() / 1000n) / 1000;
}
