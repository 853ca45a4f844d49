import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AddedPlans } from '../commands/added-plans.ts';
import type { Part } from '../core/part.ts';
import type { TrustedClock } from '../core/trusted-clock.ts';
import { Warnings } from '../core/warnings.ts';
import { makeClock } from '../host/make-clock.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Histogram } from '../metrics/histogram.ts';
import { commitHistogram } from '../snapshot/metric-values.ts';
import { CarrierConnection } from '../sync/carrier-connection.ts';
import type { AgentGiven } from './given.ts';

/** The ledger, the time that it counts on, and what everything else tells the operator and the carrier by. */
export type Books = {
	readonly ledger: Ledger;
	readonly trusted: TrustedClock;
	readonly moment: () => Moment;
	readonly warnings: Warnings;
	readonly line: CarrierConnection;
	/** Seconds that commits take. */
	readonly commits: Histogram;
	/** Aborted, with the error: an invariant of the ledger does not hold. */
	readonly broken: AbortSignal;
	readonly parts: readonly Part[];
};

/** @throws OctroiError `ledger_*` */
export function openBooks({ config, version, clock, log }: AgentGiven): Books {
	const { trusted, moment } = makeClock(config, { clock, log: log.child({ part: 'clock' }) });
	const warnings = new Warnings();
	const line = new CarrierConnection({
		config,
		version,
		clock,
		trusted,
		moment,
		log: log.child({ part: 'carrier' }),
		onWarning: (sentence) => warnings.set('carrier', sentence),
	});
	warnings.onNew = (what, sentence) => line.warned(what, sentence);
	mkdirSync(dirname(config.database), { recursive: true, mode: 0o700 });
	const broken = new AbortController();
	const commits = commitHistogram();
	const ledger = openLedger(config.database, {
		clock,
		log: log.child({ part: 'ledger' }),
		onBroken: (error) => {
			log.fatal({ error }, 'an invariant of the ledger does not hold: stopping');
			broken.abort(error);
		},
		onUnwritable: (error) => warnings.set('ledger', error && `${error.message}; ${error.fix}`),
		onCommit: (milliseconds) => commits.observe(milliseconds / 1000),
	});
	return {
		ledger,
		trusted,
		moment,
		warnings,
		line,
		commits,
		broken: broken.signal,
		parts: [{ stop: () => ledger.close() }, { start: () => trusted.start(ledger.clock), stop: () => trusted.stop() }],
	};
}

/** After the ledger's clock runs. @throws OctroiError `ledger_unwritable` */
export function offerAddedPlans({ config }: AgentGiven, { ledger, line, warnings }: Books): AddedPlans {
	return new AddedPlans({ config, ledger, catalogue: line.catalogue, warnings });
}
