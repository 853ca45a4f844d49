import { matching, type Of, object, oneOf, plainMembers } from './shape.ts';
import * as values from './values.ts';

/** What the words mean; a newer access point may have more. */
export const EVENT_KINDS = {
	'credit.out': 'an account has nothing left to spend',
	'credit.restored': 'an account that had nothing left can spend again',
	alert: 'a balance passed a threshold that its owner has set',
	tethering: 'a station seems to pass on its connection',
	spoofing: "a station uses another one's address",
	fault: 'something is wrong with the access point or with what it was sent',
	'slice.request': 'an account that lives at the platform needs a slice: `details` as in sliceRequest',
	'slice.return': 'what is left of a slice goes back: `details` as in sliceReturn',
} as const;
export type EventKind = keyof typeof EVENT_KINDS;

/**
 * Something that happened. It is part of a batch of usage, where it is numbered and acknowledged; a copy is published at once on
 * `octroi/1/<ap>/up/event` for whoever follows events. A platform takes whichever comes first, once, by `id` — but `slice.return`
 * only from a batch, where it stands behind the usage of the slice.
 */
export const event = object(
	{
		version: values.version,
		ap: values.apId,
		id: values.thingId,
		kind: matching(/^[a-z]{1,16}(?:\.[a-z]{1,16}){0,2}$/, 'a kind of event, such as "credit.out"'),
		/** By the access point's clock. */
		at: values.wallMs,
		details: plainMembers({ count: 16, characters: 512 }),
	},
	{ account: values.account, session: values.thingId, station: values.station },
	{ isOpen: true },
);
export type Event = Of<typeof event>;

/** `details` of `slice.request`. The event's `id` becomes the request that a grant may name. */
export const sliceRequest = object(
	{
		/** How much it would like to have, in bytes. */
		wants: values.amount,
		/** What is left of the slices that it has. */
		remaining: values.amount,
		/** `first`: it has none. `low`: what it has is nearly used up. */
		reason: oneOf('first', 'low'),
	},
	{
		/**
		 * That the customer is here (`accountProofOf`): with the key of his code. Absent: the platform gives slices only of accounts that are
		 * bound to this access point. A platform that does not know it ignores it.
		 */
		proof: values.digest,
	},
	{ isOpen: true },
);

/** `details` of `slice.return`. All usage of this slice is reported before it, or in the same batch. */
export const sliceReturn = object(
	{
		slice: values.requestId,
		/** Bytes that were not used. */
		returned: values.amount,
		/** `expired`: its validity ended. `revoked`: the platform asked. `detached`: nobody spends it any more. */
		reason: oneOf('expired', 'revoked', 'detached'),
	},
	{},
	{ isOpen: true },
);
