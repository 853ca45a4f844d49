import type { Log } from '../core/log.ts';
import { LineFaults } from './faults.ts';
import { NotDoneOrders } from './not-done.ts';
import { type Refusals, refusalTally } from './refusals.ts';

/** Everything that goes wrong on the line, counted and told. */
export type Tallies = {
	readonly refusals: Refusals;
	readonly notDone: NotDoneOrders;
	readonly faults: LineFaults;
};

/** @param options.report tells the carrier */
export function makeTallies(options: {
	readonly log: Log;
	readonly nowMs: () => number;
	readonly report: (details: Readonly<Record<string, string | number>>) => void;
}): Tallies {
	return { refusals: refusalTally(options), notDone: new NotDoneOrders(options), faults: new LineFaults(options) };
}

/** How often each thing has happened since the start. */
export function countsOf({ refusals, notDone, faults }: Tallies) {
	return { refused: { ...refusals.counts }, notDone: { ...notDone.counts }, faults: { ...faults.counts } };
}
