import type { AccountId, BootMs, MacAddress, MeterId, UsageUnit, WallMs } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LossDirection } from '../../../agent/ledger/lost.ts';
import type { SettleRequest } from '../../../agent/ledger/settle.ts';
import { NOW } from './temporary-ledger.ts';

const UNITS = ['byte', 'second'] as const;
type Sums = Record<UsageUnit, number>;

/** What an account must have, by plain addition: no packages, grants or transfers. */
type ModelAccount = { bought: Sums; paid: Sums; unpaid: Sums; gone: Sums; mayExpire: boolean; blocked: boolean };
type ModelMeter = { session: string; account: AccountId; up: number; down: number; seconds: number };

/** One random step; numbers are taken modulo what exists. */
export type Step =
	| {
			readonly do: 'topUp';
			account: number;
			unit: UsageUnit;
			amount: number;
			validForSeconds: number | null;
			throttle: boolean;
	  }
	| { readonly do: 'open' | 'close' | 'block' | 'repeat' | 'crash'; account: number; meter: number }
	| { readonly do: 'settle'; account: number; by: number[]; seconds: number; free: boolean; reserve: Sums }
	| { readonly do: 'clock'; seconds: number; isSet: boolean }
	| { readonly do: 'lost'; direction: LossDirection; account: number | null };

/**
 * Drives a ledger with random steps, and compares every answer with sums that it keeps itself.
 * Throws at the first difference.
 */
export class LedgerModel {
	#ledger: Ledger;
	readonly #revive: () => Ledger;
	readonly #accounts = new Map<AccountId, ModelAccount>();
	#meters = new Map<MeterId, ModelMeter>();
	#epoch = 1;
	#count = 0;
	#wallMs = NOW as number;
	#isClockSet = true;
	#repeat: () => void = () => {};

	constructor(ledger: Ledger, revive: () => Ledger) {
		this.#ledger = ledger;
		this.#revive = revive;
		for (const id of ['ann', 'bob', 'eve'] as AccountId[]) {
			ledger.createAccount({ id });
			this.#accounts.set(id, {
				bought: none(),
				paid: none(),
				unpaid: none(),
				gone: none(),
				mayExpire: false,
				blocked: false,
			});
		}
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

	run(step: Step): void {
		switch (step.do) {
			case 'topUp':
				this.#topUp(step);
				break;
			case 'open':
				this.#open(this.#accountId(step.account), (1 + (step.meter % 6)) as MeterId);
				break;
			case 'close':
				this.#close((1 + (step.meter % 6)) as MeterId);
				break;
			case 'block':
				this.#block(this.#accountId(step.account));
				break;
			case 'repeat':
				this.#repeat();
				break;
			case 'crash':
				this.#crash();
				break;
			case 'clock':
				this.#wallMs += step.seconds * 1000;
				this.#isClockSet = step.isSet;
				break;
			case 'settle':
				this.#settle(step);
				break;
			case 'lost':
				this.#lose(step.direction, step.account === null ? undefined : this.#accountId(step.account));
		}
		this.#compare();
	}

	#topUp(step: Step & { do: 'topUp' }): void {
		const id = this.#accountId(step.account);
		const account = this.#account(id);
		const { unit, amount } = step;
		const end = step.throttle
			? ({ atEnd: 'throttle', throttleBytesPerSecond: 5 } as const)
			: ({ atEnd: 'block' } as const);
		const validity = step.validForSeconds === null ? {} : { validForSeconds: step.validForSeconds };
		const package_ = { unit, amount, planName: 'plan', ...end, ...validity };
		const request = { transferId: `t${++this.#count}`, account: id, package: package_, at: this.#at() };
		equal(this.#ledger.topUp(request).answer, 'created', 'top-up');
		account.bought[unit] += amount;
		account.mayExpire ||= step.validForSeconds !== null;
		this.#repeat = () => equal(this.#ledger.topUp(request).answer, 'exists', 'repeated top-up');
	}

	#open(account: AccountId, meter: MeterId): void {
		const session = `s${++this.#count}`;
		const mac = '02:00:5e:10:00:01' as MacAddress;
		const request = { session, mac, account, meter, epoch: `e${this.#epoch}`, at: this.#at() };
		const isTaken = this.#meters.has(meter);
		equal(this.#ledger.openSession(request), isTaken ? 'meter_in_use' : 'created', 'open');
		if (isTaken) return;
		this.#meters.set(meter, { session, account, up: 0, down: 0, seconds: 0 });
		this.#repeat = () => {
			const answer = this.#ledger.openSession(request);
			equal(
				answer,
				this.#meters.get(meter)?.session === session ? 'exists' : 'exists_with_different_values',
				'repeated open',
			);
		};
	}

	#close(meter: MeterId): void {
		const found = this.#meters.get(meter);
		const session = found?.session ?? 'none';
		equal(this.#ledger.closeSession(session, 'left', this.#at()), found ? 'changed' : 'not_found', 'close');
		this.#meters.delete(meter);
		if (found)
			this.#repeat = () => equal(this.#ledger.closeSession(session, 'left', this.#at()), 'exists', 'repeated close');
	}

	#block(id: AccountId): void {
		const account = this.#account(id);
		account.blocked = !account.blocked;
		equal(this.#ledger.blockAccount(id, account.blocked), 'changed', 'block');
		const { blocked } = account;
		this.#repeat = () => {
			if (account.blocked === blocked) equal(this.#ledger.blockAccount(id, blocked), 'exists', 'repeated block');
		};
	}

	#settle(step: Step & { do: 'settle' }): void {
		const id = this.#accountId(step.account);
		const account = this.#account(id);
		const meters = [...this.#meters].filter(([, meter]) => meter.account === id);
		const used = none();
		for (const [index, [, meter]] of meters.entries()) {
			const by = step.by[index] ?? 0;
			meter.up += by;
			meter.down += by >> 1;
			meter.seconds += step.seconds;
			used.byte += by + (by >> 1);
			used.second += step.seconds;
		}
		const request: SettleRequest = {
			epoch: `e${this.#epoch}`,
			account: id,
			at: this.#at(),
			readings: meters.map(([meter, { up, down }]) => ({ meter, up, down })),
			elapsed: meters.map(([meter, { seconds }]) => ({ meter, seconds })),
			free: step.free,
			reserve: step.reserve,
			endsRecords: true,
		};
		const before = balanceOf(account);
		const result = this.#ledger.settle(request);
		for (const [meter, session] of result.followed ?? []) (this.#meters.get(meter) as ModelMeter).session = session;
		const paid: Sums = { byte: result.paidBytes, second: result.paidSeconds };
		const unpaid: Sums = { byte: result.unpaidBytes, second: result.unpaidSeconds };
		equal({ byte: result.usedBytes as number, second: result.usedSeconds as number }, used, 'used');
		for (const unit of UNITS) {
			equal(paid[unit] + unpaid[unit], used[unit], 'paid + unpaid');
			const payable = step.free && unit === 'byte' ? 0 : Math.min(used[unit], before[unit]);
			if (account.mayExpire ? paid[unit] > payable : paid[unit] !== payable)
				throw new Error(`paid ${paid[unit]} of ${payable}`);
			account.paid[unit] += paid[unit];
			account.unpaid[unit] += unpaid[unit];
			account.gone[unit] += result.expired[unit];
			const left = balanceOf(account)[unit];
			equal(result.granted[unit] + result.available[unit], left, 'granted + available');
			equal(result.granted[unit], account.blocked ? 0 : Math.min(step.reserve[unit], left), 'granted');
		}
		this.#repeat = () => this.#repeatSettle(request);
	}

	/** Only when nothing has happened since that changes what it would find. */
	#repeatSettle(request: SettleRequest): void {
		const isSame = request.readings.every(({ meter, up }) => this.#meters.get(meter)?.up === up);
		if (!isSame || request.epoch !== `e${this.#epoch}`) return;
		const result = this.#ledger.settle(request);
		equal([result.usedBytes as number, result.usedSeconds as number], [0, 0], 'repeated settle');
		equal(this.#ledger.settle(request).written, false, 'repeated settle writes');
		const account = this.#account(request.account);
		for (const unit of UNITS) account.gone[unit] += result.expired[unit];
	}

	#lose(direction: LossDirection, only: AccountId | undefined): void {
		const request = { epoch: `e${this.#epoch}`, direction, at: this.#at() };
		const reserved = new Map(this.#ledger.accounts().map(({ id, reserved }) => [id, reserved]));
		const lost =
			only === undefined
				? this.#ledger.resolveLost(request)
				: this.#ledger.resolveLostAccount({ ...request, account: only });
		for (const [id, sums] of reserved) {
			if (only !== undefined && id !== only) continue;
			for (const unit of UNITS) {
				const amount = lost
					.filter((row) => row.account === id && row.unit === unit)
					.reduce((sum, row) => sum + row.amount, 0);
				equal(amount, sums[unit], 'lost');
				if (direction === 'venue') this.#account(id).gone[unit] += amount;
			}
		}
		this.#meters = new Map([...this.#meters].filter(([, meter]) => only !== undefined && meter.account !== only));
		if (only === undefined) this.#epoch++;
		this.#repeat = () =>
			equal(this.#ledger.resolveLost({ ...request, epoch: `e${this.#epoch - 1}` }), [], 'repeated loss');
	}

	/** After each step: the same open sessions, the same sums, and books that hold. */
	#compare(): void {
		const sessions = this.#ledger
			.openSessions()
			.map(({ id, meter, checkpoints: at }) => [id, meter, at?.up, at?.down, at?.seconds]);
		const meters = [...this.#meters].map(([id, meter]) => [meter.session, id, meter.up, meter.down, meter.seconds]);
		equal(sessions.sort(), meters.sort(), 'open sessions');
		for (const found of this.#ledger.accounts()) {
			const account = this.#account(found.id);
			const left = balanceOf(account);
			for (const unit of UNITS) {
				equal(found.available[unit] + found.reserved[unit], left[unit], `balance of ${found.id}`);
				equal(found.used[unit], account.paid[unit] + account.unpaid[unit], `use of ${found.id}`);
			}
		}
		equal(this.#ledger.verify().broken, undefined, 'verify');
	}

	#accountId(index: number): AccountId {
		return [...this.#accounts.keys()][index % this.#accounts.size] as AccountId;
	}

	#account(id: AccountId): ModelAccount {
		return this.#accounts.get(id) as ModelAccount;
	}

	#at() {
		const wallMs = this.#wallMs as WallMs;
		return { wallMs, bootMs: 0 as BootMs, trustedWallMs: this.#isClockSet ? wallMs : null };
	}
}

function none(): Sums {
	return { byte: 0, second: 0 };
}

function balanceOf({ bought, paid, gone }: ModelAccount): Sums {
	return { byte: bought.byte - paid.byte - gone.byte, second: bought.second - paid.second - gone.second };
}

function equal<Value>(found: Value, wanted: Value, what: string): void {
	if (JSON.stringify(found) !== JSON.stringify(wanted)) {
		throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
	}
}
