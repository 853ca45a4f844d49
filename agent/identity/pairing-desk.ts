import type { Clock } from '../core/clock.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, BootMs, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CodeLimiter } from '../voucher/code-limiter.ts';
import type { RandomBytes } from '../voucher/code-maker.ts';
import type { Admission } from './admission.ts';

/** Six digits: what somebody keeps in mind from the display to the telephone. */
const CODE_DIGITS = 6;
export const PAIRING_VALID_MS = 120_000;
/** Wrong codes of all stations while codes are open; then all are void. One in 200,000 to hit one by chance. */
export const PAIRING_WRONG_MAX = 5;
/** Codes that are open at once: each makes a lucky guess more likely. */
export const PAIRINGS_MAX = 8;

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

export type PairingDeskOptions = {
	readonly ledger: Ledger;
	readonly admission: Admission;
	readonly limiter: CodeLimiter;
	readonly clock: Clock;
	readonly random: RandomBytes;
	readonly isAttached: (mac: MacAddress) => boolean;
};

/**
 * The router's display shows a code, the client types it: who stands before the display belongs to the account. In memory only:
 * after a restart a new code is asked for.
 */
export class PairingDesk {
	readonly #options: PairingDeskOptions;
	readonly #open = new Map<string, Open>();
	#wrong = 0;

	constructor(options: PairingDeskOptions) {
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
		if (this.#open.size >= PAIRINGS_MAX) {
			throw new OctroiError('not_allowed', `${PAIRINGS_MAX} devices are being paired already`, {
				fix: `wait ${PAIRING_VALID_MS / 1000} s`,
			});
		}
		if (this.#open.size === 0) this.#wrong = 0;
		let code = this.#newCode();
		while (this.#open.has(code)) code = this.#newCode();
		const untilMs = (clock.bootMs() + PAIRING_VALID_MS) as BootMs;
		this.#open.set(code, { account, untilMs, isOnDisplay: where === 'display' });
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
	look(typed: string, mac: MacAddress): AccountId | undefined {
		const { limiter, clock, isAttached } = this.#options;
		this.#forgetLate();
		if (limiter.wait(mac, isAttached(mac), clock.bootMs()) !== undefined) return undefined;
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
	async confirm(typed: string, mac: MacAddress): Promise<Paired> {
		const { admission, limiter, clock, isAttached } = this.#options;
		this.#forgetLate();
		const wait = limiter.wait(mac, isAttached(mac), clock.bootMs());
		if (wait !== undefined) return { answer: 'wait', ...wait };
		const code = digitsOf(typed);
		const open = this.#open.get(code);
		if (open === undefined) {
			limiter.failed(mac, isAttached(mac), clock.bootMs());
			this.#countWrong();
			return { answer: 'wrong' };
		}
		this.#open.delete(code);
		const from = await admission.handOver(mac, open.account, 'pairing');
		return { answer: 'paired', account: open.account, ...(from === undefined ? {} : { from }) };
	}

	#countWrong(): void {
		this.#wrong += 1;
		if (this.#wrong >= PAIRING_WRONG_MAX) this.#open.clear();
	}

	#newCode(): string {
		// The remainder of 2^48 by 10^6 favours no code by more than one in 10^8.
		const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = this.#options.random(6);
		const number = [a, b, c, d, e, f].reduce((sum, byte) => sum * 256 + byte, 0);
		return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
	}

	#forgetLate(): void {
		const now = this.#options.clock.bootMs();
		for (const [code, { untilMs }] of this.#open) if (untilMs <= now) this.#open.delete(code);
	}
}

function digitsOf(typed: string): string {
	return typed
		.slice(0, 40)
		.normalize('NFKC')
		.replace(/[^0-9]/g, '');
}
