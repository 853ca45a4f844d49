import type { AccountId, BootMs, MeterId, Unit, WallMs } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import { hashOf } from './code-scenario.ts';
import { MAC, NOW } from './temporary-ledger.ts';

/** One random step; numbers are taken modulo what exists. */
export type CodeStep =
	| {
			readonly do: 'batch';
			count: number;
			amount: number;
			isSet: boolean;
			unit: 'byte' | 'second';
			until: number | null;
			validFor: number | null;
	  }
	| { readonly do: 'redeem' | 'repeat'; code: number; account: number | null }
	| { readonly do: 'give'; account: number; amount: number; unit: 'byte' | 'second'; until: number | null }
	| { readonly do: 'return'; gift: number }
	| { readonly do: 'returnExpired' | 'crash' }
	| { readonly do: 'void'; code: number; isWhole: boolean }
	| { readonly do: 'blockCard'; code: number; blocked: boolean }
	| { readonly do: 'use'; account: number; amount: number; reserve: number }
	| { readonly do: 'clock'; seconds: number; isSet: boolean };

type ModelCode = {
	readonly hash: Buffer;
	readonly batch?: string;
	readonly serial?: number;
	amount: number;
	credits: () => number;
};

/** Redeems, gives, claims, makes void and spends in any order, and counts by plain addition what was ever sold. */
export class CodeModel {
	#ledger: Ledger;
	readonly #revive: () => Ledger;
	readonly #codes: ModelCode[] = [];
	readonly #gifts: string[] = [];
	readonly #redeemed = new Map<ModelCode, AccountId>();
	readonly #sold = { byte: 0, second: 0, micro: 0 };
	#count = 0;
	#wallMs = NOW as number;
	#isClockSet = true;
	#up = 0;

	constructor(ledger: Ledger, revive: () => Ledger) {
		this.#ledger = ledger;
		this.#revive = revive;
		for (const id of ['ann', 'bob'] as AccountId[]) ledger.createAccount({ id });
		ledger.openSession({
			session: 's',
			mac: MAC,
			account: 'ann' as AccountId,
			meter: 7 as MeterId,
			epoch: 'e1',
			at: this.#at(),
		});
	}

	/** What a process that was killed leaves: its files as they are in that moment, with a log that nobody has closed. */
	#crash(): void {
		const revived = this.#revive();
		this.#ledger.close();
		this.#ledger = revived;
	}

	get ledger(): Ledger {
		return this.#ledger;
	}

	run(step: CodeStep): void {
		const { codes } = this.#ledger;
		switch (step.do) {
			case 'batch':
				this.#batch(step);
				break;
			case 'redeem':
			case 'repeat':
				this.#redeem(step);
				break;
			case 'give':
				this.#give(step);
				break;
			case 'return':
				if (this.#gifts.length > 0) codes.returnGift(this.#gifts[step.gift % this.#gifts.length] as string, this.#at());
				break;
			case 'returnExpired':
				codes.returnExpired(this.#at());
				break;
			case 'void': {
				const { batch, serial } = this.#code(step.code) ?? {};
				if (batch !== undefined) codes.void(batch, step.isWhole ? undefined : serial, this.#at());
				break;
			}
			case 'blockCard': {
				const { batch, serial } = this.#code(step.code) ?? {};
				if (batch !== undefined && serial !== undefined) codes.blockCard(batch, serial, step.blocked, this.#at());
				break;
			}
			case 'use':
				this.#use(step);
				break;
			case 'clock':
				this.#wallMs += step.seconds * 1000;
				this.#isClockSet = step.isSet;
				break;
			case 'crash':
				this.#crash();
		}
		this.#compare();
	}

	#batch(step: CodeStep & { do: 'batch' }): void {
		const id = `b${++this.#count}`;
		const { count, amount, unit, isSet, until, validFor } = step;
		const hashes = Array.from({ length: count }, (_, index) => hashOf(`${id} ${index}`));
		const validity = validFor === null ? {} : { validForSeconds: validFor };
		const answer = this.#ledger.codes.createBatch({
			id,
			terms: { unit, amount, planName: 'plan', atEnd: 'block', ...validity },
			hashes,
			devices: 1,
			isSet,
			at: this.#at(),
			...(until === null ? {} : { validUntilWallMs: (this.#wallMs + until * 1000) as WallMs }),
		});
		equal(answer, 'created', 'batch');
		let isCredited = false;
		for (const [index, hash] of hashes.entries()) {
			const credits = () => {
				const first = !isSet || !isCredited;
				isCredited = true;
				if (first) this.#sold[unit] += amount;
				return first ? amount : 0;
			};
			this.#codes.push({ hash, batch: id, serial: index + 1, amount, credits });
		}
	}

	#redeem(step: CodeStep & { do: 'redeem' | 'repeat' }): void {
		const code = this.#code(step.code);
		if (code === undefined) return;
		const account = step.account === null ? undefined : (['ann', 'bob'][step.account % 2] as AccountId);
		const before = this.#left();
		const done = this.#ledger.codes.redeem({
			hash: code.hash,
			at: this.#at(),
			...(account === undefined ? {} : { account }),
		});
		const earlier = this.#redeemed.get(code);
		if (done.answer === 'redeemed') {
			equal(earlier, undefined, 'redeemed twice');
			this.#redeemed.set(code, done.account);
			const credited = done.packages.reduce((sum, { amount }) => sum + amount, 0);
			equal(credited, code.credits(), 'credited');
		} else {
			equal(this.#left(), before, `${done.answer} moves nothing`);
			if (done.answer === 'returned') equal(done.account, earlier, 'returned to another');
		}
	}

	#give(step: CodeStep & { do: 'give' }): void {
		const id = `g${++this.#count}`;
		const account = (['ann', 'bob'] as AccountId[])[step.account % 2] as AccountId;
		const hash = hashOf(id);
		const { unit, amount } = step;
		const until = step.until === null ? {} : { validForSeconds: step.until };
		const { answer } = this.#ledger.codes.give({ id, account, unit, amount, hash, at: this.#at(), ...until });
		if (answer === 'too_little') return;
		equal(answer, 'given', 'give');
		this.#gifts.push(id);
		this.#codes.push({ hash, amount, credits: () => amount });
	}

	#use({ account, amount, reserve }: CodeStep & { do: 'use' }): void {
		const id = (['ann', 'bob'] as AccountId[])[account % 2] as AccountId;
		if (id === 'ann') this.#up += amount;
		this.#ledger.settle({
			epoch: 'e1',
			account: id,
			at: this.#at(),
			readings: id === 'ann' ? [{ meter: 7 as MeterId, up: this.#up, down: 0 }] : [],
			free: false,
			reserve: { byte: reserve, second: reserve },
		});
	}

	/** All that was ever sold is somewhere: with an account, waiting as a gift, used and paid, or expired. */
	#compare(): void {
		equal(this.#left(), { ...this.#sold }, 'sold = held + offered + paid + expired');
		equal(this.#ledger.verify().broken, undefined, 'verify');
	}

	#left(): Record<Unit, number> {
		const sums = { byte: 0, second: 0, micro: 0 };
		for (const { id, available, reserved } of this.#ledger.accounts()) {
			for (const unit of ['byte', 'second'] as const) sums[unit] += available[unit] + reserved[unit];
			for (const { reason, unit, amount } of this.#ledger.history(id, { limit: 10_000 })) {
				if (reason === 'used' || reason === 'expired') sums[unit] += amount;
			}
			for (const gift of this.#ledger.codes.gifts(id)) if (gift.state === 'offered') sums[gift.unit] += gift.amount;
		}
		return sums;
	}

	#code(index: number): ModelCode | undefined {
		return this.#codes[index % Math.max(1, this.#codes.length)];
	}

	#at() {
		const wallMs = this.#wallMs as WallMs;
		return { wallMs, bootMs: 0 as BootMs, trustedWallMs: this.#isClockSet ? wallMs : null };
	}
}

function equal<Value>(found: Value, wanted: Value, what: string): void {
	if (JSON.stringify(found) !== JSON.stringify(wanted)) {
		throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
	}
}
