import type { RateLimits } from './access-point-rates.ts';
import type { Admitted, UpMessage } from './door.ts';
import type { FairQueueOptions } from './fair-queue.ts';

/** Costs are in records: what it takes to store one. */

/** A message by itself: to be read, parsed, and given its place. */
const MESSAGE_COST = 10;
/** Of the bytes of a message: a record has some 400. */
const BYTES_A_COST = 250;
/** An event may be a request for a slice: a dozen statements. */
const EVENT_COST = 40;

/** One that comes back is sent everything again that it has not answered. */
const STATE_COST = 200;

/**
 * What one access point may make a worker do for good: four times what 1,000 stations in three classes report each minute. At once: the
 * backlog of a long outage (60 full batches), or the requests of 1,000 guests.
 */
export const RATE_LIMITS: RateLimits = { perSecond: 300, burst: 50_000 };

/**
 * What waits for a transaction, in the memory of a worker. An access point has 8 batches under way (WINDOW_BATCHES of the agent), and may have
 * sent them again while the database was away; the events in them come apart, too.
 */
export const QUEUE_LIMITS: FairQueueOptions = {
	own: { usageMax: 64, othersMax: 128, bytesMax: 4 * 1024 * 1024 },
	messagesMax: 5000,
	bytesMax: 48 * 1024 * 1024,
	turnCost: 1000,
};

/** What it takes to commit a message, or to refuse it. */
export function costOf(bytes: number, admitted: Admitted): number {
	return MESSAGE_COST + Math.ceil(bytes / BYTES_A_COST) + (admitted.ok ? contentCostOf(admitted.message) : 0);
}

function contentCostOf(message: UpMessage): number {
	switch (message.kind) {
		case 'usage':
			return EVENT_COST * message.batch.usage.events.length;
		case 'event':
			return EVENT_COST;
		case 'state':
			return STATE_COST;
		case 'reply':
			return 0;
	}
}
