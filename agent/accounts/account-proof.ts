import type { Clock } from '../core/clock.ts';
import type { Standing } from '../core/standing.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CodeLimiter, Guesser } from '../voucher/code-limiter.ts';
import { readCode } from '../voucher/pasted-code.ts';
import type { CodeStore } from './code-store.ts';
import type { DevicePairing } from './device-pairing.ts';

/**
 * Whether somebody has proved that an account is his; one closed list. `missing`: nothing was typed. `no_code`: no code opens this account,
 * and the router's display shows none for it. `wrong` counts as a wrong code; `wait` has not looked.
 */
export type Proof =
	| { readonly answer: 'proven' | 'missing' | 'mistyped' | 'wrong' | 'no_code' }
	| { readonly answer: 'wait'; readonly waitMs: number };

export type AccountProofOptions = {
	readonly ledger: Pick<Ledger, 'codes'>;
	readonly codes: Pick<CodeStore, 'hash'>;
	readonly pairing: Pick<DevicePairing, 'isDisplayedFor'>;
	readonly limiter: CodeLimiter;
	readonly clock: Clock;
	/** Spends an account. */
	readonly isCustomer: (mac: MacAddress) => boolean;
	/** What it has to show for itself. */
	readonly standing: (mac: MacAddress) => Standing;
};

export type ProofRequest = {
	/** As it was typed. */
	readonly typed: string;
	readonly account: AccountId;
	/** The station that types. */
	readonly mac: MacAddress;
	/** Whose wrong codes these are; default: the station's. */
	readonly guesser?: string;
};

/**
 * Proves that an account is somebody's: by a code that opens it, or by the six digits that the router's display shows for it. The proof is
 * good for the request that it came with and for nothing else: on an open Wi-Fi whatever a device could keep, its clone could send.
 */
export class AccountProof {
	readonly #options: AccountProofOptions;

	constructor(options: AccountProofOptions) {
		this.#options = options;
	}

	/** Nothing waits in between, so that parallel guesses are counted one by one. @throws OctroiError `code_key_lost`, `ledger_*` */
	prove({ typed, account, mac, guesser: by = mac }: ProofRequest): Proof {
		const { ledger, codes, pairing, limiter, clock, standing } = this.#options;
		const hasCode = ledger.codes.devicesOf(account) !== null;
		if (!hasCode && !pairing.isDisplayedFor(account)) return { answer: 'no_code' };
		if (typed.trim() === '') return { answer: 'missing' };
		const guesser = { isCustomer: true, standing: standing(mac) };
		const wait = limiter.wait(by, guesser, clock.bootMs());
		if (wait !== undefined) return { answer: 'wait', waitMs: wait.waitMs };
		const read = readCode(typed);
		if (read.ok && ledger.codes.openedBy(codes.hash(read.code)) === account) return { answer: 'proven' };
		const isDisplayed = pairing.isDisplayedFor(account);
		if (isDisplayed && pairing.isDisplayedFor(account, typed)) return { answer: 'proven' };
		if (!read.ok && !isDisplayed) return { answer: 'mistyped' };
		limiter.failed(by, guesser, clock.bootMs());
		return { answer: 'wrong' };
	}

	/**
	 * What a code would do, without entering it: nothing is counted, so what it says must not be more than entering would say.
	 *
	 * @returns undefined: there is no such code, or the station has to wait. `opens`: absent, if it makes an account of its own
	 */
	look(typed: string, mac: MacAddress, by: string = mac): { readonly opens?: AccountId } | undefined {
		const { ledger, codes, limiter, clock, isCustomer, standing } = this.#options;
		const read = readCode(typed);
		const guesser: Guesser = { isCustomer: isCustomer(mac), standing: standing(mac) };
		if (!read.ok || limiter.wait(by, guesser, clock.bootMs()) !== undefined) return undefined;
		const hash = codes.hash(read.code);
		const found = ledger.codes.find(hash);
		if (found === undefined) return undefined;
		const opens = ledger.codes.openedBy(hash) ?? (found.kind === 'voucher' ? found.set : undefined);
		return opens === undefined ? {} : { opens };
	}
}
