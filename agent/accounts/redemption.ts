import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Standing } from '../core/standing.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Redeemed, Redemption } from '../ledger/voucher.ts';
import type { Code, Mistyped } from '../voucher/code.ts';
import type { CodeLimiter, Guesser } from '../voucher/code-limiter.ts';
import { readCode } from '../voucher/pasted-code.ts';
import type { Admission } from './admission.ts';
import type { CodeStore } from './code-store.ts';
import { mistypedError } from './mistyped-error.ts';
import type { Spender } from './spending.ts';

export type EnterRequest = {
	/** As it was typed, scanned or pasted. */
	readonly typed: string;
	/** The station that enters it: it is let in, and its wrong codes are counted. Absent: an operator does. */
	readonly mac?: MacAddress;
	/** Tops up this account instead of opening the code's own. */
	readonly account?: AccountId;
	/** Whose wrong codes these are; default: the station's. */
	readonly guesser?: string | undefined;
};

/**
 * What became of an entered code: one closed list, ordered by precedence. Only `redeemed` and `returned` let the station in.
 * `mistyped` and `wait` have not looked the code up; all others that refuse count as wrong codes, but `no_account` and `bound`.
 */
export type Entry =
	| { readonly answer: 'mistyped'; readonly mistyped: Mistyped }
	/** Too many wrong codes, of this station or of all. */
	| { readonly answer: 'wait'; readonly waitMs: number; readonly scope: 'station' | 'overall' }
	| Exclude<Redemption, Redeemed>
	| ({ readonly answer: 'returned'; readonly replaced: readonly MacAddress[] } & Redeemed)
	| ({ readonly answer: 'redeemed'; readonly replaced: readonly MacAddress[] } & Redeemed);

/** Answers that tell somebody who guesses nothing of use, or that are no guess. */
const NOT_COUNTED: readonly Redemption['answer'][] = ['redeemed', 'returned', 'no_account', 'bound'];

export type CodeRedemptionOptions = {
	readonly ledger: Ledger;
	readonly spender: Spender;
	readonly admission: Admission;
	readonly codes: CodeStore;
	readonly limiter: CodeLimiter;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly standing: (mac: MacAddress) => Standing;
	readonly log: Log;
};

/** Where codes are entered: by the portal for a station, by the command line for an operator. Never logs a code. */
export class CodeRedemption {
	readonly #options: CodeRedemptionOptions;

	constructor(options: CodeRedemptionOptions) {
		this.#options = options;
	}

	/**
	 * Redeems a voucher, a card or a gift, once and together with its credit, and lets the station in. What is redeemed stays so even if the
	 * kernel then refuses the station; entering the code again goes on from there.
	 *
	 * @throws OctroiError `code_key_lost`, `ledger_*`, `netlink_*`, `invalid_value` (a balance beyond what can be counted)
	 */
	async enter(request: EnterRequest): Promise<Entry> {
		const read = readCode(request.typed);
		if (!read.ok) return { answer: 'mistyped', mistyped: read.mistyped };
		const refused = this.#guard(request, read.code);
		if (refused !== undefined) return refused;
		const redemption = await this.#redeem(request, read.code);
		if (redemption.answer !== 'redeemed' && redemption.answer !== 'returned') {
			this.#count(request, redemption.answer);
			return redemption;
		}
		return { ...redemption, replaced: await this.#admit(request, redemption) };
	}

	/**
	 * The waits, and codes that do not exist: one step without anything in between, so that parallel guesses are counted one by one.
	 * A code that exists is decided in the ledger.
	 */
	#guard({ mac, guesser }: EnterRequest, code: Code): Entry | undefined {
		if (mac === undefined) return undefined;
		const { ledger, limiter, clock, codes } = this.#options;
		const wait = limiter.wait(guesser ?? mac, this.#guesser(mac), clock.bootMs());
		if (wait !== undefined) return { answer: 'wait', ...wait };
		if (ledger.codes.find(codes.hash(code)) !== undefined) return undefined;
		this.#count({ mac, guesser }, 'unknown');
		return { answer: 'unknown' };
	}

	#redeem({ account }: EnterRequest, code: Code): Promise<Redemption> {
		const { ledger, spender, codes, moment } = this.#options;
		const hash = codes.hash(code);
		const found = ledger.codes.find(hash);
		const work = () => ledger.codes.redeem({ hash, at: moment(), ...(account === undefined ? {} : { account }) });
		// Stations of an account that gets credit go on at once. A new account has none yet.
		const credited = account ?? (found?.kind === 'voucher' ? found.set : undefined);
		return credited === undefined ? Promise.resolve().then(work) : spender.credit(credited, work);
	}

	async #admit({ mac, account }: EnterRequest, redemption: Redeemed): Promise<readonly MacAddress[]> {
		const { admission, spender } = this.#options;
		if (mac === undefined) return [];
		// Who tops up the account that he spends already has nothing to enter.
		if (account !== undefined && spender.accountOf(mac) === account) return [];
		const { card, devices, opens } = redemption;
		if (card !== undefined) return await admission.admit({ mac, account: redemption.account, devices, card });
		if (!opens) return [];
		return await admission.admit({ mac, account: redemption.account, devices });
	}

	#count({ mac, guesser }: Pick<EnterRequest, 'mac' | 'guesser'>, answer: Redemption['answer']): void {
		if (mac === undefined || NOT_COUNTED.includes(answer)) return;
		const { limiter, clock, log } = this.#options;
		limiter.failed(guesser ?? mac, this.#guesser(mac), clock.bootMs());
		log.debug({ mac, answer }, 'a wrong code');
	}

	/** A customer has paid: it spends an account. */
	#guesser(mac: MacAddress): Guesser {
		const { spender, standing } = this.#options;
		return { isCustomer: spender.accountOf(mac) !== undefined, standing: standing(mac) };
	}
}

/** What a refused entry is called on the command line. */
export function entryError(entry: Exclude<Entry, { answer: 'redeemed' | 'returned' }>): OctroiError {
	const retry = 'no credit was lost';
	switch (entry.answer) {
		case 'mistyped':
			return mistypedError(entry.mistyped);
		case 'wait':
			return new OctroiError('too_many_attempts', `too many wrong codes: wait ${Math.ceil(entry.waitMs / 1000)} s`, {
				fix: entry.scope === 'station' ? 'ask the staff for help' : 'wait, then try again',
			});
		case 'unknown':
			return new OctroiError('not_found', 'there is no such code', { fix: 'compare it with the card' });
		case 'no_account':
			return new OctroiError('not_found', 'the account to be topped up does not exist', { fix: retry });
		case 'used':
			return new OctroiError('not_allowed', `the code was used on ${new Date(entry.redeemedWallMs).toISOString()}`);
		case 'blocked':
			return new OctroiError('not_allowed', 'the card is blocked', { fix: "its set's control card can unblock it" });
		case 'bound':
			return new OctroiError('not_allowed', 'a card of a set opens its own account, and tops up no other', {
				fix: retry,
			});
		case 'void':
			return new OctroiError('not_allowed', 'the code is void');
		case 'expired':
			return new OctroiError('not_allowed', 'the code is no longer valid');
	}
}
