import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut: connections end without a word, and no new one is made until it is healed. */
export class CutProxy {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#isCut = false;
	cuts = 0;

	private constructor(port: number) {
		this.#server = createServer((near) => {
			if (this.#isCut) return near.destroy();
			const far = connect(port, '127.0.0.1');
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				this.#sockets.add(one);
				one.pipe(other);
				one.on('error', () => other.destroy());
				one.on('close', () => {
					this.#sockets.delete(one);
					other.destroy();
				});
			}
			return undefined;
		});
	}

	/** @param socket absent: a free port of loopback; else a Unix socket, for who has no network in common with us */
	static async start(port: number, socket?: string): Promise<CutProxy> {
		const proxy = new CutProxy(port);
		await new Promise<void>((resolve) => {
			if (socket === undefined) proxy.#server.listen(0, '127.0.0.1', () => resolve());
			else proxy.#server.listen(socket, () => resolve());
		});
		return proxy;
	}

	get url(): string {
		return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	cut(): void {
		this.#isCut = true;
		this.cuts += 1;
		for (const socket of this.#sockets) socket.destroy();
	}

	heal(): void {
		this.#isCut = false;
	}

	stop(): void {
		this.cut();
		this.#server.close();
	}
}
