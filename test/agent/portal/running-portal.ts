import { connect } from 'node:net';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { Standing } from '../../../agent/core/standing.ts';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { makeAssets } from '../../../agent/portal/assets.ts';
import { FormToken } from '../../../agent/portal/form-token.ts';
import { PageDrawer } from '../../../agent/portal/page-drawer.ts';
import { Portal } from '../../../agent/portal/portal.ts';
import { PortalServer } from '../../../agent/portal/portal-server.ts';
import { LANGUAGE_TAGS } from '../../../ui/portal/language.ts';
import { type FakeService, fakeService, requesterOf } from './fake-service.ts';
import { freePort } from './free-port.ts';

export type Answered = { status: number; headers: Map<string, string>; body: string };

/** The portal on the loopback; which station speaks is said by the test. */
export class RunningPortal {
	readonly service: FakeService = fakeService();
	readonly port: number;
	/** A hardware address, or one of the other stations of the fake. */
	station: string | undefined;
	nowMs = 0;
	standing: Standing = 'leased';
	/** The address that is asked from. */
	from = '127.0.0.1';
	readonly #server: PortalServer;
	readonly #tokens: FormToken;

	private constructor(port: number) {
		this.port = port;
		const { service } = this;
		let nonce = 0;
		const random = (count: number) => Buffer.alloc(count, ++nonce);
		this.#tokens = new FormToken({ secret: Buffer.from('secret'), random, now: () => 0 as BootMs });
		const assets = makeAssets({ accent: '#0b6bcb', logo: undefined, log: silentLog });
		const drawer = new PageDrawer({
			venue: { name: 'Café <Octroi>', accent: '#0b6bcb' },
			languages: LANGUAGE_TAGS,
			assets,
			tokens: this.#tokens,
			service,
			currency: 'EUR',
			timeZone: 'UTC',
		});
		const portal = new Portal({
			service,
			drawer,
			tokens: this.#tokens,
			assets,
			name: 'portal.home.arpa',
			port,
			identify: async () => (this.station === undefined ? undefined : requesterOf(this.station)),
			standing: () => this.standing,
			now: () => this.nowMs as BootMs,
			log: silentLog,
		});
		const listen = ['127.0.0.1'];
		const clock = systemClock();
		this.#server = new PortalServer({
			portal,
			listen,
			port,
			secure: undefined,
			find: () => undefined,
			standing: () => 'leased',
			clock,
			log: silentLog,
			onProblem: () => undefined,
		});
	}

	/** On a port that nobody else has. */
	static async start(): Promise<RunningPortal> {
		const port = await freePort();
		const portal = new RunningPortal(port);
		await portal.#server.start();
		return portal;
	}

	token(mac: MacAddress, action: string): string {
		return this.#tokens.make(mac, action);
	}

	async get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
		return await this.raw(this.#head('GET', path, headers));
	}

	async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answered> {
		const body = new URLSearchParams(fields).toString();
		const all = {
			'Content-Type': 'application/x-www-form-urlencoded',
			'Content-Length': String(body.length),
			...headers,
		};
		return await this.raw(this.#head('POST', path, all) + body);
	}

	/** Bytes as they are; the answer until the other side closes. */
	async raw(text: string): Promise<Answered> {
		const socket = connect({ host: '127.0.0.1', port: this.port, localAddress: this.from });
		socket.setEncoding('utf8');
		let received = '';
		socket.on('data', (more) => {
			received += more;
		});
		socket.write(text);
		await new Promise<void>((resolve) => {
			socket.on('error', () => resolve());
			socket.on('close', () => resolve());
		});
		const [head = '', ...body] = received.split('\r\n\r\n');
		const [first = '', ...lines] = head.split('\r\n');
		const headers = new Map(
			lines.map((line) => [line.split(': ')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(': ') + 2)]),
		);
		return { status: Number(first.split(' ')[1] ?? 0), headers, body: body.join('\r\n\r\n') };
	}

	/** What comes until `end` stands in it; then the connection is cut. */
	async begins(text: string, end: RegExp): Promise<string> {
		const socket = connect({ host: '127.0.0.1', port: this.port, localAddress: this.from });
		let received = '';
		socket.write(text);
		for await (const more of socket.setEncoding('utf8') as AsyncIterable<string>) {
			received += more;
			if (end.test(received.slice(received.indexOf('\r\n\r\n') + 4))) break;
		}
		socket.destroy();
		return received;
	}

	async stop(): Promise<void> {
		await this.#server.stop();
	}

	#head(method: string, path: string, headers: Record<string, string>): string {
		const all = { Host: '127.0.0.1', Connection: 'close', ...headers };
		const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
		return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
	}
}
