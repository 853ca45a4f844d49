import { resetDue } from '../allowance/allowances.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { removeOldDenials } from '../fleet/down-messages.ts';
import { addEvents } from '../fleet/events.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { expireDuePackages } from '../package/expire-packages.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { expireSlices } from '../slice/take-back.ts';
import type { Deliveries } from '../subscription/deliveries.ts';
import { reportGaps } from '../usage/advance-streams.ts';
import { BROKER_FAULTS, type BrokerFault } from './broker-fault.ts';
import { HourlyLog, SAY_EVERY_MS } from './hourly-log.ts';
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
	readonly deliveries: Pick<Deliveries, 'begin'>;
	/** What was wrong with the line to the broker and is not reported yet. */
	readonly lost: Set<BrokerFault>;
};

/** Does what is due by the clock. Each process has one; rows that one holds are skipped by the others. */
export class Sweeper {
	readonly #ports: SweeperPorts;
	#cancel: (() => void) | undefined;
	#running: Promise<void> = Promise.resolve();
	#isStopped = false;
	#policiesAt = Number.NEGATIVE_INFINITY;
	readonly #log: HourlyLog;

	constructor(ports: SweeperPorts) {
		this.#ports = ports;
		this.#log = new HourlyLog(ports.log, ports.clock);
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
		const { database, deliveries } = this.#ports;
		const steps: Readonly<Record<string, () => Promise<unknown>>> = {
			broker: () => this.#broker(now),
			gaps: () => this.#gaps(now),
			slices: () => this.#slices(now),
			packages: () => this.#packages(now),
			resets: () => this.#resets(now),
			policies: () => this.#policies(now),
			denials: () => removeOldDenials(database, now),
			messages: () => this.#messages(),
			deliveries: () => deliveries.begin(),
		};
		for (const [what, step] of Object.entries(steps)) {
			try {
				await step();
			} catch (error) {
				// A database that is away for a week is asked each second.
				const said = { what, error: (error as Error).message };
				this.#log.say('warn', 'something that is due could not be done; it is tried again', said, what);
			}
		}
	}

	async #broker(now: number): Promise<void> {
		const { database, lost } = this.#ports;
		if (lost.size === 0) return;
		const what = [...lost];
		const hour = Math.floor(now / SAY_EVERY_MS);
		const events = what.map((fault) => ({
			ap: '',
			id: `broker:${fault}:${hour}`,
			kind: 'broker.lost',
			at: now,
			details: { fault, text: BROKER_FAULTS[fault] },
		}));
		await database.transaction(async (tx) => await addEvents(tx, events, now));
		for (const fault of what) lost.delete(fault);
	}

	async #gaps(now: number): Promise<void> {
		const { database, metrics, sender } = this.#ports;
		const { acks, gaps } = await database.transaction(async (tx) => await reportGaps(tx, now));
		if (gaps === 0) return;
		metrics.add('gaps', {}, gaps);
		this.#log.say('error', 'usage batches are missing: the platform came back from a backup', { gaps });
		await sender.sendAcks(acks);
	}

	async #slices(now: number): Promise<void> {
		const { database, metrics, slices } = this.#ports;
		const silent = await database.transaction(async (tx) => await expireSlices(tx, slices, now));
		if (silent === 0) return;
		metrics.add('slices_silent', {}, silent);
		this.#log.say('warn', 'slices ended and nobody said what was used', { silent });
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
