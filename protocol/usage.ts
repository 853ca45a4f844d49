import { event } from './event.ts';
import { EVENTS_MAX, RECORDS_MAX } from './limits.ts';
import { list, type Of, object, oneOf, type Shape, text, yesOrNo } from './shape.ts';
import * as values from './values.ts';

/**
 * What one session used, by class, unit and what paid for it. `amount` is in `unit`; of bytes it is `upBytes + downBytes`, of
 * time and of money the bytes that went with it are 0, or stand in the record of the bytes.
 */
export const usageRecord = object(
	{
		/** Of this record, for ever: a platform that has it counts it no second time, in whatever batch it comes. */
		id: values.thingId,
		account: values.account,
		session: values.thingId,
		class: oneOf('own', 'tethered', 'free'),
		unit: values.unit,
		amount: values.amount,
		upBytes: values.amount,
		downBytes: values.amount,
		/** False: it passed for nothing (zero-rated, throttled after the end, included in a time package, overrun). */
		paid: yesOrNo,
		/** By the access point's clock. */
		from: values.wallMs,
		to: values.wallMs,
		/** Whether that clock was known to be right. */
		clockSet: yesOrNo,
	},
	{
		/** The slice that it was paid from: an account that lives at the platform. */
		slice: values.requestId,
		tariff: values.name,
		/** The device of the way out over which all of it passed. Absent: not known, or more than one. */
		uplink: values.uplink,
		/** The ledger's word for what became of it: `used`, `rated`, `zero_rated`, `throttled`, `included`, `overrun`, … */
		reason: text(32),
		plan: text(128),
	},
	{ isOpen: true },
);
export type UsageRecord = Of<typeof usageRecord>;

/**
 * A batch of usage, `octroi/1/<ap>/up/usage`. Batches of a stream are numbered from 1 without a gap. Once published, a batch never
 * changes: the same stream and sequence with another digest is a database that came back from a backup. The records and the events
 * of a batch take effect together, in one transaction, the records first.
 */
export const usage = object(
	{
		version: values.version,
		ap: values.apId,
		stream: values.streamId,
		sequence: values.sequence,
		records: list(usageRecord, { min: 0, max: RECORDS_MAX }),
		events: list(event, { min: 0, max: EVENTS_MAX }),
	},
	{
		/** The digest of the batch before it. Absent in the first one. */
		previous: values.digest,
	},
	{ isOpen: true },
);
export type Usage = Of<typeof usage>;

const anything: Shape<unknown> = { schema: {}, look: () => undefined };

/**
 * The same without a look at records and events: a platform looks at each of these by itself, so that one that is wrong keeps no other
 * from being counted. `previous` says nothing that it needs.
 */
export const usageFrame = object(
	{
		version: values.version,
		ap: values.apId,
		stream: values.streamId,
		sequence: values.sequence,
		records: list(anything, { min: 0, max: RECORDS_MAX }),
		events: list(anything, { min: 0, max: EVENTS_MAX }),
	},
	{},
	{ isOpen: true },
);
export type UsageFrame = Of<typeof usageFrame>;
