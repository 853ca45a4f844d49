import type { Log } from '../core/log.ts';
import type { NetlinkConnection } from '../netlink/index.ts';
import { ADVERTISEMENT_CHAIN, QUEUE_CHAIN, TABLE } from './names.ts';
import { addXtablesQueue, hasNativeQueue, NO_QUEUE, type QueueMode } from './queue-mode.ts';
import type { RulesetOptions } from './ruleset-options.ts';

/** What is handed over: new flows, that are judged; the router's own advertisements, that are completed. */
export type QueueUse = 'flows' | 'advertisements';

const CHAINS: Readonly<Record<QueueUse, string>> = { flows: QUEUE_CHAIN, advertisements: ADVERTISEMENT_CHAIN };

export type QueueRulesOptions = {
	readonly netfilter: NetlinkConnection;
	readonly tethered?: { readonly queue: number; readonly flowsPerSecond: number };
	readonly announced?: { readonly queue: number };
	/** The kernel has no queue for new flows, or has one again: a sentence for people, or nothing. */
	readonly onQueue?: (problem: string | undefined) => void;
	readonly log: Log;
};

/** The rules of our table that hand packets to the agent, by whichever means the kernel has. */
export class QueueRules {
	readonly #options: QueueRulesOptions;
	readonly #modes: Record<QueueUse, QueueMode> = { flows: 'none', advertisements: 'none' };
	#isNative = false;

	constructor(options: QueueRulesOptions) {
		this.#options = options;
	}

	/** By which means they are handed over; `none` before the first load, and if nobody wants them. */
	mode(use: QueueUse): QueueMode {
		return this.#modes[use];
	}

	/** Before the first load. @throws OctroiError `feature_missing` (nft), `permission_denied` */
	async ask(): Promise<void> {
		this.#isNative = this.#uses().length > 0 && (await hasNativeQueue());
	}

	/** What the ruleset says itself. */
	rendered(): Pick<RulesetOptions, 'tethered' | 'announced'> {
		const { tethered, announced } = this.#options;
		const native = this.#isNative;
		return {
			...(tethered ? { tethered: { ...tethered, native } } : {}),
			...(announced ? { announced: { ...announced, native } } : {}),
		};
	}

	/** After each load. Until it is done, a moment, new flows pass as own, and advertisements as they are. */
	async complete(): Promise<void> {
		for (const [use, queue] of this.#uses()) {
			const isThere =
				this.#isNative || (await addXtablesQueue(this.#options.netfilter, { table: TABLE, chain: CHAINS[use], queue }));
			this.#modes[use] = this.#isNative ? 'native' : isThere ? 'xtables' : 'none';
			if (use === 'flows') this.#options.onQueue?.(isThere ? undefined : NO_QUEUE);
			else if (!isThere) this.#options.log.warn({}, 'no queue in this kernel: router advertisements stay as they are');
		}
	}

	#uses(): [use: QueueUse, queue: number][] {
		const { tethered, announced } = this.#options;
		return [
			...(tethered ? ([['flows', tethered.queue]] as [QueueUse, number][]) : []),
			...(announced ? ([['advertisements', announced.queue]] as [QueueUse, number][]) : []),
		];
	}
}
