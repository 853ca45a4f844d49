import { connect, type Socket } from 'node:net';

/** What a server said to one request. `status` 0: it closed without a word. */
export type HttpAnswer = { status: number; head: string; body: string; closed: boolean };

/** One TCP connection on which requests are written as they are, so that they can be wrong too. */
export class HttpClient {
	readonly #socket: Socket;
	#received = '';
	#closed = false;
	#wake: () => void = () => undefined;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.setEncoding('latin1');
		socket.on('data', (text) => {
			this.#received += text;
			this.#wake();
		});
		const closed = () => {
			this.#closed = true;
			this.#wake();
		};
		socket.on('error', closed);
		socket.on('close', closed);
	}

	static async open(to: { host: string; port: number; localAddress?: string }): Promise<HttpClient> {
		const socket = connect(to);
		const client = new HttpClient(socket);
		await new Promise<void>((resolve) => {
			socket.once('connect', () => resolve());
			socket.once('error', () => resolve());
		});
		return client;
	}

	get isClosed(): boolean {
		return this.#closed;
	}

	write(text: string): void {
		if (!this.#closed) this.#socket.write(text, 'latin1');
	}

	/** One whole answer, by its Content-Length; or what came until the connection was closed. */
	async answer(): Promise<HttpAnswer> {
		for (;;) {
			const end = this.#received.indexOf('\r\n\r\n');
			if (end >= 0) {
				const head = this.#received.slice(0, end);
				const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
				const body = this.#received.slice(end + 4, end + 4 + length);
				if (body.length === length || this.#closed) {
					this.#received = this.#received.slice(end + 4 + length);
					return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body, closed: this.#closed };
				}
			}
			if (this.#closed) return { status: 0, head: '', body: '', closed: true };
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	/** Resolves when the other side has closed it. */
	async closed(): Promise<void> {
		while (!this.#closed) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	stop(): void {
		this.#socket.destroy();
	}
}

export function getText(path: string, host: string): string {
	return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept-Language: en\r\n\r\n`;
}

export function postText(path: string, host: string, fields: Record<string, string>): string {
	const body = new URLSearchParams(fields).toString();
	return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept-Language: en\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** The token of the form that leads to `action`. */
export function tokenOf(page: string, action: string): string {
	const form = page.slice(page.indexOf(`action="${action}"`));
	const token = /name="token" value="([^"]+)"/.exec(form)?.[1];
	if (token === undefined) throw new Error(`the page has no form for ${action}`);
	return token;
}
