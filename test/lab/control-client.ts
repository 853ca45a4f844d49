import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import { HANG_MS } from './until.ts';

/** One that is stopped does not answer at all. */
const ANSWER_TIMEOUT_MS = HANG_MS;

type Answer = { id: number; result?: unknown; error?: { code: string; message: string; fix?: string } };
type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void };

/** Speaks to the agent's control socket: one JSON object a line. Several requests may be under way at once. */
export class ControlClient {
	readonly #socket: Socket;
	readonly #waiting = new Map<number, Waiting>();
	#lastId = 0;

	private constructor(socket: Socket) {
		this.#socket = socket;
		const lines = createInterface({ input: socket });
		lines.on('line', (line) => this.#receive(JSON.parse(line) as Answer));
		lines.on('error', () => {}); // the socket's own, which it passes on
		socket.on('error', () => {}); // 'close' follows and tells those who wait
		socket.on('close', () => {
			const gone = new OctroiError('agent_unreachable', 'the control socket was closed');
			for (const { reject } of this.#waiting.values()) reject(gone);
			this.#waiting.clear();
		});
	}

	/** Throws the system's error when nobody listens. */
	static async connect(path: string): Promise<ControlClient> {
		const socket = connect(path);
		await new Promise<void>((resolve, reject) => {
			socket.once('connect', resolve);
			socket.once('error', reject);
		});
		return new ControlClient(socket);
	}

	/** Asks; throws an Error whose message starts with the agent's error code. */
	async ask(command: string, commandArguments: object = {}): Promise<unknown> {
		const id = ++this.#lastId;
		return await new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiting.delete(id);
				reject(new OctroiError('agent_unreachable', `no answer to ${command} in ${ANSWER_TIMEOUT_MS} ms`));
			}, ANSWER_TIMEOUT_MS);
			const settle =
				<Value>(call: (value: Value) => void) =>
				(value: Value) => {
					clearTimeout(timer);
					call(value);
				};
			this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
			this.#socket.write(`${JSON.stringify({ id, command, arguments: commandArguments })}\n`);
		});
	}

	close(): void {
		this.#socket.destroy();
	}

	#receive(answer: Answer): void {
		const waiting = this.#waiting.get(answer.id);
		if (waiting === undefined) return; // the greeting
		this.#waiting.delete(answer.id);
		if (answer.error === undefined) waiting.resolve(answer.result);
		else waiting.reject(new Error(`${answer.error.code}: ${answer.error.message}`));
	}
}
