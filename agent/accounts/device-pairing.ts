import type { Clock } from '../core/clock.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, BootMs, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { latinDigits } from '../voucher/code.ts';
import type { CodeLimiter } from '../voucher/code-limiter.ts';
import type { RandomBytes } from '../voucher/code-maker.ts';
import type { Admission } from './admission.ts';

export const PAIRING_VALID_MS = 120_000;
/**
 * How long codes are, and how many wrong ones of all stations together are taken at that length; then those that are open are replaced by longer
 * ones, on the display and the page where they stand. Six digits are what somebody keeps in mind from the display to the telephone, and a guess hits
 * with 5 in 1,000,000; whoever goes on guessing only makes them longer: by all steps together he hits one with 1.5 in 100,000. Of the longest
 * form, two minutes are too short for a number of guesses that counts.
 */
export const PAIRING_STEPS: readonly { readonly digits: number; readonly wrongMax: number }[] = [
	{ digits: 6, wrongMax: 5 },
	{ digits: 8, wrongMax: 500 },
	{ digits: 10, wrongMax: Number.POSITIVE_INFINITY },
];
/** After so long without a wrong code they are short again. */
export const PAIRING_CALM_MS = 600_000;
/** Codes of pages that are open at once: each makes a lucky guess more likely. Those of the router's display are the operator's, and not of this number. */
export const PAIRINGS_MAX = 64;

export type Pairing = {
	readonly code: string;
	readonly account: AccountId;
	readonly validMs: number;
};

/** One closed list: `wrong` says nothing of whether it was late, used or never there. */
export type Paired =
	| { readonly answer: 'paired'; readonly account: AccountId; readonly from?: AccountId }
	| { readonly answer: 'wrong' }
	| { readonly answer: 'wait'; readonly waitMs: number; readonly scope: 'station' | 'overall' };

type Open = { readonly account: AccountId; readonly untilMs: BootMs; readonly isOnDisplay: boolean };

export type DevicePairingOptions = {
	readonly ledger: Ledger;
	readonly admission: Admission;
	readonly limiter: CodeLimiter;
	readonly clock: Clock;
	readonly random: RandomBytes;
};

/**
 * The router's display shows a code, the client types it: who stands before the display belongs to the account. In memory only:
 * after a restart a new code is asked for.
 */
export class DevicePairing {
	readonly #options: DevicePairingOptions;
	#open = new Map<string, Open>();
	#step = 0;
	/** Since the step began. */
	#wrong = 0;
	#lastWrongMs = Number.NEGATIVE_INFINITY;

	constructor(options: DevicePairingOptions) {
		this.#options = options;
	}

	/**
	 * Opens a code for an account; one that it has already is replaced.
	 *
	 * @param where `page`: only the account's own page shows it; `display`: whoever stands before the router's display may use it
	 * @throws OctroiError `not_found`, `not_allowed`, `ledger_*`
	 */
	start(account: AccountId, where: 'page' | 'display' = 'page'): Pairing {
		const { ledger, clock } = this.#options;
		if (ledger.isBlocked(account) === undefined) throw new OctroiError('not_found', `there is no account ${account}`);
		this.#forgetLate();
		for (const [code, open] of this.#open) if (open.account === account) this.#open.delete(code);
		const ofPages = [...this.#open.values()].filter(({ isOnDisplay }) => !isOnDisplay).length;
		if (where === 'page' && ofPages >= PAIRINGS_MAX) {
			throw new OctroiError('not_allowed', `${PAIRINGS_MAX} devices are being paired already`, {
				fix: `wait ${PAIRING_VALID_MS / 1000} s`,
			});
		}
		const untilMs = (clock.bootMs() + PAIRING_VALID_MS) as BootMs;
		const code = this.#add({ account, untilMs, isOnDisplay: where === 'display' });
		return { code, account, validMs: PAIRING_VALID_MS };
	}

	/** What the router's display shows: the code for it that was asked for last. */
	onDisplay(): string | undefined {
		this.#forgetLate();
		return [...this.#open].findLast(([, { isOnDisplay }]) => isOnDisplay)?.[0];
	}

	/**
	 * Whether the router's display shows a code for this account; with `typed`, whether it is this one. Wrong ones count as those of
	 * {@link confirm} do.
	 */
	isDisplayedFor(account: AccountId, typed?: string): boolean {
		this.#forgetLate();
		const shown = [...this.#open].find(([, open]) => open.isOnDisplay && open.account === account)?.[0];
		if (typed === undefined || shown === undefined) return shown !== undefined;
		if (digitsOf(typed) === shown) return true;
		this.#countWrong();
		return false;
	}

	/** The account that a code would let a station join, without using it; undefined: none, or the station has to wait. */
	look(typed: string, guesser: string): AccountId | undefined {
		const { limiter, clock } = this.#options;
		this.#forgetLate();
		if (limiter.stationWait(guesser, clock.bootMs()) !== undefined) return undefined;
		return this.#open.get(digitsOf(typed))?.account;
	}

	list(): Pairing[] {
		this.#forgetLate();
		const now = this.#options.clock.bootMs();
		return [...this.#open].map(([code, { account, untilMs }]) => ({ code, account, validMs: untilMs - now }));
	}

	/**
	 * A station types a code: it spends the account from now on. A code works once, even if the kernel then refuses the station.
	 *
	 * @throws OctroiError `ledger_*`, `netlink_*`
	 */
	async confirm(typed: string, mac: MacAddress, guesser: string = mac): Promise<Paired> {
		const { admission, limiter, clock } = this.#options;
		this.#forgetLate();
		const wait = limiter.stationWait(guesser, clock.bootMs());
		if (wait !== undefined) return { answer: 'wait', ...wait };
		const code = digitsOf(typed);
		const open = this.#open.get(code);
		if (open === undefined) {
			limiter.stationFailed(guesser, clock.bootMs());
			this.#countWrong();
			return { answer: 'wrong' };
		}
		this.#open.delete(code);
		const from = await admission.handOver(mac, open.account, 'pairing');
		return { answer: 'paired', account: open.account, ...(from === undefined ? {} : { from }) };
	}

	/** Guessing voids nobody's pairing: it makes the codes longer. */
	#countWrong(): void {
		this.#lastWrongMs = this.#options.clock.bootMs();
		this.#wrong += 1;
		if (this.#wrong < this.#rule.wrongMax) return;
		this.#step += 1;
		this.#wrong = 0;
		const before = this.#open;
		this.#open = new Map();
		for (const open of before.values()) this.#add(open);
	}

	get #rule(): (typeof PAIRING_STEPS)[number] {
		return PAIRING_STEPS[this.#step] as (typeof PAIRING_STEPS)[number];
	}

	#add(open: Open): string {
		let code = this.#newCode();
		while (this.#open.has(code)) code = this.#newCode();
		this.#open.set(code, open);
		return code;
	}

	#newCode(): string {
		const { digits } = this.#rule;
		// The remainder of 2^48 by 10^10 favours no code by more than one in 28,000.
		const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = this.#options.random(6);
		const number = [a, b, c, d, e, f].reduce((sum, byte) => sum * 256 + byte, 0);
		return String(number % 10 ** digits).padStart(digits, '0');
	}

	#forgetLate(): void {
		const now = this.#options.clock.bootMs();
		for (const [code, { untilMs }] of this.#open) if (untilMs <= now) this.#open.delete(code);
		if (this.#open.size > 0 || now - this.#lastWrongMs < PAIRING_CALM_MS) return;
		this.#step = 0;
		this.#wrong = 0;
	}
}

function digitsOf(typed: string): string {
	return latinDigits(typed.slice(0, 40).normalize('NFKC')).replace(/[^0-9]/g, '');
}
