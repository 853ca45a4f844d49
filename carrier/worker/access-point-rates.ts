import type { Clock } from '../clock.ts';

export type RateLimits = {
	/** What an access point may spend for good, a second. */
	readonly perSecond: number;
	/** What it may spend at once. */
	readonly burst: number;
};

/** Access points of which spending is remembered; in a whole fleet few have spent anything that is not forgotten. */
const REMEMBERED_MAX = 20_000;

type Budget = { left: number; atMs: number };

/**
 * A token bucket for each access point, in the costs of messages: what it may make the platform do and store. One that has something left may
 * spend more than that, and then waits until its debt is paid off: a large message is not too large for ever.
 */
export class AccessPointRates {
	readonly #limits: RateLimits;
	readonly #clock: Pick<Clock, 'wallMs'>;
	readonly #budgets = new Map<string, Budget>();

	constructor(limits: RateLimits, clock: Pick<Clock, 'wallMs'>) {
		this.#limits = limits;
		this.#clock = clock;
	}

	/** Whether it may send something now. */
	isWithin(ap: string): boolean {
		return this.#budgetOf(ap).left > 0;
	}

	spend(ap: string, cost: number): void {
		const budget = this.#budgetOf(ap);
		budget.left -= cost;
		this.#budgets.set(ap, budget);
		if (this.#budgets.size > REMEMBERED_MAX) this.#forget();
	}

	#budgetOf(ap: string): Budget {
		const { perSecond, burst } = this.#limits;
		const now = this.#clock.wallMs();
		const budget = this.#budgets.get(ap);
		if (budget === undefined) return { left: burst, atMs: now };
		// A clock that was set back gives nothing, and takes nothing.
		budget.left = Math.min(burst, budget.left + (Math.max(0, now - budget.atMs) / 1000) * perSecond);
		budget.atMs = now;
		return budget;
	}

	/** Those that may spend everything again need not be remembered; if there are too many others (names that somebody makes up), the oldest go. */
	#forget(): void {
		for (const ap of [...this.#budgets.keys()])
			if (this.#budgetOf(ap).left >= this.#limits.burst) this.#budgets.delete(ap);
		for (const ap of this.#budgets.keys()) {
			// Down to half, so that it is not looked through at each message.
			if (this.#budgets.size <= REMEMBERED_MAX / 2) break;
			this.#budgets.delete(ap);
		}
	}
}
