import { createHash } from 'node:crypto';
import { redeemPermission } from '../../../agent/accounts/redeem-permission.ts';
import type { AccountId, Unit } from '../../../agent/core/units.ts';
import type { Moment } from '../../../agent/ledger/moment.ts';
import type { PackageTerms } from '../../../agent/ledger/package.ts';
import type { SettleRequest, SettleResult } from '../../../agent/ledger/settle.ts';
import type { NamedTariff } from '../../../agent/ledger/tariff-store.ts';
import type { Redemption } from '../../../agent/ledger/voucher.ts';
import { ProductTruth } from './product-truth.ts';
import { ACCOUNTS } from './simulated-world.ts';
import { Simulation } from './simulation.ts';
import { STEPS } from './simulation-steps.ts';
import type { Truth } from './truth.ts';

const FAMILY = 'family' as AccountId;
const EVERYBODY = [FAMILY, ...ACCOUNTS];

/** Beside everything that happens in a venue that sells bytes and seconds only. */
const PRODUCT_STEPS = {
	...STEPS,
	topUpBytes: 2,
	topUpSeconds: 1,
	buyMoney: 4,
	buyPlan: 6,
	buyForFamily: 3,
	buyFromWallet: 3,
	join: 3,
	leave: 0.7,
	permit: 3,
	make: 2,
	redeem: 5,
	give: 3,
	giveBack: 0.5,
	giveExpiredBack: 0.5,
	renew: 1,
	endRenewal: 0.3,
};

const TARIFFS: readonly NamedTariff[] = [
	{ name: 'data', unit: 'byte', priceMicro: 1, per: 100, free: 0, first: 1, step: 1 },
	{ name: 'steps', unit: 'byte', priceMicro: 3, per: 200, free: 5000, first: 10_000, step: 4000 },
	{ name: 'call', unit: 'second', priceMicro: 60, per: 60, free: 0, first: 60, step: 30 },
	{ name: 'second', unit: 'second', priceMicro: 7, per: 60, free: 10, first: 1, step: 1 },
];

/** The same venue with every product: wallets, groups, cycles, add-ons, grace, vouchers, gifts, permissions. */
export class ProductSimulation extends Simulation {
	protected override readonly steps = PRODUCT_STEPS;
	#codes: Buffer[] = [];
	#gifts: string[] = [];

	protected override newTruth(): Truth {
		return new ProductTruth(this.kernel, this.path, () => this.#moment());
	}

	get #books(): ProductTruth {
		return this.truth as ProductTruth;
	}

	override async run(steps: number): Promise<void> {
		try {
			await super.run(steps);
			this.#books.checkUnits();
		} finally {
			this.#books.end();
		}
	}

	protected override begin(): void {
		this.life.books.createAccount({ id: FAMILY });
	}

	protected override async do(name: keyof typeof PRODUCT_STEPS): Promise<void> {
		const { random } = this;
		const account = random.pick(ACCOUNTS);
		const { meter, ledger } = this.life;
		switch (name) {
			case 'buyMoney':
				return this.#buy(random.pick(EVERYBODY), {
					unit: 'micro',
					amount: random.pick([1, 60, 90, 300, 2000, 20_000]),
					tariff: random.pick(TARIFFS),
				});
			case 'buyPlan':
				return this.#buy(account, this.#terms());
			case 'buyForFamily':
				return this.#buy(FAMILY, this.#terms());
			case 'buyFromWallet':
				return this.#buyFromWallet(account);
			case 'join': {
				const allowance = random.chance(0.5) ? {} : { byte: random.pick([0, 3000, 50_000]), second: 5, micro: 100 };
				return this.#change('join', () => ledger.joinGroup({ group: FAMILY, account, allowance }), account);
			}
			case 'leave':
				return this.#change('leave', () => ledger.leaveGroup(FAMILY, account), account);
			case 'permit':
				return this.#permit(account, random.pick(ACCOUNTS));
			case 'make':
				return this.#make();
			case 'redeem':
				return this.#redeem(account);
			case 'give':
				return this.#give(account);
			case 'giveBack': {
				const gift = this.#gifts.length > 0 ? random.pick(this.#gifts) : undefined;
				if (gift === undefined) return;
				const returned = () => ledger.codes.returnGift(gift, this.#moment());
				return this.command('giveBack', () => meter.credit(account, returned));
			}
			case 'giveExpiredBack':
				return this.#change('giveExpiredBack', () => ledger.codes.returnExpired(this.#moment()));
			case 'renew':
				return this.#change('renew', () => ledger.issueRenewals(this.#moment()), FAMILY);
			case 'endRenewal': {
				const [renewal] = this.life.isAlive ? this.life.books.renewals(account) : [];
				if (renewal !== undefined) await this.#change('endRenewal', () => ledger.endRenewal(account, renewal.id));
				return;
			}
			default:
				await super.do(name);
				if (this.life.isAlive) this.guard(() => this.#books.checkUnits());
		}
	}

	#terms(): Omit<PackageTerms, 'planName' | 'atEnd'> {
		const { random } = this;
		const unit = random.pick(['byte', 'byte', 'second'] as const);
		const amount = unit === 'byte' ? random.pick([700, 3000, 10_000, 40_000, 200_000]) : random.pick([1, 5, 30, 100]);
		const kind = random.pick(['plain', 'plain', 'grace', 'renews', 'addOn', 'firstUse', 'paced'] as const);
		const isDated = kind === 'renews' || kind === 'addOn' || kind === 'firstUse';
		return {
			unit,
			amount,
			...(isDated ? { validForSeconds: random.pick([2, 10, 60, 600]) } : {}),
			...(kind === 'renews' ? { renews: true } : {}),
			...(kind === 'addOn' ? { addOn: true } : {}),
			...(kind === 'firstUse' ? { validFrom: 'first_use' } : {}),
			...(kind === 'grace'
				? { grace: { unit: random.pick(['byte', 'second'] as const), amount: random.pick([3, 4000]) } }
				: {}),
			...(kind === 'paced' ? { pace: { downBytesPerSecond: random.pick([1000, 50_000]) } } : {}),
		};
	}

	#buy(account: AccountId, terms: Omit<PackageTerms, 'planName' | 'atEnd'>): Promise<void> {
		const transferId = this.#newId('t');
		this.note(`  ${account} buys ${JSON.stringify(terms)}`);
		const whole: PackageTerms = { ...terms, planName: 'plan', atEnd: 'block' };
		return this.command('buy', () => this.life.meter.topUp({ transferId, account, terms: whole }));
	}

	#buyFromWallet(account: AccountId): Promise<void> {
		const { meter, ledger } = this.life;
		const transferId = this.#newId('t');
		const priceMicro = this.random.pick([1, 50, 1000]);
		const terms: PackageTerms = { ...this.#terms(), planName: 'plan', atEnd: 'block' };
		const buy = () => ledger.buy({ transferId, account, package: terms, priceMicro, at: this.#moment() });
		return this.command('buyFromWallet', () => meter.withdraw(account, buy));
	}

	async #permit(giver: AccountId, taker: AccountId): Promise<void> {
		const { meter, ledger } = this.life;
		const code = this.#newId('permit-');
		const unit = this.random.pick(['byte', 'second', 'micro'] as const);
		const amount = this.random.pick([1, 20, 2000]);
		const moment = () => this.#moment();
		await this.command('permit', async () => ledger.permit({ code, giver, taker, unit, amount, at: moment() }));
		const request = { transferId: this.#newId('t'), code, taker };
		await this.command('take', () => redeemPermission({ ledger, meter, moment }, request));
		// A lost answer is asked for again.
		if (this.random.chance(0.3)) await this.command('take', () => redeemPermission({ ledger, meter, moment }, request));
	}

	/** Vouchers of one batch. */
	#make(): Promise<void> {
		const id = this.#newId('b');
		const hashes = Array.from({ length: this.random.between(1, 3) }, (_, index) => hashOf(`${id}-${index}`));
		const terms: PackageTerms = { ...this.#terms(), planName: 'plan', atEnd: 'block' };
		const { addOn: _, ...sold } = terms;
		this.#codes.push(...hashes);
		const { ledger } = this.life;
		return this.#change('make', () =>
			ledger.codes.createBatch({ id, terms: sold, hashes, devices: 1, at: this.#moment() }),
		);
	}

	/** A voucher or a gift, once or again. */
	async #redeem(account: AccountId): Promise<void> {
		if (this.#codes.length === 0) return;
		const hash = this.random.pick(this.#codes);
		const { meter, ledger } = this.life;
		const redeem = () => ledger.codes.redeem({ hash, account, at: this.#moment() });
		await this.command('redeem', () => meter.credit(account, redeem));
		if (this.random.chance(0.3)) await this.command('redeem', () => meter.credit(account, redeem));
	}

	#give(account: AccountId): Promise<void> {
		const { meter, ledger } = this.life;
		const id = this.#newId('g');
		const hash = hashOf(id);
		const unit = this.random.pick(['byte', 'second', 'micro'] as const);
		const amount = this.random.pick([1, 20, 2000]);
		const validity = this.random.chance(0.5) ? { validForSeconds: 5 } : {};
		const give = () => ledger.codes.give({ id, account, unit, amount, hash, ...validity, at: this.#moment() });
		this.#gifts.push(id);
		this.#codes.push(hash);
		return this.command('give', () => meter.withdraw(account, give));
	}

	/** A transaction of its own; then the stations that it concerns go on by it. */
	#change(name: string, work: () => unknown, account?: AccountId): Promise<void> {
		const { meter } = this.life;
		return this.command(name, async () => {
			work();
			if (account !== undefined) void meter.creditChanged(account);
		});
	}

	override record(
		method: string,
		request: unknown,
		result: unknown,
		ledger: Parameters<Simulation['record']>[3],
	): void {
		const { answer } = (result ?? {}) as { answer?: string };
		if (method === 'buy' && answer === 'created') {
			const { package: sold } = request as { package: { unit: Unit; amount: number } };
			this.#books.bought(sold.unit, sold.amount);
		}
		if (method === 'topUp' && answer === 'created') {
			const { package: sold } = request as { package: { unit: Unit; amount: number } };
			this.#books.bought(sold.unit, sold.amount);
		}
		if (method === 'codes.redeem' && answer === 'redeemed') {
			const { kind, packages } = result as Redemption & { answer: 'redeemed' };
			for (const { unit, amount } of kind === 'gift' ? [] : packages) this.#books.bought(unit, amount);
		}
		super.record(method, request, result, ledger);
	}

	override settled(request: SettleRequest, result: SettleResult): void {
		this.#books.granted(request.account, result.granted);
		super.settled(request, result);
	}

	/** What others may draw, and what money buys, are not this account's alone: only nothing is certain. */
	protected override expected(id: AccountId): 'something' | 'nothing' | 'anything' {
		const { books, trusted } = this.life;
		const account = books.account(id);
		if (!account || account.blocked) return 'nothing';
		const { packages, wallet, grace, open } = books.funds(id, this.#moment());
		const isEmpty = [packages, wallet, grace, open].every(({ byte, second }) => byte + second === 0);
		if (!isEmpty) return this.#isCertain(id) ? 'something' : 'anything';
		return books.endOf(id, trusted.wallMs()).throttleBytesPerSecond === undefined ? 'nothing' : 'anything';
	}

	/** Enough of its own, which neither expires nor has a speed. */
	#isCertain(id: AccountId): boolean {
		const own = this.life.books.packages(id);
		if (own.some(({ pace, expiresAtWallMs, kind }) => pace || expiresAtWallMs !== undefined || kind === 'share'))
			return false;
		const bytes = own.reduce((sum, { unit, remaining }) => sum + (unit === 'byte' ? remaining : 0), 0);
		return own.every(({ unit }) => unit === 'byte') && bytes - this.truth.unpaidBytes(this.life.books, id) > 1500;
	}

	#newId(prefix: string): string {
		this.count += 1;
		return `${prefix}${this.count}`;
	}

	#moment(): Moment {
		const { clock, life } = this;
		const bootMs = clock.bootMs();
		const at = { wallMs: clock.wallMs(), bootMs, boot: { id: clock.bootId, ms: bootMs } };
		return { ...at, trustedWallMs: life?.trusted?.wallMs() ?? null };
	}
}

function hashOf(text: string): Buffer {
	return createHash('sha256').update(text).digest().subarray(0, 16);
}
