import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { MacAddress } from '../core/units.ts';
import type { Warnings } from '../core/warnings.ts';
import type { DataPlane } from '../dataplane/data-plane.ts';
import { FlowQueue } from '../dataplane/flow-queue.ts';
import { QueueRetry } from '../dataplane/queue-retry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PinnedClass } from '../ledger/pin-store.ts';
import type { CarrierConnection } from '../sync/carrier-connection.ts';
import type { FlowClassifier } from '../tether/flow-classifier.ts';

export type TetherDetectionOptions = {
	readonly classifier: FlowClassifier;
	readonly dataPlane: DataPlane;
	readonly ledger: Ledger;
	readonly queue: number;
	readonly mask: number;
	readonly clock: Clock;
	readonly warnings: Warnings;
	readonly line: CarrierConnection;
	readonly log: Log;
};

/** What was done about new flows, since the agent started. */
export type TetherDetectionFigures = {
	readonly mode: 'native' | 'xtables' | 'none';
	readonly own: number;
	readonly tethered: number;
	/** Too many of one station: not looked at. */
	readonly shed: number;
	/** Found no room in the queue, or no reader: passed as own. */
	readonly passed: number;
	readonly losses: number;
};

/** Joins the queue of new flows with whoever judges them, and with the operator's word. */
export class TetherDetection {
	readonly #options: TetherDetectionOptions;
	readonly #queue: FlowQueue;
	readonly #taker: QueueRetry;

	constructor(options: TetherDetectionOptions) {
		const { classifier, dataPlane, ledger, queue, mask, clock, log } = options;
		this.#options = options;
		this.#queue = new FlowQueue({
			queue,
			mask,
			log,
			judge: classifier,
			onJudged: (mac) => this.#remember(mac),
		});
		this.#taker = new QueueRetry({ clock, take: () => this.#queue.start(), onTry: (error) => this.#tried(error) });
		const pins = ledger.pins();
		for (const [mac, as] of pins) classifier.pin(mac, as);
		dataPlane.classes.expect(pins);
	}

	/** After the data plane. If the queue cannot be had, flows pass as own, and it is tried again. */
	async start(): Promise<void> {
		await this.#taker.start();
	}

	/** May be called twice. */
	stop(): void {
		this.#taker.stop();
		this.#queue.stop();
	}

	get figures(): TetherDetectionFigures {
		const { dataPlane } = this.#options;
		const { own, tethered, losses } = this.#queue.figures;
		const { offered, shed } = dataPlane.queued;
		// The counter is as old as the last sample, the others are not.
		const passed = Math.max(0, offered - own - tethered);
		return { mode: this.#taker.isTaken ? dataPlane.queueMode('flows') : 'none', own, tethered, shed, passed, losses };
	}

	/** By the operator's word, for flows that begin from now on. @throws OctroiError `not_allowed`, `ledger_*`, `netlink_*` */
	async pin(mac: MacAddress, as: PinnedClass | undefined): Promise<void> {
		const { ledger, classifier, dataPlane } = this.#options;
		ledger.pin(mac, as);
		classifier.pin(mac, as);
		await dataPlane.classes.pin(mac, as);
	}

	#tried(error: unknown): void {
		const { warnings, log, queue } = this.#options;
		warnings.set('queue', error ? `flows are not judged, all count as own: queue ${queue} cannot be read` : undefined);
		if (error) log.error({ error, queue }, 'could not read the queue of new flows; trying again');
	}

	/** For flows of the station that will not be looked at. */
	#remember(mac: MacAddress): void {
		const { classifier, dataPlane, line, log } = this.#options;
		const { tethering, score } = classifier.standing(mac);
		line.judged(mac, tethering, score);
		dataPlane.classes.judge(mac, tethering).catch((error: unknown) => {
			log.warn({ mac, error }, 'could not tell the kernel how a station was judged');
		});
	}
}

/** @throws OctroiError `not_allowed` */
export function detectionOff(): OctroiError {
	return new OctroiError('not_allowed', 'flows are not judged: tethered.detect is off', {
		fix: 'write "tethered": { "detect": true } into the configuration, and restart the agent',
	});
}
