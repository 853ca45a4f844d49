import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { serverAddress } from '../topology.ts';

/** Nobody listens there. */
const PORT = 9;
const SEND_INTERVAL_MS = 4;
/** A station is served in a slot of this length when a packet of its came through. */
const SLOT_MS = 20;
const STILL_MS = 500;

/** Sends a small datagram every few milliseconds, whether it is let through or not. */
const SENDER = `
	const socket = require('node:dgram').createSocket('udp4');
	socket.on('error', () => undefined);
	const [host, port, ms] = process.argv.slice(1);
	setInterval(() => socket.send(Buffer.alloc(32), Number(port), host, () => undefined), Number(ms));
	process.stdout.write('sending\\n');
`;

/**
 * How long stations are let through, as tcpdump sees it at the far end: of all of them together, in slots, so that a machine that is
 * busy makes it shorter and never longer.
 */
export class ServedTime {
	readonly #children: ChildProcess[];
	readonly #slots = new Map<string, Set<number>>();

	private constructor(tcpdump: ChildProcess, senders: readonly ChildProcess[]) {
		this.#children = [tcpdump, ...senders];
		createInterface({ input: tcpdump.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#see(line));
	}

	/** Resolves when all stations send. */
	static async start(lab: Lab): Promise<ServedTime> {
		const words = [
			'-i',
			'eth0',
			'-n',
			'-tt',
			'-l',
			'-q',
			'--immediate-mode',
			'udp',
			'and',
			'dst',
			'port',
			String(PORT),
		];
		const tcpdump = lab.internet.spawn('tcpdump', words, { stdio: ['ignore', 'pipe', 'pipe'] });
		const lines = createInterface({ input: tcpdump.stderr as NodeJS.ReadableStream });
		await new Promise<void>((resolve, reject) => {
			lines.on('line', (line) => line.includes('listening on') && resolve());
			tcpdump.once('exit', () => reject(new Error('tcpdump ended')));
		});
		const senders = lab.stations.map(({ namespace, number }) => {
			const words = [serverAddress(number, 'ipv4'), String(PORT), String(SEND_INTERVAL_MS)];
			return namespace.spawn(process.execPath, ['-e', SENDER, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
		});
		await Promise.all(senders.map(async ({ stdout }) => await once(stdout as Readable, 'data')));
		return new ServedTime(tcpdump, senders);
	}

	/** Of these stations together, up to now. */
	async seconds(numbers: readonly number[]): Promise<number> {
		await delay(STILL_MS);
		const slots = new Set(numbers.flatMap((number) => [...(this.#slots.get(serverAddress(number, 'ipv4')) ?? [])]));
		return (slots.size * SLOT_MS) / 1000;
	}

	stop(): void {
		for (const child of this.#children) child.kill('SIGKILL');
	}

	#see(line: string): void {
		const found = /^(\d+\.\d+) IP \S+ > (\d+\.\d+\.\d+\.\d+)\.\d+:/.exec(line);
		if (!found) return;
		const [, stamp, host = ''] = found;
		this.#slots.set(host, (this.#slots.get(host) ?? new Set()).add(Math.floor((Number(stamp) * 1000) / SLOT_MS)));
	}
}
