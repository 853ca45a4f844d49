import { readFileSync } from 'node:fs';
import {
	createServer as createHttpServer,
	type IncomingMessage,
	type Server,
	type ServerOptions,
	type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { FairBucket } from '../core/fair-bucket.ts';
import type { Log } from '../core/log.ts';
import type { Standing } from '../core/standing.ts';
import type { MacAddress } from '../core/units.ts';
import { type Answer, json, type StreamAnswer, send } from './answer.ts';
import { ConnectionTable } from './connection-table.ts';
import {
	ALL_REQUESTS_BURST,
	ALL_REQUESTS_PER_SECOND,
	CONNECTIONS_ENDING_MAX,
	CONNECTIONS_MAX,
	CONNECTIONS_PER_STATION_MAX,
	HEADER_BYTES_MAX,
	HEADERS_COUNT_MAX,
	HEADERS_TIMEOUT_MS,
	KEEP_ALIVE_TIMEOUT_MS,
	RATED_STATIONS_MAX,
	REQUEST_TIMEOUT_MS,
	REQUESTS_BURST,
	REQUESTS_PER_CONNECTION_MAX,
	REQUESTS_PER_SECOND,
	TIMEOUT_CHECK_INTERVAL_MS,
} from './limits.ts';
import { LiveStreams } from './live-streams.ts';
import type { Portal } from './portal.ts';
import { RequestRate } from './request-rate.ts';
import { plainAddress } from './request-target.ts';

/** Another program may hold the port for a while; metering does not wait for it. */
const LISTEN_RETRY_MS = 5000;
const SECONDS_PER_HOUR = 3600;

export type PortalServerOptions = {
	readonly portal: Portal;
	/** IP addresses. */
	readonly listen: readonly string[];
	readonly port: number;
	/** Paths of PEM files. */
	readonly secure: { readonly port: number; readonly certificate: string; readonly key: string } | undefined;
	/** Whose budgets the other end of a socket spends, as far as it is known at once; says nothing of who it is. */
	readonly find: (remote: string) => MacAddress | undefined;
	readonly standing: (mac: MacAddress) => Standing;
	readonly clock: Clock;
	readonly log: Log;
	/** Why it does not listen; undefined: it does. */
	readonly onProblem: (sentence: string | undefined) => void;
};

type Listening = { server: Server; cancelRetry?: () => void };

/** The sockets of the portal, and everything that bounds what one client, or all of them, can take of it. */
export class PortalServer {
	readonly #options: PortalServerOptions;
	readonly #answering = new WeakSet<Socket>();
	readonly #connections = new ConnectionTable<Socket>({
		perHolderMax: CONNECTIONS_PER_STATION_MAX,
		totalMax: CONNECTIONS_MAX,
		isBusy: (socket) => this.#answering.has(socket),
	});
	readonly #allRequests = new FairBucket({
		burst: ALL_REQUESTS_BURST,
		perHour: ALL_REQUESTS_PER_SECOND * SECONDS_PER_HOUR,
	});
	readonly #rate = new RequestRate({
		burst: REQUESTS_BURST,
		perSecond: REQUESTS_PER_SECOND,
		addressesMax: RATED_STATIONS_MAX,
	});
	readonly #streams: LiveStreams;
	readonly #listening: Listening[] = [];
	readonly #sockets = new Set<Socket>();
	/** What does not work now, by what it is. */
	readonly #problems = new Map<string, string>();
	#refused = 0;
	#isStopped = false;

	constructor(options: PortalServerOptions) {
		this.#options = options;
		this.#streams = new LiveStreams(options);
	}

	/** Listens where it can. What it cannot is said, and tried again: the meter runs whether the portal does or not. */
	async start(): Promise<void> {
		const { listen, port, secure, log } = this.#options;
		for (const address of listen) {
			await this.#listen(() => createHttpServer(SERVER_OPTIONS), { address, port, isSecure: false });
			if (secure === undefined) continue;
			try {
				const tls = { cert: readFileSync(secure.certificate), key: readFileSync(secure.key) };
				await this.#listen(() => createHttpsServer({ ...SERVER_OPTIONS, ...tls }), {
					address,
					port: secure.port,
					isSecure: true,
				});
			} catch (error) {
				log.error({ error }, 'the certificate of the portal cannot be used');
				this.#report('certificate', 'the certificate of the portal cannot be used: see the log');
			}
		}
	}

	/** May be called twice. Cuts what is open: pages are short. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#streams.stop();
		const closed = this.#listening.map(({ server, cancelRetry }) => {
			cancelRetry?.();
			return new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
		});
		this.#listening.length = 0;
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(closed);
	}

	async #listen(make: () => Server, where: { address: string; port: number; isSecure: boolean }): Promise<void> {
		const { log, clock } = this.#options;
		const { address, port, isSecure } = where;
		const listening: Listening = { server: this.#prepared(make(), isSecure) };
		this.#listening.push(listening);
		const attempt = async (): Promise<void> => {
			try {
				await listenOn(listening.server, address, port);
				log.info({ address, port }, 'the portal listens');
				this.#report(`${address} ${port}`, undefined);
			} catch (error) {
				if (this.#isStopped) return;
				log.error({ error, address, port }, 'the portal cannot listen; trying again');
				this.#report(`${address} ${port}`, `the portal cannot listen on port ${port}: ${(error as Error).message}`);
				listening.cancelRetry = clock.after(LISTEN_RETRY_MS, () => void attempt());
			}
		};
		await attempt();
	}

	#prepared(server: Server, isSecure: boolean): Server {
		server.maxConnections = CONNECTIONS_MAX + CONNECTIONS_ENDING_MAX;
		server.maxHeadersCount = HEADERS_COUNT_MAX;
		server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
		server.on('connection', (socket: Socket) => this.#connected(socket));
		server.on('request', (request, response) => {
			this.#answer(request, response, isSecure).catch((error) => {
				this.#options.log.error({ error }, 'an answer could not be sent');
				response.destroy();
			});
		});
		server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket));
		server.on('drop', () => this.#noteRefused('too many connections'));
		return server;
	}

	#connected(socket: Socket): void {
		const { holder } = this.#holderOf(socket);
		const { isAdmitted, cut } = this.#connections.add(holder, socket);
		if (!isAdmitted) {
			this.#noteRefused('too many connections of one client');
			socket.destroy();
			return;
		}
		this.#sockets.add(socket);
		socket.once('close', () => {
			this.#sockets.delete(socket);
			this.#connections.remove(holder, socket);
		});
		if (cut === undefined) return;
		this.#noteRefused('too many connections');
		cut.destroy();
	}

	async #answer(request: IncomingMessage, response: ServerResponse, isSecure: boolean): Promise<void> {
		// Whoever goes away before the answer is no error of ours.
		request.on('error', () => undefined);
		response.on('error', () => undefined);
		this.#answering.add(request.socket);
		response.once('close', () => this.#answering.delete(request.socket));
		const found: Answer | StreamAnswer =
			this.#refusal(request) ?? (await this.#options.portal.answer({ request, isSecure }));
		if (response.destroyed) return;
		const isHead = request.method === 'HEAD';
		if ('figures' in found && !isHead && this.#streams.mayOpen(found.mac)) {
			this.#streams.open(found.mac, response, found.figures);
			return;
		}
		// Too many streams: browsers do not try again on their own, and our script asks for the figures instead.
		const answer =
			'figures' in found ? json({ error: 'no more streams' }, 'application/json', isHead ? 200 : 503) : found;
		send(response, answer, isHead);
		// What is left of a body that nobody wants is not read to its end.
		if (answer.close) response.once('finish', () => request.destroy());
	}

	/** Whoever asks too often gets a page that says so; if all together do, a few bytes that cost nothing. */
	#refusal({ socket, headers }: IncomingMessage): Answer | undefined {
		const { clock, portal, standing } = this.#options;
		const { holder, mac } = this.#holderOf(socket);
		const now = clock.bootMs();
		if (!this.#rate.take(holder, now)) {
			this.#noteRefused('too many requests of one client');
			return { ...portal.errorPage(429, 'error_busy', headers['accept-language']), close: true };
		}
		if (this.#allRequests.wait(mac === undefined ? 'stranger' : standing(mac), now) > 0) {
			this.#noteRefused('too many requests');
			return { ...json({ error: 'busy' }, 'application/json', 503), close: true };
		}
		this.#allRequests.take(now);
		return undefined;
	}

	/** Who spends the budgets: the device. A kernel's message that is late, or an address behind another router, leaves only the address. */
	#holderOf(socket: Socket): { holder: string; mac: MacAddress | undefined } {
		const mac = this.#options.find(socket.remoteAddress ?? '');
		return { holder: mac ?? plainAddress(socket.remoteAddress), mac };
	}

	/** What could not be read as a request gets a page too, if it can still be told anything. */
	#refuse(error: NodeJS.ErrnoException, socket: Socket): void {
		this.#noteRefused(error.code ?? 'not HTTP');
		if (!socket.writable || error.code === 'ECONNRESET') {
			socket.destroy();
			return;
		}
		const [status, reason, key] = REFUSALS[error.code ?? ''] ?? (['400', 'Bad Request', 'error_input'] as const);
		const { body, type } = this.#options.portal.errorPage(Number(status), key);
		const bytes = Buffer.from(body as string);
		socket.end(
			`HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\nContent-Security-Policy: default-src 'none'\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body as string}`,
		);
		// A client that does not read the answer does not keep the connection.
		this.#options.clock.after(KEEP_ALIVE_TIMEOUT_MS, () => socket.destroy());
	}

	#report(what: string, sentence: string | undefined): void {
		if (sentence === undefined) this.#problems.delete(what);
		else this.#problems.set(what, sentence);
		this.#options.onProblem(this.#problems.size === 0 ? undefined : [...this.#problems.values()].join('; '));
	}

	#noteRefused(why: string): void {
		this.#refused += 1;
		this.#options.log.warn({ refused: this.#refused, why }, 'requests were refused');
	}
}

const SERVER_OPTIONS: ServerOptions = {
	maxHeaderSize: HEADER_BYTES_MAX,
	headersTimeout: HEADERS_TIMEOUT_MS,
	requestTimeout: REQUEST_TIMEOUT_MS,
	keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
	connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
	insecureHTTPParser: false,
};

const REFUSALS: Readonly<Record<string, readonly [string, string, 'error_too_large' | 'error_busy']>> = {
	HPE_HEADER_OVERFLOW: ['431', 'Request Header Fields Too Large', 'error_too_large'],
	ERR_HTTP_REQUEST_TIMEOUT: ['408', 'Request Timeout', 'error_busy'],
};

/** A kernel without IPv6 has no `::`; then it is every IPv4 address. */
async function listenOn(server: Server, address: string, port: number): Promise<void> {
	try {
		await listenOnce(server, address, port);
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		if (address !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error;
		await listenOnce(server, '0.0.0.0', port);
	}
}

function listenOnce(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const failed = (error: Error) => {
			server.removeListener('listening', listening);
			reject(error);
		};
		const listening = () => {
			server.removeListener('error', failed);
			resolve();
		};
		server.once('error', failed);
		server.once('listening', listening);
		server.listen({ host, port, backlog: 511 });
	});
}
