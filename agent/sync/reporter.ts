import { randomBytes } from 'node:crypto';
import type { Ack } from '../../protocol/ack.ts';
import { digestOf } from '../../protocol/digest.ts';
import type { Event } from '../../protocol/event.ts';
import { EVENTS_MAX, RECORDS_MAX } from '../../protocol/limits.ts';
import { upTopic } from '../../protocol/topics.ts';
import type { Usage, UsageRecord } from '../../protocol/usage.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Batch, BatchContent, CarrierEvent, SealedBatch, UsagePart } from '../ledger/carrier.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { PublicationHold } from './publication-hold.ts';
import { PublicationRefused } from './publication-refused.ts';

/** Batches that are published and not yet acknowledged: 4,000 records, some 2 MB in the broker. */
export const WINDOW_BATCHES = 8;
/** How long the platform may take before a batch is sent again; doubled each time. */
export const RESEND_FIRST_MS = 15_000;
export const RESEND_LONGEST_MS = 600_000;
/** Batches that wait, up to which a change of the uplink makes new ones: an uplink that flaps offline must not fill the disk. */
export const SPLIT_BATCHES_MAX = 64;

export type ReporterOptions = {
	readonly accessPoint: string;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly log: Log;
	readonly isConnected: () => boolean;
	/** Resolves when the broker has it. Rejects with {@link PublicationRefused} when it does not take it. */
	readonly publish: (topic: string, payload: string) => Promise<void>;
	/** How long usage is gathered. */
	readonly reportEverySeconds: () => number;
	/** Whether the error says that the ledger cannot be written: then somebody else tells of it. */
	readonly isUnwritten: (error: unknown) => boolean;
	/** The platform does not acknowledge, and everything is sent again: perhaps it waits for what was deleted here. */
	readonly onResent: (about: { afterMs: number }) => void;
	/** While the broker does not take usage. */
	readonly hold: PublicationHold;
	/** Over which uplink passed what is gathered. */
	readonly uplink: () => string | undefined;
	/** Charges what is used and not in the ledger yet. @throws the `ledger_*` codes */
	readonly settle: () => void;
	/** Everything that was gathered is in batches. */
	readonly onEmpty: () => void;
	/** The database came back from a backup. */
	readonly onRestored: (details: { stream: string; sequence: number }) => void;
};

/**
 * Reports usage and events: gathers, seals, publishes in order, sends again, and forgets only what the platform has acknowledged.
 * While the platform cannot be reached nothing is sealed, so that what a session uses goes on to be one record.
 */
export class Reporter {
	readonly #options: ReporterOptions;
	#sent = 0;
	/** Counts up when sending begins anew: what was under way then says nothing any more. */
	#life = 0;
	#sealedAtMs = Number.NEGATIVE_INFINITY;
	#resendAtMs = Number.POSITIVE_INFINITY;
	#resendMs = RESEND_FIRST_MS;
	#pumping: Promise<void> | undefined;
	#again = false;
	#urgent = false;
	lastAcknowledgedAtMs: number | undefined;
	resent = 0;

	constructor(options: ReporterOptions) {
		this.#options = options;
	}

	/** A connection stands: what was not acknowledged is sent again. */
	connected(): void {
		this.#beginAnew();
		this.#resendMs = RESEND_FIRST_MS;
		this.#options.hold.connected();
		this.hurry();
	}

	/** Report what there is, now. */
	hurry(): void {
		this.#urgent = true;
		void this.pump();
	}

	/** To be called every second or so. */
	tick(): void {
		const { clock } = this.#options;
		if (clock.bootMs() >= this.#resendAtMs && this.#options.isConnected()) {
			const afterMs = this.#resendMs;
			this.#resendMs = Math.min(RESEND_LONGEST_MS, this.#resendMs * 2);
			this.#beginAnew();
			this.resent += 1;
			this.#options.onResent({ afterMs });
		}
		void this.pump();
	}

	acknowledged(ack: Ack): void {
		const { ledger, clock } = this.#options;
		const answer = ledger.carrier.acknowledge(ack);
		if (answer === 'acknowledged') {
			this.lastAcknowledgedAtMs = clock.bootMs();
			this.#resendMs = RESEND_FIRST_MS;
			const { sealed, acknowledged } = ledger.carrier.state();
			this.#resendAtMs = sealed > acknowledged ? clock.bootMs() + this.#resendMs : Number.POSITIVE_INFINITY;
			void this.pump();
		} else if (answer === 'conflict') {
			this.#restart();
			this.#options.onRestored({ stream: ack.stream, sequence: ack.sequence });
			this.connected();
		}
	}

	/** Puts what is gathered into batches, also without a connection. @returns whether nothing is left */
	split(): boolean {
		const { ledger, settle, isUnwritten, log } = this.#options;
		const waiting = () => {
			const { sealed, acknowledged } = ledger.carrier.state();
			return sealed - acknowledged;
		};
		try {
			settle();
			while (waiting() < SPLIT_BATCHES_MAX && this.#sealOne());
			return ledger.carrier.state().sessions === 0;
		} catch (error) {
			if (!isUnwritten(error)) log.warn({ error }, 'could not tell what was used over which uplink');
			return false;
		}
	}

	/** Publishes as long as there is something to publish. One at a time; called meanwhile, it looks once more. */
	pump(): Promise<void> {
		this.#again = true;
		this.#pumping ??= this.#run().finally(() => {
			this.#pumping = undefined;
		});
		return this.#pumping;
	}

	async #run(): Promise<void> {
		const { isConnected, isUnwritten, hold, log } = this.#options;
		const mayGo = () => isConnected() && !hold.isOn;
		while (this.#again && mayGo()) {
			this.#again = false;
			try {
				while (mayGo() && (await this.#step()));
			} catch (error) {
				if (error instanceof PublicationRefused) hold.refused(error);
				// The link is lost (it comes again with the next one), or the disk is full (the next tick tries again).
				else if (!isUnwritten(error)) log.warn({ error }, 'could not report to the platform');
			}
		}
	}

	/** @returns whether there may be more */
	async #step(): Promise<boolean> {
		const { ledger, clock, publish, accessPoint, hold } = this.#options;
		const { acknowledged, sealed } = ledger.carrier.state();
		const life = this.#life;
		this.#sent = Math.max(this.#sent, acknowledged);
		const room = WINDOW_BATCHES - (this.#sent - acknowledged);
		if (room <= 0) return false;
		const batches = ledger.carrier.batches(this.#sent, room);
		for (const { sequence, payload } of batches) {
			await publish(upTopic(accessPoint, 'usage'), payload);
			hold.taken();
			if (life !== this.#life) return true;
			this.#sent = sequence;
			if (this.#resendAtMs === Number.POSITIVE_INFINITY) this.#resendAtMs = clock.bootMs() + this.#resendMs;
		}
		if (batches.length > 0) return true;
		return sealed === this.#sent && this.#seal();
	}

	#beginAnew(): void {
		this.#life += 1;
		this.#sent = 0;
		this.#resendAtMs = Number.POSITIVE_INFINITY;
	}

	#seal(): boolean {
		const { ledger, clock, reportEverySeconds, onEmpty } = this.#options;
		const isDue = clock.bootMs() - this.#sealedAtMs >= reportEverySeconds() * 1000;
		if (!isDue && !this.#urgent && ledger.carrier.state().events === 0) return false;
		if (this.#sealOne()) return true;
		onEmpty();
		this.#urgent = false;
		this.#sealedAtMs = clock.bootMs();
		return false;
	}

	/** @returns false: there is nothing to report */
	#sealOne(): boolean {
		const { ledger, moment } = this.#options;
		const events: Event[] = [];
		const at = moment();
		const make = (content: BatchContent) => this.#make(content, at, events);
		const isSealed = ledger.carrier.seal({ at, recordsMax: RECORDS_MAX, eventsMax: EVENTS_MAX, make });
		for (const event of events) this.#copy(event);
		return isSealed;
	}

	/** For whoever follows events: the batch is what counts. */
	#copy(event: Event): void {
		const { publish, accessPoint, log } = this.#options;
		publish(upTopic(accessPoint, 'event'), JSON.stringify(event)).catch((error) =>
			log.debug({ error }, 'the copy of an event was not published'),
		);
	}

	#make({ stream, sequence, previous, parts, events }: BatchContent, at: Moment, made: Event[]): SealedBatch {
		const { accessPoint: ap } = this.#options;
		const uplink = this.#options.uplink();
		const isClockSet = at.trustedWallMs != null;
		made.push(...events.map((event) => eventOf(ap, event)));
		const batch: Usage = {
			version: 1,
			ap,
			stream,
			sequence,
			...(previous === undefined ? {} : { previous }),
			records: parts.map((part, index) => ({
				...recordOf(part, `${stream}.${sequence}.${index}`, isClockSet),
				...(uplink === undefined ? {} : { uplink }),
			})),
			events: made,
		};
		return sealedOf(batch);
	}

	#restart(): void {
		const stream = newStream();
		this.#options.ledger.carrier.restart(stream, ({ payload }: Batch, { sequence, previous }) => {
			const { previous: _, ...batch } = JSON.parse(payload) as Usage;
			return sealedOf({ ...batch, stream, sequence, ...(previous === undefined ? {} : { previous }) });
		});
	}
}

/** The name of a new life of the outbox. */
export function newStream(): string {
	return randomBytes(16).toString('hex');
}

function sealedOf(batch: Usage): SealedBatch {
	const payload = JSON.stringify(batch);
	return { payload, digest: digestOf(payload) };
}

function recordOf(part: UsagePart, id: string, clockSet: boolean): UsageRecord {
	const {
		account,
		session,
		class: class_,
		unit,
		amount,
		upBytes,
		downBytes,
		paid,
		fromWallMs,
		toWallMs,
		reason,
	} = part;
	return {
		id,
		account,
		session,
		class: class_,
		unit,
		amount,
		upBytes,
		downBytes,
		paid,
		from: Math.max(0, fromWallMs),
		to: Math.max(0, toWallMs),
		clockSet,
		reason,
		...(part.slice === undefined ? {} : { slice: part.slice }),
		...(part.tariff === undefined ? {} : { tariff: part.tariff }),
		...(part.plan === undefined ? {} : { plan: part.plan }),
	};
}

function eventOf(ap: string, { id, kind, account, session, station, details, wallMs }: CarrierEvent): Event {
	return {
		version: 1,
		ap,
		id,
		kind,
		at: Math.max(0, wallMs),
		details,
		...(account === undefined ? {} : { account }),
		...(session === undefined ? {} : { session }),
		...(station === undefined ? {} : { station }),
	};
}
