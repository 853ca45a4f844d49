import { OctroiError } from '../core/octroi-error.ts';
import type { MeterId } from '../core/units.ts';
import type { SettleRequest } from './settle.ts';

/** What a meter showed when it was last charged. */
export type Checkpoint = { readonly up: number; readonly down: number; readonly seconds: number };

/** What a request says about one meter. Absent values: not read. */
export type MeterReading = { meter: MeterId; up?: number; down?: number; seconds?: number };

/** Brings readings and elapsed seconds of one request together, one entry a meter. Throws `invalid_value` for a meter named twice. */
export function readingsByMeter(request: SettleRequest): MeterReading[] {
	const elapsed = request.elapsed ?? [];
	const all: MeterReading[] = request.readings.map(({ meter, up, down }) => ({ meter, up, down }));
	refuseTwice(request.readings);
	refuseTwice(elapsed);
	for (const { meter, seconds } of elapsed) {
		const entry = all.find((other) => other.meter === meter);
		if (entry === undefined) all.push({ meter, seconds });
		else entry.seconds = seconds;
	}
	return all;
}

/**
 * The differences between a reading and its checkpoint. Counters only grow within an epoch: one that has gone back
 * was reset or belongs to another meter, and any charge made from it would be wrong.
 *
 * @throws OctroiError `ledger_broken`
 */
export function usageSince(checkpoint: Checkpoint, reading: MeterReading): Checkpoint {
	return {
		up: difference(reading.meter, 'up', reading.up, checkpoint.up),
		down: difference(reading.meter, 'down', reading.down, checkpoint.down),
		seconds: difference(reading.meter, 'seconds', reading.seconds, checkpoint.seconds),
	};
}

function difference(meter: MeterId, name: string, value: number | undefined, checkpoint: number): number {
	if (value === undefined) return 0;
	if (value >= checkpoint) return value - checkpoint;
	throw new OctroiError('ledger_broken', `meter ${meter}: ${name} went back from ${checkpoint} to ${value}`, {
		fix: 'the counters were reset: resolve the grants of the old epoch as lost and open sessions in a new one',
	});
}

function refuseTwice(named: readonly { readonly meter: MeterId }[]): void {
	if (named.length < 2 || new Set(named.map(({ meter }) => meter)).size === named.length) return;
	throw new OctroiError('invalid_value', 'a settle names a meter twice');
}
