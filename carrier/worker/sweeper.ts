import { resetDue } from '../allowance/allowances.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { expireSlices } from '../slice/take-back.ts';
import { type DeliveryPorts, deliverDue } from '../subscription/deliveries.ts';
import { reportGaps } from '../usage/advance-streams.ts';
import type { Sender } from './sender.ts';

/** How late anything that is due may be. */
const SWEEP_MS = 1000;
const POLICIES_MS = 86_400_000;

export type SweeperPorts = {
	readonly database: Database;
	readonly clock: Clock;
	readonly log: Log;
	readonly metrics: Metrics;
	readonly sender: Sender;
	readonly slices: SlicePolicy;
	readonly deliveries: DeliveryPorts;
};

/** Does what is due by the clock. Each process has one; rows that one holds are skipped by the others. */
export class Sweeper {
	readonly #ports: SweeperPorts;
	#cancel: (() => void) | undefined;
	#running: Promise<void> = Promise.resolve();
	#isStopped = false;
	#policiesAt = Number.NEGATIVE_INFINITY;

	constructor(ports: SweeperPorts) {
		this.#ports = ports;
	}

	start(): void {
		this.#running = this.#sweep();
	}

	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#cancel?.();
		await this.#running;
	}

	async #sweep(): Promise<void> {
		try {
			await this.once();
		} catch (error) {
			this.#ports.log.error({ error: (error as Error).message }, 'a sweep failed');
		}
		if (this.#isStopped) return;
		this.#cancel = this.#ports.clock.after(SWEEP_MS, () => {
			this.#running = this.#sweep();
		});
	}

	/** One round. */
	async once(): Promise<void> {
		const { database, clock, log, metrics, sender, slices, deliveries } = this.#ports;
		const now = clock.wallMs();
		const { acks, gaps } = await database.transaction(async (tx) => await reportGaps(tx, now));
		if (gaps > 0) {
			metrics.add('gaps', {}, gaps);
			log.error({ gaps }, 'usage batches are missing: the platform came back from a backup');
		}
		const silent = await database.transaction(async (tx) => await expireSlices(tx, slices, now));
		if (silent > 0) {
			metrics.add('slices_silent', {}, silent);
			log.warn({ silent, became: slices.silent }, 'slices ended and nobody said what was used');
		}
		const resets = await database.transaction(async (tx) => await resetDue(tx, slices, now));
		if (resets > 0) metrics.add('allowances_reset', {}, resets);
		await sender.sendAcks(acks);
		if (now - this.#policiesAt >= POLICIES_MS) {
			await sender.sendPolicies();
			this.#policiesAt = now;
		}
		while ((await sender.sendDue()) > 0 && !this.#isStopped);
		await deliverDue(deliveries);
	}
}
