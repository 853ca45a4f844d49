import { readJson } from '../../protocol/bounded-json.ts';
import { type Event, event } from '../../protocol/event.ts';
import { UP_BYTES_MAX } from '../../protocol/limits.ts';
import { type Reply, reply } from '../../protocol/reply.ts';
import { check, type Fault, type Shape } from '../../protocol/shape.ts';
import { type State, state } from '../../protocol/state.ts';
import { parseTopic } from '../../protocol/topics.ts';
import { type UsageFrame, usageFrame } from '../../protocol/usage.ts';
import { readBatch } from '../usage/read-batch.ts';
import type { ReceivedBatch } from '../usage/received-batch.ts';

/** Why a message was refused, and what that means. */
export const REFUSALS = {
	topic: 'its topic is none of ours',
	size: 'it is larger than any message may be',
	json: 'it is not JSON in UTF-8',
	depth: 'it is nested deeper, or has more values, than any message may',
	schema: 'it is not what the protocol says',
	wrong_ap: 'it speaks for another access point than its topic',
	unknown_ap: 'its access point is not in our list, or blocked',
	overload: 'its access point sends more than may wait, or more than it may send for good; usage comes again',
	streams: 'its access point begins more streams of usage than in a day; it comes again',
	database: 'the store would not have it',
	defect: 'the platform failed at it, which is a defect: see the log',
} as const;
export type Refusal = keyof typeof REFUSALS;

export type UpMessage = { readonly ap: string } & (
	| { readonly kind: 'usage'; readonly batch: ReceivedBatch }
	| { readonly kind: 'event'; readonly event: Event }
	| { readonly kind: 'state'; readonly state: State }
	| { readonly kind: 'reply'; readonly reply: Reply }
);

export type Admitted =
	| { readonly ok: true; readonly message: UpMessage }
	| {
			readonly ok: false;
			readonly reason: Refusal;
			readonly ap: string | undefined;
			readonly faults: readonly Fault[];
	  };

/** How many faults the log has of one message. */
const FAULTS_LOGGED_MAX = 5;

/** Everything that can be known about a message without the database. Size and depth are looked at before anything else. Never throws. */
export function admit(topic: string, payload: Uint8Array): Admitted {
	const where = parseTopic(topic);
	if (where === undefined || where.direction !== 'up') return refused('topic', undefined);
	const { ap, kind } = where;
	const read = readJson(payload, { bytesMax: UP_BYTES_MAX });
	if (!read.ok) return refused(JSON_REFUSALS[read.reason], ap);
	const checked = check<UsageFrame | Event | State | Reply>(SHAPES[kind], read.value);
	if (!checked.ok) return refused('schema', ap, checked.faults);
	if (checked.value.ap !== ap) return refused('wrong_ap', ap);
	return { ok: true, message: messageOf(kind, ap, checked.value, payload) };
}

const JSON_REFUSALS = { bytes: 'size', depth: 'depth', values: 'depth', syntax: 'json' } as const;
const SHAPES: Record<UpMessage['kind'], Shape<UsageFrame | Event | State | Reply>> = {
	usage: usageFrame,
	event,
	state,
	reply,
};

function messageOf(
	kind: UpMessage['kind'],
	ap: string,
	value: UsageFrame | Event | State | Reply,
	payload: Uint8Array,
): UpMessage {
	switch (kind) {
		case 'usage':
			return { ap, kind, batch: readBatch(value as UsageFrame, payload) };
		case 'event':
			return { ap, kind, event: value as Event };
		case 'state':
			return { ap, kind, state: value as State };
		case 'reply':
			return { ap, kind, reply: value as Reply };
	}
}

function refused(reason: Refusal, ap: string | undefined, faults: readonly Fault[] = []): Admitted {
	return { ok: false, reason, ap, faults: faults.slice(0, FAULTS_LOGGED_MAX) };
}
