import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';

/** Accounts with stations are renewed in time by these; for the others an hour is soon enough. */
const INTERVAL_MS = 3_600_000;

export type RenewalTimerOptions = {
	readonly clock: Clock;
	readonly ledger: Pick<Ledger, 'issueRenewals'>;
	readonly moment: () => Moment;
	readonly log: Log;
};

/** Issues the allotments of cycles that have begun, also for accounts that nobody uses now. */
export class RenewalTimer {
	readonly #options: RenewalTimerOptions;
	#cancel: (() => void) | undefined;

	constructor(options: RenewalTimerOptions) {
		this.#options = options;
	}

	/** Issues what is due, now and then every hour. What fails is logged, and tried again an hour later. */
	start(): void {
		const { clock, ledger, moment, log } = this.#options;
		try {
			const issued = ledger.issueRenewals(moment());
			if (issued > 0) log.info({ accounts: issued }, 'a new cycle has begun');
		} catch (error) {
			log.error({ error }, 'could not begin a new cycle');
		}
		this.#cancel = clock.after(INTERVAL_MS, () => this.start());
	}

	/** May be called twice. */
	stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}
}
