import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { AccountId, Unit } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Moment, validityTime } from '../ledger/moment.ts';
import type { Gift, GiveAnswer } from '../ledger/voucher.ts';
import type { CodeForm } from '../voucher/code-maker.ts';
import type { CodeStore } from './code-store.ts';
import type { Spender } from './spending.ts';

export type GiveRequest = {
	/** Made by whoever asks: asking twice gives once. The code is only in the first answer. */
	readonly id: string;
	readonly account: AccountId;
	readonly unit: Unit;
	readonly amount: number;
};

/** `code` exactly with `given`; `available` with `given` and `too_little`. */
export type Given = {
	readonly answer: Exclude<GiveAnswer, 'code_taken'>;
	readonly code?: string;
	readonly gift?: Gift;
	readonly available?: number;
};

export type GiftsOptions = {
	readonly ledger: Ledger;
	readonly spender: Spender;
	readonly codes: CodeStore;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly log: Log;
	readonly form: CodeForm;
	readonly validForSeconds: number;
};

/** While no offer ends, the clock may still become known; and a failed return is tried again. */
const LOOK_AGAIN_MS = 600_000;

/** Gives a part of a balance away by code, and takes back what nobody claims. Claiming is the code desk's. */
export class Gifts {
	readonly #options: GiftsOptions;
	#cancelTimer: (() => void) | undefined;

	constructor(options: GiftsOptions) {
		this.#options = options;
	}

	start(): void {
		this.#returnExpired();
	}

	stop(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
	}

	/** @throws OctroiError `invalid_value`, `code_key_lost`, `ledger_*`, `netlink_*` */
	async give(request: GiveRequest): Promise<Given> {
		const { ledger, spender, codes, form, moment, validForSeconds } = this.#options;
		const give = () =>
			codes.newCode(form, (hash) => ledger.codes.give({ ...request, hash, validForSeconds, at: moment() }));
		const { code, result } = await spender.withdraw(request.account, give);
		const { answer, gift, available } = result;
		if (answer === 'given') this.#schedule();
		return {
			answer: answer as Given['answer'],
			...(answer === 'given' ? { code } : {}),
			...(gift === undefined ? {} : { gift }),
			...(available === undefined ? {} : { available }),
		};
	}

	/** Ends an offer before its time. → changed, exists, not_found. @throws `ledger_*`, `netlink_*` */
	async takeBack(id: string): Promise<Answer> {
		const { ledger, spender, moment } = this.#options;
		const gift = ledger.codes.gift(id);
		if (gift === undefined) return 'not_found';
		return await spender.credit(gift.giver, () => ledger.codes.returnGift(id, moment()));
	}

	#returnExpired(): void {
		const { ledger, log, moment, spender } = this.#options;
		try {
			for (const { id, giver } of ledger.codes.returnExpired(moment())) {
				log.info({ gift: id, account: giver }, 'a gift that nobody claimed came back');
				// Its stations may have stood still for want of it.
				spender.credit(giver, () => undefined).catch((error) => log.error({ error }, 'could not renew the giver'));
			}
		} catch (error) {
			log.error({ error }, 'gifts could not be returned; trying again');
		}
		this.#schedule();
	}

	#schedule(): void {
		const { clock, ledger, moment } = this.#options;
		const next = ledger.codes.nextReturn();
		const now = validityTime(moment());
		const waitMs = next === null || now === null ? LOOK_AGAIN_MS : Math.max(1000, next - now);
		this.#cancelTimer?.();
		this.#cancelTimer = clock.after(Math.min(waitMs, LOOK_AGAIN_MS), () => this.#returnExpired());
	}
}
