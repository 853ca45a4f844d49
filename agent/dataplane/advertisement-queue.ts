import type { Log } from '../core/log.ts';
import {
	NF_ACCEPT,
	NFQA_CFG_F_FAIL_OPEN,
	PacketQueue,
	type QueuedPacket,
	type QueueOptions,
} from '../netlink/index.ts';
import { ADVERTISEMENT_BYTES_MAX, withCaptivePortal } from './router-advertisement.ts';

/**
 * Advertisements that wait. What comes beyond passes as it is. Not more, for a reader that stands still (not: that is dead)
 * holds them: a router sends three within the lifetime of a default route (RFC 4861, section 6.2.1), and one must arrive.
 */
const LENGTH_MAX = 2;

export type AdvertisementQueueOptions = {
	readonly queue: number;
	/** What is announced. */
	readonly uri: string;
	readonly log: Log;
	/** A socket of a test. */
	readonly open?: QueueOptions['open'];
};

/** Since the agent started. */
export type AdvertisementFigures = {
	/** Advertisements that left with the option because of us. */
	completed: number;
	/** Those that left as they came. */
	unchanged: number;
};

/** Reads the router's own advertisements on their way out, and has them leave with the captive-portal option. */
export class AdvertisementQueue {
	readonly #options: AdvertisementQueueOptions;
	readonly #queue: PacketQueue;
	readonly figures: AdvertisementFigures = { completed: 0, unchanged: 0 };

	constructor(options: AdvertisementQueueOptions) {
		this.#options = options;
		const { queue, open } = options;
		// Without NFQA_CFG_F_GSO the kernel completes a checksum that it had left to the device.
		const parameters = { copyBytes: ADVERTISEMENT_BYTES_MAX, lengthMax: LENGTH_MAX, flags: NFQA_CFG_F_FAIL_OPEN };
		this.#queue = new PacketQueue({ queue, parameters, ...(open ? { open } : {}) });
	}

	/** @throws OctroiError `netlink_refused` (EBUSY: another program reads this queue), `netlink_closed` */
	async start(): Promise<void> {
		const { log } = this.#options;
		await this.#queue.start({
			packet: (packet) => this.#take(packet),
			lost: (error) => log.warn({ error }, 'could not read a router advertisement'),
		});
	}

	/** Advertisements pass the queue by from now on. May be called twice. */
	stop(): void {
		this.#queue.stop();
	}

	#take({ id, payload, length }: QueuedPacket): void {
		// One that was cut is longer than any that could be completed.
		const packet = length === undefined ? withCaptivePortal(payload, this.#options.uri) : undefined;
		this.figures[packet ? 'completed' : 'unchanged'] += 1;
		this.#queue.judgeOne({ id, verdict: NF_ACCEPT, ...(packet ? { packet } : {}) }, (error) => {
			if (error) this.#options.log.warn({ error }, 'could not let a router advertisement go');
		});
	}
}
