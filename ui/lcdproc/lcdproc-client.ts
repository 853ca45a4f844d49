import { connect, type Socket } from 'node:net';
import { type Command, type Screen, screenCommands } from './screen.ts';
import { type CharacterDisplay, decodeServerMessage, type ServerMessage } from './server-message.ts';
import { encodeWords, LINE_BYTES_MAX } from './words.ts';

/** LCDd answers within a tick of 1/8 s; a slow serial display holds it up for longer. */
const ANSWER_TIMEOUT_MS = 10_000;
const RECONNECT_MIN_MS = 1000;
const RECONNECT_MAX_MS = 30_000;

export type LcdprocClientOptions = {
	host: string;
	port: number;
	/** As LCDd's menu shows us. */
	name: string;
	/** Keys that we want while one of our screens is seen; which there are depends on the device. */
	keys: readonly string[];
	timers: { after(delayMs: number, call: () => void): () => void };
	/** Connected: the size of the display. It may differ from the one before. */
	onDisplay(display: CharacterDisplay): void;
	onKey?(key: string): void;
	/** Connection lost or not to be had, and why; it is tried again. */
	onLost?(reason: string): void;
	/** LCDd refused a command. */
	onRefused?(text: string): void;
};

/**
 * A client of LCDd that keeps the screens that it is told on the display, whatever happens to LCDd.
 * At most one batch of commands is under way: a slow display gets the newest state, never a backlog.
 */
export class LcdprocClient {
	readonly #options: LcdprocClientOptions;
	#socket: Socket | undefined;
	#state: 'stopped' | 'waiting' | 'greeting' | 'busy' | 'idle' = 'stopped';
	#wanted: readonly Screen[] = [];
	/** What LCDd has been told on this connection. */
	#told: readonly Screen[] = [];
	#reconnectMs = RECONNECT_MIN_MS;
	#cancelTimer: () => void = () => undefined;
	/** Bytes sent to LCDd since the start. */
	sentBytes = 0;

	constructor(options: LcdprocClientOptions) {
		this.#options = options;
	}

	start(): void {
		if (this.#state === 'stopped') {
			this.#connect();
		}
	}

	stop(): void {
		this.#state = 'stopped';
		this.#cancelTimer();
		this.#socket?.destroy();
		this.#socket = undefined;
	}

	/** Replaces all screens, now or as soon as LCDd is there. */
	show(screens: readonly Screen[]): void {
		this.#wanted = screens;
		if (this.#state === 'idle') {
			this.#flush();
		}
	}

	#connect(): void {
		const socket = connect({ host: this.#options.host, port: this.#options.port, noDelay: true });
		this.#socket = socket;
		this.#state = 'greeting';
		this.#told = [];
		this.#expectAnswer('greet');
		let rest = '';
		socket.setEncoding('latin1');
		socket.on('connect', () => this.#write([['hello']]));
		socket.on('data', (text: string) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop() as string;
			for (const line of lines) {
				if (this.#socket === socket) {
					this.#receive(decodeServerMessage(line.replace(/\0/g, '')));
				}
			}
			if (rest.length > LINE_BYTES_MAX) {
				this.#lose(socket, 'it sends something that is not LCDproc');
			}
		});
		socket.on('error', (error: NodeJS.ErrnoException) => this.#lose(socket, error.code ?? error.message));
		socket.on('close', () => this.#lose(socket, 'it closed the connection'));
	}

	#receive(message: ServerMessage): void {
		switch (message.kind) {
			case 'connect':
				if (this.#state === 'greeting') {
					this.#greeted(message.display);
				}
				return;
			case 'noop':
				this.#cancelTimer();
				this.#state = 'idle';
				this.#flush();
				return;
			case 'key':
				this.#options.onKey?.(message.key);
				return;
			case 'huh':
				this.#options.onRefused?.(message.text);
				return;
			case 'bye':
				this.#lose(this.#socket, 'it is going down');
				return;
			default:
		}
	}

	#greeted(display: CharacterDisplay): void {
		this.#reconnectMs = RECONNECT_MIN_MS;
		this.#cancelTimer();
		// The owner may call show() from here: it must not send before our name is known.
		this.#state = 'busy';
		this.#options.onDisplay(display);
		if (this.#state === 'busy') {
			const keys = this.#options.keys.map((key) => ['client_add_key', '-shared', key]);
			this.#send([['client_set', '-name', this.#options.name], ...keys]);
		}
	}

	#flush(): void {
		const commands = screenCommands(this.#told, this.#wanted);
		this.#told = this.#wanted;
		if (commands.length > 0) {
			this.#send(commands);
		}
	}

	/** The `noop` at the end says when LCDd has read all of it. */
	#send(commands: readonly Command[]): void {
		this.#state = 'busy';
		this.#expectAnswer('answer');
		this.#write([...commands, ['noop']]);
	}

	#write(commands: readonly Command[]): void {
		const text = commands.map((words) => `${encodeWords(words)}\n`).join('');
		this.sentBytes += text.length;
		this.#socket?.write(text, 'latin1');
	}

	#expectAnswer(what: string): void {
		this.#cancelTimer();
		const socket = this.#socket;
		this.#cancelTimer = this.#options.timers.after(ANSWER_TIMEOUT_MS, () => {
			this.#lose(socket, `it did not ${what} within ${ANSWER_TIMEOUT_MS} ms`);
		});
	}

	#lose(socket: Socket | undefined, reason: string): void {
		if (socket === undefined || socket !== this.#socket) {
			return;
		}
		this.#socket = undefined;
		socket.destroy();
		this.#cancelTimer();
		this.#state = 'waiting';
		const delayMs = this.#reconnectMs;
		this.#reconnectMs = Math.min(delayMs * 2, RECONNECT_MAX_MS);
		this.#cancelTimer = this.#options.timers.after(delayMs, () => this.#connect());
		this.#options.onLost?.(reason);
	}
}
