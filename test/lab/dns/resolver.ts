import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import type { Station } from '../station.ts';
import { INTERNET_IPV4, ROUTER_LAN_IPV4 } from '../topology.ts';
import type { LookUpAnswer, LookUpRequest, TunnelRequest } from './request.ts';

const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));
/** As systems do. */
const LOOK_UP_TRIES = 3;
const CLIENT = fileURLToPath(new URL('./client.js', import.meta.url));

/** The router's resolver with the lines of `octroi dnsmasq`, and the name server behind it. */
export class Resolver {
	readonly #children: ChildProcess[];
	readonly #lines: AsyncIterator<string>;
	readonly #server: ChildProcess;

	private constructor(children: ChildProcess[], server: ChildProcess, lines: AsyncIterator<string>) {
		this.#children = children;
		this.#server = server;
		this.#lines = lines;
	}

	static async start(lab: Lab, agent: AgentHandle): Promise<Resolver> {
		const server = lab.internet.spawn(process.execPath, [SERVER, INTERNET_IPV4], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
		await lines.next();
		const file = join(agent.directory, 'dnsmasq.conf');
		const printed = await agent.octroi<{ lines: string[] }>('dnsmasq');
		writeFileSync(file, `${printed.lines.join('\n')}\n`);
		// Not its debug mode: there one connection by TCP makes all others wait.
		const words = [
			'--keep-in-foreground',
			'--user=root',
			'--log-facility=-',
			`--conf-file=${file}`,
			'--no-resolv',
			'--no-hosts',
			`--server=${INTERNET_IPV4}`,
		];
		const dnsmasq = lab.router.spawn('dnsmasq', [...words, '--interface=br-lan', '--bind-dynamic'], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		const started = once(createInterface({ input: dnsmasq.stderr as NodeJS.ReadableStream }), 'line');
		await Promise.race([started, once(dnsmasq, 'exit').then(() => Promise.reject(new Error('dnsmasq ended')))]);
		await delay(200);
		return new Resolver([server, dnsmasq], server, lines);
	}

	/** How many of the questions a station gets an address for. */
	async lookUp(
		station: Station,
		request: Partial<LookUpRequest> & Pick<LookUpRequest, 'names'>,
	): Promise<LookUpAnswer> {
		return await client(station, 'look-up', {
			server: ROUTER_LAN_IPV4,
			types: ['A'],
			gapMs: 0,
			tries: LOOK_UP_TRIES,
			...request,
		});
	}

	/** Payload that a tunnel carried, in both directions. */
	async tunnel(station: Station, request: Partial<TunnelRequest> & Pick<TunnelRequest, 'tag' | 'seconds'>) {
		const whole = { server: ROUTER_LAN_IPV4, transport: 'udp', sources: [], ...request };
		const { downBytes } = await client<{ downBytes: number }>(station, 'tunnel', whole);
		return { downBytes, upBytes: await this.#tunnelledUp(request.tag) };
	}

	async #tunnelledUp(tag: string): Promise<number> {
		this.#server.stdin?.write('\n');
		return (JSON.parse((await this.#lines.next()).value) as Record<string, number>)[tag] ?? 0;
	}

	stop(): void {
		for (const child of this.#children) child.kill('SIGKILL');
	}
}

/** A tunnel runs for longer than a program that sets something up may. */
async function client<Answer>(station: Station, mode: string, request: object): Promise<Answer> {
	const child = station.namespace.spawn(process.execPath, [CLIENT, mode, JSON.stringify(request)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return JSON.parse(await text(child.stdout as Readable)) as Answer;
}
