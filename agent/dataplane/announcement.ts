import type { Config } from '../config/config.ts';
import { captivePortalUri } from '../config/dnsmasq.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Warnings } from '../core/warnings.ts';
import { type AdvertisementFigures, AdvertisementQueue } from './advertisement-queue.ts';
import type { DataPlane } from './data-plane.ts';
import type { DataPlaneOptions } from './data-plane-options.ts';
import { QueueRetry } from './queue-retry.ts';

export type AnnouncementParts = {
	readonly dataPlane: Pick<DataPlane, 'queueMode'>;
	readonly clock: Pick<Clock, 'after'>;
	readonly warnings: Warnings;
	readonly log: Log;
};

type Reader = { readonly queue: AdvertisementQueue; readonly taker: QueueRetry };

/** What the rules hand to the agent: new flows, if they are judged; the router's advertisements, if there is something to announce. */
export function queuesOf(config: Config): Pick<DataPlaneOptions, 'tethered' | 'announced'> {
	const isAnnounced = captivePortalUri(config) !== undefined;
	return {
		...(config.tethered.detect ? { tethered: config.tethered } : {}),
		...(isAnnounced ? { announced: { queue: config.portal.advertisementQueue } } : {}),
	};
}

/** The portal's address in the router's own advertisements (RFC 8910), where there is one, and the kernel has a queue. */
export class Announcement {
	readonly #config: Pick<Config, 'portal'>;
	readonly #parts: AnnouncementParts;
	#reader: Reader | undefined;

	constructor(config: Pick<Config, 'portal'>, parts: AnnouncementParts) {
		this.#config = config;
		this.#parts = parts;
	}

	get figures(): AdvertisementFigures {
		return this.#reader?.queue.figures ?? { completed: 0, unchanged: 0 };
	}

	/** After the data plane, which knows what the kernel has. If the queue cannot be had, it is tried again. */
	async start(): Promise<void> {
		const uri = captivePortalUri(this.#config);
		if (uri === undefined || this.#parts.dataPlane.queueMode('advertisements') === 'none') return;
		this.#reader = this.#makeReader(uri);
		await this.#reader.taker.start();
	}

	/** Advertisements leave as they are from now on. May be called twice. */
	stop(): void {
		this.#reader?.taker.stop();
		this.#reader?.queue.stop();
	}

	#makeReader(uri: string): Reader {
		const { clock, warnings } = this.#parts;
		const log = this.#parts.log.child({ part: 'announcement' });
		const number = this.#config.portal.advertisementQueue;
		const queue = new AdvertisementQueue({ queue: number, uri, log });
		const taker = new QueueRetry({
			clock,
			take: () => queue.start(),
			onTry(error) {
				const problem = `router advertisements do not announce the portal: queue ${number} cannot be read`;
				warnings.set('announcement', error ? problem : undefined);
				if (error) log.error({ error, queue: number }, 'could not read the queue of advertisements; trying again');
			},
		});
		return { queue, taker };
	}
}
