import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { METRICS_CONTENT_TYPE } from './metrics-text.ts';

/** Prometheus keeps one connection; a few more are people with a browser. */
const CONNECTIONS_MAX = 8;
/** A scraper's headers are a few hundred bytes. */
const HEADER_BYTES_MAX = 8 * 1024;
/** From the connection to the end of the headers, and of the whole request: who sends byte by byte is cut off. */
const REQUEST_TIMEOUT_MS = 5000;
/** A scraper that does not read is cut off too. */
const IDLE_TIMEOUT_MS = 10_000;
const CHECK_INTERVAL_MS = 1000;

export type MetricsServerOptions = {
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
	/** What a scrape answers. */
	readonly text: () => string;
	readonly log: Log;
	/** Default {@link REQUEST_TIMEOUT_MS}. */
	readonly requestTimeoutMs?: number;
};

/** Answers `GET /metrics`, and nothing else. */
export class MetricsServer {
	readonly #options: MetricsServerOptions;
	#server: Server | undefined;
	/** The oldest first. */
	readonly #sockets = new Set<Socket>();

	constructor(options: MetricsServerOptions) {
		this.#options = options;
	}

	/** @throws OctroiError `invalid_value` if the address cannot be listened on */
	async start(): Promise<void> {
		const timeoutMs = this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
		const server = createServer(
			{
				maxHeaderSize: HEADER_BYTES_MAX,
				headersTimeout: timeoutMs,
				requestTimeout: timeoutMs,
				connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, timeoutMs),
				keepAliveTimeout: IDLE_TIMEOUT_MS,
			},
			(request, response) => this.#answer(request, response),
		);
		server.on('connection', (socket) => this.#connected(socket));
		server.timeout = IDLE_TIMEOUT_MS;
		await listening(server, this.#options);
		server.on('error', (error) => this.#options.log.error({ error }, 'the metrics server failed'));
		this.#server = server;
	}

	/** Where it listens, once started. */
	get port(): number {
		return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
	}

	/** May be called twice. */
	async stop(): Promise<void> {
		const server = this.#server;
		if (server === undefined) return;
		this.#server = undefined;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeAllConnections();
		await closed;
	}

	/** Whoever connects and says nothing keeps nobody out: the oldest connection makes room. */
	#connected(socket: Socket): void {
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		const [oldest] = this.#sockets;
		if (this.#sockets.size <= CONNECTIONS_MAX || oldest === undefined) return;
		this.#sockets.delete(oldest);
		oldest.destroy();
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const { status, type, text } = this.#answerTo(request);
		// What a client that was refused still sends is not read.
		const connection = status === 200 ? {} : { Connection: 'close' };
		response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), ...connection });
		response.end(request.method === 'HEAD' ? undefined : text);
	}

	#answerTo({ url = '', method }: IncomingMessage): { status: number; type: string; text: string } {
		if (url.split('?')[0] !== '/metrics') return refusal(404, 'the metrics are at /metrics');
		if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'only GET');
		try {
			return { status: 200, type: METRICS_CONTENT_TYPE, text: this.#options.text() };
		} catch (error) {
			this.#options.log.error({ error }, 'the metrics could not be read');
			return refusal(500, "the agent's log says why");
		}
	}
}

function refusal(status: number, reason: string): { status: number; type: string; text: string } {
	return { status, type: 'text/plain', text: `${reason}\n` };
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (cause: NodeJS.ErrnoException) => {
			const message = `cannot listen for metrics on ${host}, port ${port}: ${cause.code ?? cause.message}`;
			const fix = 'configure `metrics.listen` with an address of this router and a free port, or "off"';
			reject(new OctroiError('invalid_value', message, { fix, cause }));
		});
		server.listen({ host, port }, () => {
			server.removeAllListeners('error');
			resolve();
		});
	});
}
