import type { AccountId, BootMs, MacAddress, MeterId, Unit, UsageUnit, WallMs } from '../../../agent/core/units.ts';
import type { UsageAmounts } from '../../../agent/ledger/account.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LossDirection } from '../../../agent/ledger/lost.ts';
import type { PackageTerms } from '../../../agent/ledger/package.ts';
import type { Reason } from '../../../agent/ledger/reason.ts';
import type { NamedTariff } from '../../../agent/ledger/tariff-store.ts';
import { NOW } from './temporary-ledger.ts';

const ACCOUNTS = ['family', 'ann', 'bob', 'eve'] as AccountId[];
const UNITS = ['byte', 'second', 'micro'] as const;

export type BuyStep = {
	readonly do: 'buy';
	account: number;
	unit: Unit;
	amount: number;
	valid: number | null;
	kind: 'plain' | 'renews' | 'add-on' | 'first-use';
	grace: { unit: UsageUnit; amount: number } | null;
	paced: boolean;
	/** Paid from the wallet, if it has so much. */
	price: number | null;
	tariff: NamedTariff;
};

/** One random step; numbers are taken modulo what exists. */
export type ProductStep =
	| BuyStep
	| {
			readonly do: 'open' | 'close' | 'join' | 'leave' | 'give' | 'merge' | 'crash' | 'renew';
			account: number;
			amount: number;
	  }
	| { readonly do: 'settle'; account: number; use: readonly number[]; reserve: UsageAmounts }
	| { readonly do: 'clock'; seconds: number; isSet: boolean }
	| { readonly do: 'lost'; direction: LossDirection };

type ModelMeter = { account: AccountId; up: number; seconds: number };

/**
 * Drives a ledger as the meter does: what is used is never more than what was granted. Then nothing is ever unpaid, and every
 * unit that was bought is held, was used, or has expired, whoever had it in between. Throws at the first difference.
 */
export class ProductsModel {
	#ledger: Ledger;
	readonly #revive: () => Ledger;
	#meters = new Map<MeterId, ModelMeter>();
	readonly #granted = new Map<AccountId, UsageAmounts>();
	readonly #bought = { byte: 0, second: 0, micro: 0 };
	#paid = 0;
	#epoch = 1;
	#count = 0;
	#wallMs = NOW as number;
	#bootMs = 1000;
	#isClockSet = true;

	constructor(ledger: Ledger, revive: () => Ledger) {
		this.#ledger = ledger;
		this.#revive = revive;
		for (const id of ACCOUNTS) ledger.createAccount({ id });
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

	run(step: ProductStep): void {
		this.#run(step);
		const { broken, checks } = this.#ledger.verify();
		if (broken !== undefined) throw new Error(`${broken}: ${checks.find(({ ok }) => !ok)?.detail}`);
	}

	#run(step: ProductStep): void {
		const ledger = this.#ledger;
		const id = ACCOUNTS[step.do === 'clock' || step.do === 'lost' ? 0 : step.account % ACCOUNTS.length] as AccountId;
		const family = ACCOUNTS[0] as AccountId;
		switch (step.do) {
			case 'buy':
				this.#buy(id, step);
				return;
			case 'settle':
				this.#settle(id, step);
				return;
			case 'open':
				this.#open(id, (1 + (step.amount % 6)) as MeterId);
				return;
			case 'close':
				this.#close((1 + (step.amount % 6)) as MeterId);
				return;
			case 'join':
				if (id !== family) ledger.joinGroup({ group: family, account: id, allowance: { byte: step.amount } });
				return;
			case 'leave':
				ledger.leaveGroup(family, id);
				return;
			case 'give':
				this.#give(id, step.amount);
				return;
			case 'merge':
				this.#merge(id, ACCOUNTS[step.amount % ACCOUNTS.length] as AccountId);
				return;
			case 'renew':
				ledger.issueRenewals(this.#at());
				return;
			case 'crash':
				this.#crash();
				return;
			case 'clock':
				this.#wallMs += step.seconds * 1000;
				this.#bootMs += step.seconds * 1000;
				this.#isClockSet = step.isSet;
				return;
			case 'lost':
				ledger.resolveLost({ epoch: `e${this.#epoch}`, direction: step.direction, at: this.#at() });
				this.#epoch++;
				this.#meters.clear();
				this.#granted.clear();
		}
	}

	#buy(account: AccountId, { unit, amount, valid, kind, grace, paced, price, tariff }: BuyStep): void {
		const terms: PackageTerms = {
			unit,
			amount,
			planName: 'plan',
			atEnd: 'block',
			...(valid === null && kind === 'plain' ? {} : { validForSeconds: valid ?? 50 }),
			...(kind === 'renews' ? { renews: true } : {}),
			...(kind === 'add-on' ? { addOn: true } : {}),
			...(kind === 'first-use' ? { validFrom: 'first_use' } : {}),
			...(grace === null ? {} : { grace }),
			...(paced ? { pace: { upBytesPerSecond: 5 } } : {}),
			...(unit === 'micro' ? { tariff } : {}),
		};
		const request = { transferId: `t${++this.#count}`, account, package: terms, at: this.#at() };
		if (price !== null && unit !== 'micro') {
			const buy = { ...request, priceMicro: price };
			const { answer } = this.#ledger.buy(buy);
			if (answer === 'too_little' || (answer === 'nothing_to_extend' && kind === 'add-on')) return;
			equal(answer, 'created', 'purchase from the wallet');
			equal(this.#ledger.buy(buy).answer, 'exists', 'repeated purchase from the wallet');
			this.#bought[unit] += amount;
			this.#paid += price;
			return;
		}
		const { answer } = this.#ledger.topUp(request);
		if (answer === 'nothing_to_extend' && kind === 'add-on') return;
		equal(answer, 'created', 'purchase');
		equal(this.#ledger.topUp(request).answer, 'exists', 'repeated purchase');
		this.#bought[unit] += amount;
	}

	#open(account: AccountId, meter: MeterId): void {
		if (this.#meters.has(meter)) return;
		// The meter settles before a station comes: what was granted is shared anew.
		this.#settle(account, { do: 'settle', account: 0, use: [], reserve: { byte: 0, second: 0 } });
		const mac = '02:00:5e:10:00:01' as MacAddress;
		const request = { session: `s${++this.#count}`, mac, account, meter, epoch: `e${this.#epoch}`, at: this.#at() };
		equal(this.#ledger.openSession(request), 'created', 'open');
		this.#meters.set(meter, { account, up: 0, seconds: 0 });
	}

	#close(meter: MeterId): void {
		const found = this.#meters.get(meter);
		if (!found) return;
		this.#settle(found.account, { do: 'settle', account: 0, use: [], reserve: { byte: 0, second: 0 } });
		const session = this.#ledger.openSessions().find((row) => row.meter === meter)?.id ?? '';
		equal(this.#ledger.closeSession(session, 'left', this.#at()), 'changed', 'close');
		this.#meters.delete(meter);
	}

	#give(giver: AccountId, amount: number): void {
		const taker = ACCOUNTS[1 + (amount % 3)] as AccountId;
		if (amount === 0 || taker === giver) return;
		const unit = UNITS[amount % 3] as Unit;
		const code = `permit-${++this.#count}`;
		this.#ledger.permit({ code, giver, taker, unit, amount, at: this.#at() });
		const take = () => this.#ledger.take({ transferId: `g${this.#count}`, code, taker, at: this.#at() }).answer;
		try {
			equal(take(), 'created', 'take');
		} catch (error) {
			if ((error as { code?: string }).code !== 'not_allowed') throw error;
			return;
		}
		equal(take(), 'exists', 'repeated take');
	}

	#merge(from: AccountId, into: AccountId): void {
		if (from === into) return;
		// The meter does so before: nothing is reserved then.
		this.#settle(from, { do: 'settle', account: 0, use: [], reserve: { byte: 0, second: 0 } });
		const merge = () => this.#ledger.merge({ from, into, at: this.#at() }).answer;
		try {
			merge();
		} catch (error) {
			if ((error as { code?: string }).code !== 'not_allowed') throw error;
			return;
		}
		equal(merge(), 'exists', 'repeated merge');
	}

	/** Uses a part of what was granted, shared by the stations somehow. */
	#settle(account: AccountId, { use, reserve }: ProductStep & { do: 'settle' }): void {
		const meters = [...this.#meters].filter(([, meter]) => meter.account === account);
		const granted = this.#granted.get(account) ?? { byte: 0, second: 0 };
		const isTime = granted.second >= meters.length && granted.second > 0;
		let bytes = granted.byte;
		for (const [index, [, meter]] of meters.entries()) {
			const part = (use[index] ?? 0) / 100;
			const each = Math.floor((isTime ? Math.floor(granted.second / meters.length) : bytes) * part);
			if (isTime) meter.seconds += each;
			else meter.up += each;
			bytes -= each;
		}
		const result = this.#ledger.settle({
			epoch: `e${this.#epoch}`,
			account,
			at: this.#at(),
			readings: meters.map(([meter, { up }]) => ({ meter, up, down: 0 })),
			elapsed: meters.map(([meter, { seconds }]) => ({ meter, seconds })),
			free: isTime ? 'included' : false,
			reserve: meters.length === 0 ? { byte: 0, second: 0 } : reserve,
			grace: true,
			endsRecords: true,
		});
		equal([result.overrunBytes as number, result.overrunSeconds as number], [0, 0], `${account} was granted it`);
		this.#granted.set(account, result.granted);
	}

	/** Every unit that was bought, issued or given by the house is held, was used, or has gone. */
	compareTotals(): void {
		const ledger = this.#ledger;
		const moved = (unit: Unit, ...reasons: Reason[]) =>
			ACCOUNTS.flatMap((id) => ledger.history(id, { limit: 10_000 }))
				.filter((entry) => entry.unit === unit && reasons.includes(entry.reason))
				.reduce((sum, { amount }) => sum + amount, 0);
		for (const unit of UNITS) {
			const held = ACCOUNTS.flatMap((id) => ledger.packages(id))
				.filter((row) => row.unit === unit)
				.reduce((sum, { remaining }) => sum + remaining, 0);
			const came = this.#bought[unit] + moved(unit, 'renewed', 'grace');
			equal(held + moved(unit, 'used', 'lost_venue', 'expired', 'grace_ended', 'spent'), came, `all ${unit}s`);
			equal(moved(unit, 'lent') + moved(unit, 'returned'), moved(unit, 'drawn') + moved(unit, 'regained'), 'group');
			equal(moved(unit, 'given'), moved(unit, 'received'), 'gifts');
		}
		equal(moved('micro', 'spent'), this.#paid, 'plans cost what they cost, once');
		const spent = ACCOUNTS.flatMap((id) => ledger.records(id, { limit: 1000 }));
		equal(
			spent.reduce((sum, { costMicro }) => sum + costMicro, 0),
			moved('micro', 'used'),
			'the records cost what the wallets paid',
		);
	}

	#at() {
		const wallMs = this.#wallMs as WallMs;
		const bootMs = this.#bootMs as BootMs;
		return { wallMs, bootMs, boot: { id: 'boot-1', ms: bootMs }, trustedWallMs: this.#isClockSet ? wallMs : null };
	}
}

function equal<Value>(found: Value, wanted: Value, what: string): void {
	if (JSON.stringify(found) !== JSON.stringify(wanted)) {
		throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
	}
}
