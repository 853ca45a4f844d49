import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Voucher } from '../ledger/voucher.ts';
import type { Admission } from './admission.ts';
import type { Spender } from './spending.ts';

/** `not_control`: the station is not in with the control card of a set. `is_control`: that card cannot block itself. */
export type CardAnswer = 'changed' | 'exists' | 'not_found' | 'not_control' | 'is_control';
export type BlockedCard = { readonly answer: CardAnswer; readonly detached: readonly MacAddress[] };

export type CardSetsOptions = {
	readonly ledger: Ledger;
	readonly spender: Spender;
	readonly admission: Admission;
	readonly moment: () => Moment;
};

/** What the control card of a set may do with its other cards. (To recharge, it enters a voucher for the set's account.) */
export class CardSets {
	readonly #options: CardSetsOptions;

	constructor(options: CardSetsOptions) {
		this.#options = options;
	}

	/** The set that a station controls now: it is in with its control card. */
	controlledBy(mac: MacAddress): { readonly set: string; readonly account: AccountId } | undefined {
		const { ledger, spender, moment } = this.#options;
		const card = ledger.codes.cardOf(mac);
		if (card === undefined) return undefined;
		const { set } = card;
		const account = ledger.codes.batch(set)?.account;
		const role = ledger.codes.voucher(set, card.serial, moment().trustedWallMs ?? null)?.role;
		return role === 'control' && account !== undefined && spender.accountOf(mac) === account
			? { set, account }
			: undefined;
	}

	/** The cards of the set that a station controls; none if it controls none. */
	cards(mac: MacAddress): readonly Voucher[] {
		const { ledger, moment } = this.#options;
		const controlled = this.controlledBy(mac);
		return controlled === undefined ? [] : ledger.codes.vouchers(controlled.set, moment().trustedWallMs ?? null);
	}

	/** A station with the control card blocks another card of its set, or lets it in again. @throws `ledger_*`, `netlink_*` */
	async blockFrom(mac: MacAddress, serial: number, blocked: boolean): Promise<BlockedCard> {
		const { ledger } = this.#options;
		const controlled = this.controlledBy(mac);
		if (controlled === undefined) return { answer: 'not_control', detached: [] };
		if (ledger.codes.voucher(controlled.set, serial)?.role === 'control') return { answer: 'is_control', detached: [] };
		return await this.block(controlled.set, serial, blocked);
	}

	/** The operator does. Stations that came with a blocked card are out at once. @throws `ledger_*`, `netlink_*` */
	async block(set: string, serial: number, blocked: boolean): Promise<BlockedCard> {
		const { ledger, admission, moment } = this.#options;
		const answer = ledger.codes.blockCard(set, serial, blocked, moment());
		if (answer !== 'changed' && answer !== 'exists' && answer !== 'not_found') {
			throw new OctroiError('internal', `blocking a card was answered with ${answer}`);
		}
		const account = ledger.codes.batch(set)?.account;
		// Asked again too: the kernel may have refused the first time.
		const mustLeave = blocked && answer !== 'not_found' && account !== undefined;
		return { answer, detached: mustLeave ? await admission.expel({ set, serial }, account) : [] };
	}
}
