import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Standing } from '../core/standing.ts';
import type { MacAddress } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import { codeKeyPath } from '../voucher/code-key.ts';
import { CodeLimiter, guessesPerHourMax, type LimiterRates } from '../voucher/code-limiter.ts';
import type { CodeForm, RandomBytes } from '../voucher/code-maker.ts';
import { AccountProof } from './account-proof.ts';
import { Admission } from './admission.ts';
import { CardSets } from './card-sets.ts';
import { CodeStore } from './code-store.ts';
import { DevicePairing } from './device-pairing.ts';
import { Gifts } from './gifts.ts';
import { CodeRedemption } from './redemption.ts';
import type { Spender } from './spending.ts';

export type IdentityOptions = {
	readonly ledger: Ledger;
	readonly spender: Spender;
	/** The ledger's file: the key of the codes stands beside it. */
	readonly database: string;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly random: RandomBytes;
	/** What a station has to show for itself: of budgets that strangers share it gets more. */
	readonly standing: (mac: MacAddress) => Standing;
	readonly log: Log;
	readonly rates: LimiterRates;
	readonly giftForm: CodeForm;
	readonly giftValidForSeconds: number;
};

/** Who may spend what: codes, gifts, pairing and devices, joined. The portal and the commands use the same desks. */
export class Identity {
	readonly codes: CodeStore;
	readonly desk: CodeRedemption;
	readonly cards: CardSets;
	readonly gifts: Gifts;
	readonly pairing: DevicePairing;
	readonly proof: AccountProof;
	readonly admission: Admission;
	readonly limiter: CodeLimiter;
	readonly moment: () => Moment;

	constructor(options: IdentityOptions) {
		const { ledger, spender, database, clock, moment, random, log, rates, giftForm, giftValidForSeconds } = options;
		const guessesPerHour = guessesPerHourMax(rates);
		this.moment = moment;
		this.limiter = new CodeLimiter(rates);
		this.admission = new Admission({ ledger, spender, moment });
		this.codes = new CodeStore({
			ledger,
			keyPath: codeKeyPath(database),
			random,
			moment,
			guessesPerHour,
			usualForm: giftForm,
			onHitChance: (chance) => this.limiter.setHitChance(chance),
		});
		const { codes, limiter, admission } = this;
		this.desk = new CodeRedemption({
			ledger,
			spender,
			admission,
			codes,
			limiter,
			clock,
			moment,
			standing: options.standing,
			log,
		});
		this.cards = new CardSets({ ledger, spender, admission, moment });
		const giving = { form: giftForm, validForSeconds: giftValidForSeconds };
		this.gifts = new Gifts({ ledger, spender, codes, clock, moment, log, ...giving });
		const isCustomer = (mac: MacAddress) => spender.accountOf(mac) !== undefined;
		this.pairing = new DevicePairing({ ledger, admission, limiter, clock, random });
		this.proof = new AccountProof({
			ledger,
			codes,
			pairing: this.pairing,
			limiter,
			clock,
			isCustomer,
			standing: options.standing,
		});
	}

	start(): void {
		this.codes.tellHitChance();
		this.gifts.start();
	}

	async stop(): Promise<void> {
		this.gifts.stop();
		await this.admission.stop();
	}
}
