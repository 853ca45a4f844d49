import { resetDue } from '../allowance/allowances.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { expireDuePackages } from '../package/expire-packages.ts';
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
		await this.once();
		if (this.#isStopped) return;
		this.#cancel = this.#ports.clock.after(SWEEP_MS, () => {
			this.#running = this.#sweep();
		});
	}

	/** A broker that was set up anew has no retained messages: they are sent with the next round. */
	policiesAreDue(): void {
		this.#policiesAt = Number.NEGATIVE_INFINITY;
	}

	/** One round. What fails does not keep the rest from being done; it is due again in the next one. */
	async once(): Promise<void> {
		const now = this.#ports.clock.wallMs();
		const { deliveries } = this.#ports;
		const steps = [
			() => this.#gaps(now),
			() => this.#slices(now),
			() => this.#packages(now),
			() => this.#resets(now),
			() => this.#policies(now),
			() => this.#messages(),
			() => deliverDue(deliveries),
		];
		for (const step of steps) {
			try {
				await step();
			} catch (error) {
				this.#ports.log.warn(
					{ error: (error as Error).message },
					'something that is due could not be done; it is tried again',
				);
			}
		}
	}

	async #gaps(now: number): Promise<void> {
		const { database, log, metrics, sender } = this.#ports;
		const { acks, gaps } = await database.transaction(async (tx) => await reportGaps(tx, now));
		if (gaps === 0) return;
		metrics.add('gaps', {}, gaps);
		log.error({ gaps }, 'usage batches are missing: the platform came back from a backup');
		await sender.sendAcks(acks);
	}

	async #slices(now: number): Promise<void> {
		const { database, log, metrics, slices } = this.#ports;
		const silent = await database.transaction(async (tx) => await expireSlices(tx, slices, now));
		if (silent === 0) return;
		metrics.add('slices_silent', {}, silent);
		log.warn({ silent }, 'slices ended and nobody said what was used');
	}

	async #packages(now: number): Promise<void> {
		const { database, metrics } = this.#ports;
		const ended = await expireDuePackages(database, now);
		if (ended > 0) metrics.add('packages_expired', {}, ended);
	}

	async #resets(now: number): Promise<void> {
		const { database, metrics, slices } = this.#ports;
		const resets = await database.transaction(async (tx) => await resetDue(tx, slices, now));
		if (resets > 0) metrics.add('allowances_reset', {}, resets);
	}

	async #policies(now: number): Promise<void> {
		if (now - this.#policiesAt < POLICIES_MS) return;
		await this.#ports.sender.sendPolicies();
		this.#policiesAt = now;
	}

	async #messages(): Promise<void> {
		while (!this.#isStopped && (await this.#ports.sender.sendDue()) > 0);
	}
}
