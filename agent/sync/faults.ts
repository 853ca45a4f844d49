import type { Log } from '../core/log.ts';
import { LINK_FAULTS, type LinkFault } from './link-fault.ts';
import { Tally } from './tally.ts';

/** What may be wrong with the line: why a connection was lost or not made, and what is told while it stands. */
const FAULTS = {
	...LINK_FAULTS,
	expired: 'our certificate has expired while connected: the next connection will be refused',
	unpublished: 'the broker does not take our usage',
	unacknowledged: 'the platform does not acknowledge; sending again',
	restored: 'the platform has other batches than this database: it came back from a backup',
} as const;

export type Fault = keyof typeof FAULTS;

type About = Readonly<Record<string, unknown>>;

/** Counts the faults of the line, and has each in the log once an hour: a wrong password for a month does not fill it. */
export class LineFaults {
	readonly #tally: Tally<Fault, About>;

	constructor({ log, nowMs }: { readonly log: Log; readonly nowMs: () => number }) {
		this.#tally = new Tally({
			kinds: Object.keys(FAULTS) as Fault[],
			nowMs,
			say: (fault, count, about) =>
				log.warn(
					{ ...about, fault, count },
					isOfLink(fault) ? `no connection to the carrier: ${FAULTS[fault]}` : FAULTS[fault],
				),
		});
	}

	get counts(): Readonly<Record<Fault, number>> {
		return this.#tally.counts;
	}

	note(fault: Fault, about: About = {}): void {
		this.#tally.note(fault, about);
	}
}

function isOfLink(fault: Fault): fault is LinkFault {
	return Object.hasOwn(LINK_FAULTS, fault);
}
