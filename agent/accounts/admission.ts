import { KeyedMutex } from '../core/keyed-mutex.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { Handover } from '../ledger/voucher.ts';
import type { Spender } from './spending.ts';

export type AdmitRequest = {
	readonly mac: MacAddress;
	readonly account: AccountId;
	/** At most so many stations at once; null: as many as come. */
	readonly devices: number | null;
	/** The card of a set that opened the account: the limit is the card's own. */
	readonly card?: { readonly set: string; readonly serial: number };
};

/**
 * Lets stations in and moves them. A code opens the network for so many stations at once: the next one takes the session along, and
 * the one that has been in longest is out. One change at a time for each station and each account, so that parallel requests
 * cannot let in one more.
 */
export class Admission {
	readonly #ledger: Ledger;
	readonly #spender: Spender;
	readonly #moment: () => Moment;
	readonly #turns = new KeyedMutex();

	constructor({ ledger, spender, moment }: { ledger: Ledger; spender: Spender; moment: () => Moment }) {
		this.#ledger = ledger;
		this.#spender = spender;
		this.#moment = moment;
	}

	/**
	 * @returns the stations that had to leave
	 * @throws OctroiError `not_found` (the account), `ledger_*`, `netlink_*`
	 */
	async admit(request: AdmitRequest): Promise<readonly MacAddress[]> {
		return await this.#inTurn(request.mac, request.account, () => this.#enter(request));
	}

	/**
	 * A device goes from the account that it spends to another, with a record. If the kernel does not let it in, it stays where it was.
	 *
	 * @returns the account that it spent before
	 * @throws OctroiError `not_found` (the account), `ledger_*`, `netlink_*`
	 */
	async handOver(mac: MacAddress, to: AccountId, how: Handover['how']): Promise<AccountId | undefined> {
		return await this.#inTurn(mac, to, async () => {
			const from = this.#spender.accountOf(mac);
			if (from === to) return from;
			try {
				await this.#enter({ mac, account: to, devices: this.#ledger.codes.devicesOf(to) });
			} catch (error) {
				if (from !== undefined && this.#spender.accountOf(mac) === undefined) {
					// What failed is what the caller must hear of; if the way back fails too, the station is walled and says so.
					await this.#spender.attach(mac, from).catch(() => undefined);
				}
				throw error;
			}
			const giver = from === undefined ? {} : { from };
			this.#ledger.codes.recordHandover({ mac, to, how, ...giver }, this.#moment());
			return from;
		});
	}

	/** Stations that came with a card are out. */
	async expel(card: { set: string; serial: number }, account: AccountId): Promise<readonly MacAddress[]> {
		return await this.#turns.take(`account ${account}`, async () => {
			const macs = this.#withCard(card, account);
			for (const mac of macs) await this.#spender.detach(mac, 'its card was blocked');
			return macs;
		});
	}

	/** Waits for what is under way. */
	async stop(): Promise<void> {
		await this.#turns.idle();
	}

	/** The station's turn before the account's, always: nobody waits in a circle. */
	#inTurn<Value>(mac: MacAddress, account: AccountId, work: () => Promise<Value>): Promise<Value> {
		return this.#turns.take(`station ${mac}`, () => this.#turns.take(`account ${account}`, work));
	}

	async #enter({ mac, account, devices, card }: AdmitRequest): Promise<readonly MacAddress[]> {
		const { codes } = this.#ledger;
		const now = this.#spender.accountOf(mac);
		const others = (card ? this.#withCard(card, account) : this.#spender.stations(account)).filter(
			(one) => one !== mac,
		);
		const surplus = devices === null ? 0 : Math.max(0, others.length + 1 - devices);
		const leaving = others.slice(0, surplus);
		for (const one of leaving) await this.#spender.detach(one, `its session was taken along by ${mac}`);
		if (card) codes.cameWithCard(mac, card.set, card.serial);
		if (now === account) return leaving;
		if (now !== undefined) await this.#spender.detach(mac, `it went on with ${account}`);
		await this.#spender.attach(mac, account);
		return leaving;
	}

	#withCard({ set, serial }: { set: string; serial: number }, account: AccountId): MacAddress[] {
		const macs = new Set(this.#ledger.codes.stationsOfCard(set, serial));
		return this.#spender.stations(account).filter((mac) => macs.has(mac));
	}
}
