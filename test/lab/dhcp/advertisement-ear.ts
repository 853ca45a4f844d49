import { once } from 'node:events';
import { routerSolicitation } from '../frames/ethernet.ts';
import type { Station } from '../station.ts';
import { HostProcess } from '../tether/host-process.ts';
import { HANG_MS, until } from '../until.ts';

const ANSWER_TIMEOUT_MS = HANG_MS;
/** Ethernet's header, then that of IPv6. */
const PACKET_AT = 14;
const CHECKSUM_AT = 42;
const OPTIONS_AT = 56;
const CAPTIVE_PORTAL = 37;

/** What tcpdump has seen of one advertisement, in the namespace of a station. */
export type Advertisement = {
	/** By tcpdump's own sum. */
	readonly isChecksumRight: boolean;
	/** The value of option 37, without its padding; absent: it has none. */
	readonly captivePortal?: string;
	/** All that it says beside that, in hexadecimal: without the length, the checksum and that option. */
	readonly rest: string;
};

/** How a station's kernel understands advertisements: what it has made of the last one, and how many it did not take. */
export type Configured = { readonly route: string; readonly address: string; readonly errors: number };

/** Asks for advertisements as a station does that joins, and hears them by other means than ours. */
export class AdvertisementEar {
	readonly #station: Station;
	readonly #host: HostProcess;

	constructor(station: Station) {
		this.#station = station;
		this.#host = new HostProcess(station.namespace, 'eth0');
	}

	async ready(): Promise<void> {
		await this.#host.ready();
	}

	/** The next advertisement. @param asked how often: each time the router sends one */
	async hear(asked = 1): Promise<Advertisement> {
		const words = ['-i', 'eth0', '-n', '-vvv', '-xx', '-s', '0', '-c', '1', 'icmp6 and ip6[40] == 134'];
		const child = this.#station.namespace.spawn('tcpdump', words, { stdio: ['ignore', 'pipe', 'pipe'] });
		let told = '';
		let heard = '';
		child.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text));
		child.stderr?.setEncoding('utf8').on('data', (text: string) => (told += text));
		try {
			await until('tcpdump to listen', ANSWER_TIMEOUT_MS, () => told.includes('listening on'));
			const closed = once(child, 'close', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
			for (let time = 0; time < asked; time++) await this.#host.send(routerSolicitation(this.#station.mac));
			await closed;
		} finally {
			child.kill('SIGKILL');
		}
		return advertisementOf(heard);
	}

	/** Forgets what it has learnt of routers, asks, and tells what it has then. */
	async configureAnew(): Promise<Configured> {
		const { namespace } = this.#station;
		await namespace.run('ip', ['-6', 'route', 'flush', 'default']);
		await namespace.run('ip', ['-6', 'address', 'flush', 'dev', 'eth0', 'scope', 'global']);
		await this.#host.send(routerSolicitation(this.#station.mac));
		await this.#station.addressed();
		return await this.configured();
	}

	/** Without what is left of the lifetimes, which depends on when one looks. */
	async configured(): Promise<Configured> {
		const { namespace } = this.#station;
		const text = (words: string[]) => namespace.run('ip', ['-6', ...words]);
		const route = await text(['route', 'show', 'default']);
		const address = await text(['-oneline', 'address', 'show', 'dev', 'eth0', 'scope', 'global']);
		const counters = await namespace.run('cat', ['/proc/net/dev_snmp6/eth0']);
		const errors = [...counters.matchAll(/^Icmp6In(?:Errors|CsumErrors)\s+(\d+)$/gm)];
		return {
			route: route.replace(/expires \d+sec/, '').trim(),
			address: address.replaceAll(/\d+sec/g, '').trim(),
			errors: errors.reduce((sum, [, count]) => sum + Number(count), 0),
		};
	}

	stop(): void {
		this.#host.stop();
	}
}

/** What `tcpdump -vvv -xx` prints: lines for people, then `0x0000:  3333 0000 …` from the Ethernet header on. */
function advertisementOf(text: string): Advertisement {
	const frame = Buffer.from(
		[...text.matchAll(/^\t0x[0-9a-f]{4}: {2}([0-9a-f ]+)$/gm)].map(([, hex]) => hex?.replaceAll(' ', '')).join(''),
		'hex',
	);
	const packet = frame.subarray(PACKET_AT);
	const rest = [packet.subarray(0, 4), packet.subarray(6, CHECKSUM_AT), packet.subarray(CHECKSUM_AT + 2, OPTIONS_AT)];
	let captivePortal: string | undefined;
	for (let at = OPTIONS_AT; at + 2 <= packet.length; ) {
		const length = (packet[at + 1] as number) * 8;
		if (length === 0) throw new Error(`tcpdump has heard an option of length 0:\n${text}`);
		const option = packet.subarray(at, at + length);
		if (option[0] === CAPTIVE_PORTAL) captivePortal = option.toString('latin1', 2).replace(/\0+$/, '');
		else rest.push(option);
		at += length;
	}
	return {
		isChecksumRight: /\[icmp6 sum ok\]/.test(text) && packet.readUInt16BE(4) === packet.length - 40,
		...(captivePortal === undefined ? {} : { captivePortal }),
		rest: Buffer.concat(rest).toString('hex'),
	};
}
