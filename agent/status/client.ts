import { connect, type Socket } from 'node:net';
import { ERROR_CODES, type ErrorCode } from '../core/error-codes.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { ArgumentsOf, CommandName, ResultOf } from './commands.ts';
import { ANSWER_BYTES_MAX, ANSWER_TIMEOUT_MS, GREETING_TIMEOUT_MS } from './limits.ts';
import { PROTOCOL_VERSION } from './protocol.ts';

export type ClientOptions = {
	path: string;
	/** Default {@link GREETING_TIMEOUT_MS}. */
	greetingTimeoutMs?: number;
	/** Default {@link ANSWER_TIMEOUT_MS}. */
	answerTimeoutMs?: number;
};

/** A client of the status socket: one request at a time. */
export class StatusClient {
	readonly #options: ClientOptions;
	#socket: Socket | undefined;
	#lines: AsyncGenerator<unknown, void> | undefined;
	#requestCount = 0;

	constructor(options: ClientOptions) {
		this.#options = options;
	}

	/** @throws OctroiError `agent_unreachable`, `permission_denied` */
	async start(): Promise<void> {
		const socket = connect(this.#options.path);
		this.#socket = socket;
		this.#lines = readLines(socket);
		const greeting = await this.#next(this.#options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS, 'greet');
		throwRefusal(greeting);
		const { octroi, version } = greeting as { octroi?: unknown; version?: unknown };
		if (octroi !== 'status' || version !== PROTOCOL_VERSION) {
			throw this.#unreachable(
				'something else than an agent of this version answers',
				'name the right socket with --socket PATH',
			);
		}
	}

	stop(): void {
		this.#socket?.destroy();
		this.#socket = undefined;
	}

	/** @throws OctroiError with the agent's code; `agent_unreachable` when it goes away or does not answer in time */
	async request<Name extends CommandName>(command: Name, given: ArgumentsOf<Name>): Promise<ResultOf<Name>> {
		this.#requestCount += 1;
		const id = this.#requestCount;
		this.#socket?.write(`${JSON.stringify({ id, command, arguments: given })}\n`);
		const answer = await this.#next(this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, `answer ${command}`);
		throwRefusal(answer);
		if ((answer as { id?: unknown }).id !== id) {
			throw this.#unreachable('it answered another request than ours', 'try again');
		}
		return (answer as { result: ResultOf<Name> }).result;
	}

	/**
	 * The next event of the stream that `watch` has begun.
	 *
	 * @throws OctroiError `agent_unreachable` when the agent goes away, or is silent for the time an answer may take
	 */
	async nextEvent(): Promise<object> {
		const event = await this.#next(this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, 'send an event');
		throwRefusal(event);
		return event;
	}

	async #next(timeoutMs: number, what: string): Promise<object> {
		if (this.#lines === undefined) {
			throw this.#unreachable('the client is not connected', 'call start first');
		}
		const timeout = Symbol('timeout');
		let timer: NodeJS.Timeout | undefined;
		const expired = new Promise<typeof timeout>((resolve) => {
			timer = setTimeout(() => resolve(timeout), timeoutMs);
		});
		try {
			const answer = await Promise.race([this.#lines.next(), expired]);
			if (answer === timeout) {
				throw this.#unreachable(
					`it did not ${what} within ${timeoutMs} ms`,
					"look at the agent's log; restart it if it hangs",
				);
			}
			if (answer.done) {
				throw this.#unreachable('it closed the connection', "look at the agent's log");
			}
			if (typeof answer.value !== 'object' || answer.value === null) {
				throw this.#unreachable('it sent something that is not an answer', 'name the right socket with --socket PATH');
			}
			return answer.value;
		} catch (error) {
			this.stop();
			throw this.#explain(error);
		} finally {
			clearTimeout(timer);
		}
	}

	#explain(error: unknown): unknown {
		const code = (error as NodeJS.ErrnoException).code ?? '';
		if (error instanceof OctroiError) {
			return error;
		}
		if (code === 'EACCES' || code === 'EPERM') {
			return new OctroiError('permission_denied', `this user may not use the socket ${this.#options.path}`, {
				fix: 'run the command as root or as the user that the agent runs as; to look only, join the group of `statusGroup`',
				cause: error,
			});
		}
		const reasons: Record<string, string> = { ENOENT: 'there is no such socket', ECONNREFUSED: 'nobody listens on it' };
		return this.#unreachable(reasons[code] ?? String(error), 'start it with: octroi agent --config FILE', error);
	}

	#unreachable(reason: string, fix: string, cause?: unknown): OctroiError {
		const message = `no agent can be reached on ${this.#options.path}: ${reason}`;
		return new OctroiError('agent_unreachable', message, { fix, cause });
	}
}

/** Connects, asks once, disconnects. */
export async function askAgent<Name extends CommandName>(
	options: ClientOptions,
	command: Name,
	given: ArgumentsOf<Name>,
): Promise<ResultOf<Name>> {
	const client = new StatusClient(options);
	try {
		await client.start();
		return await client.request(command, given);
	} finally {
		client.stop();
	}
}

async function* readLines(socket: Socket): AsyncGenerator<unknown, void> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of socket as AsyncIterable<Buffer>) {
		let rest = chunk;
		for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
			parts.push(rest.subarray(0, end));
			const line = Buffer.concat(parts).toString('utf8');
			parts.length = 0;
			bytes = 0;
			rest = rest.subarray(end + 1);
			yield JSON.parse(line);
		}
		parts.push(rest);
		bytes += rest.length;
		if (bytes > ANSWER_BYTES_MAX) {
			throw new Error(`it sent a line of more than ${ANSWER_BYTES_MAX} bytes`);
		}
	}
}

function throwRefusal(answer: object): void {
	const { error } = answer as { error?: { code?: unknown; message?: unknown; fix?: unknown } };
	if (typeof error !== 'object' || error === null) {
		return;
	}
	const known = typeof error.code === 'string' && Object.hasOwn(ERROR_CODES, error.code);
	throw new OctroiError(known ? (error.code as ErrorCode) : 'internal', String(error.message), {
		...(typeof error.fix === 'string' ? { fix: error.fix } : {}),
	});
}
