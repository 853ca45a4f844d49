import type { DisplayModel } from './display-model.ts';

/** A new alert keeps the other screens away for this long. */
const ALERT_MS = 20_000;
/** So does an account that was chosen by key. */
const ACCOUNT_MS = 30_000;

/** `alert` is the one that is new. */
export type AttentionNow = { alert: string | undefined; account: boolean; isResting: boolean };

/** Remembers what is new, so that it is shown first, and since when nothing happens. */
export class Attention {
	readonly #restAfterMs: number | undefined;
	#known: ReadonlySet<string> = new Set();
	#alert: string | undefined;
	#alertUntilMs = 0;
	#accountUntilMs = 0;
	#busyAtMs: number | undefined;

	/** `restAfterMs`: how long nobody must be on before the display rests; undefined never rests. */
	constructor({ restAfterMs }: { restAfterMs: number | undefined }) {
		this.#restAfterMs = restAfterMs;
	}

	chosen(nowMs: number): void {
		this.#accountUntilMs = nowMs + ACCOUNT_MS;
		this.#busyAtMs = nowMs;
	}

	/** `nowMs` is of the boot clock. */
	see(model: DisplayModel, nowMs: number): AttentionNow {
		if (model.link.state === 'live') {
			const fresh = model.warnings.find((warning) => !this.#known.has(warning));
			if (fresh !== undefined) {
				this.#alert = fresh;
				this.#alertUntilMs = nowMs + ALERT_MS;
			}
			this.#known = new Set(model.warnings);
		}
		if (this.#busyAtMs === undefined || isBusy(model)) {
			this.#busyAtMs = nowMs;
		}
		return {
			alert: nowMs < this.#alertUntilMs ? this.#alert : undefined,
			account: nowMs < this.#accountUntilMs,
			isResting: this.#restAfterMs !== undefined && nowMs - this.#busyAtMs >= this.#restAfterMs,
		};
	}
}

/** Whatever somebody may want to read keeps the light on. */
function isBusy({ link, figures, warnings, pairingCode }: DisplayModel): boolean {
	const counts = figures?.counts;
	const people = counts === undefined ? 0 : counts.active + counts.throttled + counts.walled;
	return link.state !== 'live' || people > 0 || warnings.length > 0 || pairingCode !== undefined;
}
