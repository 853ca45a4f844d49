import { createServer, type Server, type Socket } from 'node:net';
import { type CharacterDisplay, encodeServerMessage, type ServerMessage } from '../../../ui/lcdproc/server-message.ts';
import { decodeWords } from '../../../ui/lcdproc/words.ts';

/** The server's side of the protocol on a real socket: answers as LCDd does, and keeps what it was told. */
export class FakeLcdd {
	readonly #display: CharacterDisplay;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** Every command but `hello` and `noop`, as read. */
	readonly commands: string[][] = [];
	/** Answers nothing: a process that was stopped. */
	isFrozen = false;
	#waiting: { check: () => boolean; resolve: () => void }[] = [];

	constructor(display: CharacterDisplay) {
		this.#display = display;
		this.#server = createServer((socket) => this.#serve(socket));
	}

	/** Port 0 takes a free one. */
	async start(port = 0): Promise<number> {
		await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
		return (this.#server.address() as { port: number }).port;
	}

	async stop(): Promise<void> {
		for (const socket of this.#sockets) {
			socket.destroy();
		}
		await new Promise((resolve) => this.#server.close(resolve));
	}

	send(message: ServerMessage): void {
		for (const socket of this.#sockets) {
			socket.write(`${encodeServerMessage(message)}\n`);
		}
	}

	/** Resolves as soon as a command of these words has come. */
	async told(...words: string[]): Promise<void> {
		await this.until(() => this.commands.some((command) => words.every((word, index) => command[index] === word)));
	}

	async until(check: () => boolean): Promise<void> {
		if (!check()) {
			await new Promise<void>((resolve) => this.#waiting.push({ check, resolve }));
		}
	}

	#serve(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		let rest = '';
		socket.setEncoding('latin1');
		socket.on('data', (text: string) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop() as string;
			for (const line of lines) {
				const answer = this.#answer(decodeWords(line) ?? []);
				if (!this.isFrozen) {
					socket.write(`${encodeServerMessage(answer)}\n`);
				}
			}
			this.#waiting = this.#waiting.filter(({ check, resolve }) => {
				const isDone = check();
				if (isDone) {
					resolve();
				}
				return !isDone;
			});
		});
	}

	#answer(words: string[]): ServerMessage {
		if (words[0] === 'hello') {
			return { kind: 'connect', version: '0.5.9', protocol: '0.3', display: this.#display };
		}
		if (words[0] === 'noop') {
			return { kind: 'noop' };
		}
		this.commands.push(words);
		return words[2] === 'refused' ? { kind: 'huh', text: 'Invalid' } : { kind: 'success' };
	}
}
