import { digestOf } from '../../protocol/digest.ts';
import { type Event, event } from '../../protocol/event.ts';
import { check, type Fault, type Shape } from '../../protocol/shape.ts';
import { type UsageFrame, type UsageRecord, usageRecord } from '../../protocol/usage.ts';
import type { Suspect } from '../review/add-reviews.ts';
import type { ReceivedBatch } from './received-batch.ts';

/** Of one record or event: a person needs the first few. */
const FAULTS_SHOWN_MAX = 3;

/** Looks at each record and event of a batch by itself: what is wrong is for a person, and the rest counts. */
export function readBatch({ ap, stream, sequence, records, events }: UsageFrame, payload: Uint8Array): ReceivedBatch {
	const faulty: Suspect[] = [];
	const good = <Value>(shape: Shape<Value>, values: readonly unknown[]): Value[] =>
		values.flatMap((value) => {
			const checked = check(shape, value);
			if (checked.ok) return [checked.value];
			faulty.push({ ap, reason: 'malformed', sample: { faults: shown(checked.faults), said: value } });
			return [];
		});
	const own = (one: Event): boolean => {
		if (one.ap === ap) return true;
		faulty.push({ ap, reason: 'malformed', sample: { faults: ['ap: it is another access point'], said: one } });
		return false;
	};
	const usage = {
		version: 1 as const,
		ap,
		stream,
		sequence,
		records: good<UsageRecord>(usageRecord, records),
		events: good<Event>(event, events).filter(own),
	};
	return { usage, digest: digestOf(payload), faulty };
}

function shown(faults: readonly Fault[]): string[] {
	return faults.slice(0, FAULTS_SHOWN_MAX).map(({ path, problem }) => `${path}: ${problem}`);
}
