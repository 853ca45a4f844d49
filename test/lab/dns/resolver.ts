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

const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));
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
		const words = ['--no-daemon', `--conf-file=${file}`, '--no-resolv', '--no-hosts', `--server=${INTERNET_IPV4}`];
		const dnsmasq = lab.router.spawn('dnsmasq', [...words, '--interface=br-lan', '--bind-dynamic'], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		const started = once(createInterface({ input: dnsmasq.stderr as NodeJS.ReadableStream }), 'line');
		await Promise.race([started, once(dnsmasq, 'exit').then(() => Promise.reject(new Error('dnsmasq ended')))]);
		await delay(200);
		return new Resolver([server, dnsmasq], server, lines);
	}

	/** How many of the names a station gets an address for. */
	async lookUp(station: Station, names: readonly string[], type: 'A' | 'AAAA' = 'A'): Promise<number> {
		return (await client<{ answered: number }>(station, type, ...names)).answered;
	}

	/** Bytes that came down to the station in so many seconds through names of so many letters. */
	async tunnel(station: Station, seconds: number, letters: number): Promise<number> {
		return (await client<{ downBytes: number }>(station, 'tunnel', String(seconds), String(letters))).downBytes;
	}

	/** Bytes that came up through names since the start. */
	async tunnelledUp(): Promise<number> {
		this.#server.stdin?.write('\n');
		return (JSON.parse((await this.#lines.next()).value) as { upBytes: number }).upBytes;
	}

	stop(): void {
		for (const child of this.#children) child.kill('SIGKILL');
	}
}

/** A tunnel runs for longer than a program that sets something up may. */
async function client<Answer>(station: Station, ...words: string[]): Promise<Answer> {
	const child = station.namespace.spawn(process.execPath, [CLIENT, ROUTER_LAN_IPV4, ...words], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return JSON.parse(await text(child.stdout as Readable)) as Answer;
}
