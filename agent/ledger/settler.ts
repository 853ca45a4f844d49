import { OctroiError } from '../core/octroi-error.ts';
import type { MeterId, Unit } from '../core/units.ts';
import type { End } from './account.ts';
import type { AccountRow, AccountStore } from './account-store.ts';
import type { Books, Chain } from './books.ts';
import { readingsByMeter, usageSince } from './meter-usage.ts';
import { endOfPackage, type LivePackage, type PackageStore } from './package-store.ts';
import type { Reason } from './reason.ts';
import { checkAmount, checkMoment } from './request-check.ts';
import type { MeterRow, SessionStore } from './session-store.ts';
import type { Grant, SettleRequest, SettleResult } from './settle.ts';
import { grantOf, settleResult } from './settle-result.ts';
import { type Move, type Settlement, settlement } from './settlement.ts';

/** What was used since the checkpoints, and by which session if only by one. */
type Used = { byte: number; second: number; session: number | undefined; moved: number };

/** What one settle carries through its steps. */
type Step = {
	readonly request: SettleRequest;
	readonly epoch: number;
	readonly used: Used;
	readonly chain: Chain;
};

/** Puts the pure {@link settlement} into rows. Only inside of a transaction of its caller. */
export class Settler {
	readonly #accounts: AccountStore;
	readonly #packages: PackageStore;
	readonly #sessions: SessionStore;
	readonly #books: Books;

	constructor(stores: { accounts: AccountStore; packages: PackageStore; sessions: SessionStore; books: Books }) {
		this.#accounts = stores.accounts;
		this.#packages = stores.packages;
		this.#sessions = stores.sessions;
		this.#books = stores.books;
	}

	settle(request: SettleRequest): SettleResult {
		const account = this.#accounts.find(request.account);
		if (account === undefined) throw new OctroiError('not_found', `there is no account ${request.account}`);
		const known = this.#books.knownEpoch(request.epoch);
		const used = this.#moveCheckpoints(request, account, known);
		const zeroRated = this.#moveZeroRated(request, account, known);
		const trustedWallMs = request.at.trustedWallMs ?? null;
		const { packages, dated } = this.#packages.liveAndDated(account.number, trustedWallMs);
		refuseOtherEpoch(packages, known, request);
		const settled = settlement({
			packages,
			used: { byte: request.free ? 0 : used.byte, second: used.second },
			reserve: account.blocked === 1 ? { byte: 0, second: 0 } : request.reserve,
			trustedWallMs,
		});
		const chain = { account: account.number, last: account.last_transfer };
		const epoch = known ?? (settled.moves.some(writes) ? this.#books.epoch(request.epoch) : 0);
		const step = { request, epoch, used, chain };
		const grants: Grant[] = [];
		for (const move of settled.moves) this.#write(step, move, grants);
		const { lastSpent } = settled;
		const overrun = this.#writeUnpaid(step, settled, () =>
			lastSpent === undefined
				? this.#accounts.endOf(request.account, trustedWallMs)
				: endOfPackage(lastSpent, trustedWallMs),
		);
		if (zeroRated > 0)
			this.#unpaid({ ...step, used: { ...used, session: undefined } }, 'byte', zeroRated, 'zero_rated');
		const appended = chain.last !== account.last_transfer;
		if (appended) this.#accounts.store(chain, lastSpent?.balance ?? account.last_package);
		return settleResult({
			used,
			settled,
			grants,
			overrun,
			trustedWallMs,
			written: appended || dated || used.moved > 0,
		});
	}

	#moveCheckpoints(request: SettleRequest, account: AccountRow, epoch: number | undefined): Used {
		const used: Used = { byte: 0, second: 0, session: undefined, moved: 0 };
		for (const reading of readingsByMeter(request)) {
			const meter = this.#openMeter(reading.meter, request, account, epoch);
			const { up_checkpoint: up, down_checkpoint: down, seconds_checkpoint: seconds } = meter;
			const by = usageSince({ up, down, seconds }, reading);
			if (by.up + by.down + by.seconds === 0) continue;
			this.#sessions.move(meter, by);
			used.byte += by.up + by.down;
			used.second += by.seconds;
			used.moved++;
			used.session = used.moved === 1 ? meter.session : undefined;
		}
		return used;
	}

	/** @returns the bytes since the checkpoints */
	#moveZeroRated(request: SettleRequest, account: AccountRow, epoch: number | undefined): number {
		let bytes = 0;
		for (const reading of request.zeroRated ?? []) {
			if (reading.up + reading.down === 0) continue;
			const meter = this.#sessions.freeMeter(this.#openMeter(reading.meter, request, account, epoch));
			const { up_checkpoint: up, down_checkpoint: down } = meter;
			const by = usageSince({ up, down, seconds: 0 }, reading);
			if (by.up + by.down === 0) continue;
			this.#sessions.move(meter, by);
			bytes += by.up + by.down;
		}
		return bytes;
	}

	#openMeter(id: MeterId, request: SettleRequest, account: AccountRow, epoch: number | undefined): MeterRow {
		const meter = this.#sessions.openMeter(id);
		if (meter === undefined || meter.account !== account.number) {
			throw new OctroiError('not_found', `account ${request.account} has no open session with meter ${id}`);
		}
		if (meter.epoch !== epoch) {
			throw new OctroiError('not_allowed', `meter ${id} was opened in another epoch than ${request.epoch}`, {
				fix: 'resolve the old epoch as lost first',
			});
		}
		return meter;
	}

	#write(step: Step, move: Move<LivePackage>, grants: Grant[]): void {
		const { unit, balance, grant } = move.package;
		const { request, used, chain, epoch } = step;
		const served = this.#books.house('served', unit);
		const row = { unit, debit: balance, credit: served, session: used.session, epoch, at: request.at } as const;
		if (move.resolved && grant !== null) {
			if (move.posted > 0) {
				this.#books.append(chain, { ...row, kind: 'post', reason: 'used', amount: move.posted, pending: grant });
			} else {
				const { reserved: amount } = move.package;
				this.#books.append(chain, {
					...row,
					session: undefined,
					kind: 'void',
					reason: 'released',
					amount,
					pending: grant,
				});
			}
		}
		if (move.taken > 0) this.#books.append(chain, { ...row, kind: 'transfer', reason: 'used', amount: move.taken });
		if (move.expired > 0) this.#expire(step, move);
		let { grant_id: id } = move.package;
		if (move.granted > 0) {
			const { granted: amount } = move;
			id = this.#books.append(chain, { ...row, session: undefined, kind: 'pending', reason: 'grant', amount });
		}
		if (move.reserved > 0 && id !== null) grants.push(grantOf(id, move));
	}

	#expire(step: Step, move: Move<LivePackage>): void {
		const { unit, balance } = move.package;
		this.#books.append(step.chain, {
			kind: 'transfer',
			reason: 'expired',
			unit,
			debit: balance,
			credit: this.#books.house('expired', unit),
			amount: move.expired,
			epoch: step.epoch,
			at: step.request.at,
		});
	}

	/** What nothing paid is recorded too: included in a time package, throttled, or (a fault) overrun. */
	#writeUnpaid(step: Step, settled: Settlement<LivePackage>, end: () => End): Overrun {
		const { request, used } = step;
		const overrun = { byte: 0, second: 0 };
		if (request.free && used.byte > 0) {
			this.#unpaid(step, 'byte', used.byte, request.free === 'throttled' ? 'throttled' : 'included');
		}
		for (const unit of ['byte', 'second'] as const) {
			const amount = settled.unpaid[unit];
			if (amount === 0) continue;
			const reason = end().atEnd === 'throttle' ? 'throttled' : 'overrun';
			if (reason === 'overrun') overrun[unit] = amount;
			this.#unpaid(step, unit, amount, reason);
		}
		return overrun;
	}

	#unpaid({ chain, request, used, epoch }: Step, unit: Unit, amount: number, reason: Reason): void {
		this.#books.append(chain, {
			kind: 'transfer',
			reason,
			unit,
			debit: this.#books.house('unpaid', unit),
			credit: this.#books.house('served', unit),
			amount,
			session: used.session,
			epoch,
			at: request.at,
		});
	}
}

type Overrun = Record<Unit, number>;

function writes(move: Move<LivePackage>): boolean {
	return move.granted > 0 || move.expired > 0;
}

/** Refuses a request of a wrong form, before the transaction begins. @throws OctroiError `invalid_value` */
export function checkSettle(request: SettleRequest): void {
	checkMoment(request.at);
	checkAmount('reserve.byte', request.reserve.byte);
	checkAmount('reserve.second', request.reserve.second);
	for (const { up, down } of [...request.readings, ...(request.zeroRated ?? [])]) {
		checkAmount('a reading', up);
		checkAmount('a reading', down);
	}
	for (const { seconds } of request.elapsed ?? []) checkAmount('elapsed seconds', seconds);
}

function refuseOtherEpoch(packages: readonly LivePackage[], epoch: number | undefined, request: SettleRequest): void {
	const other = packages.find((row) => row.grant !== null && row.grant_epoch !== epoch);
	if (other === undefined) return;
	throw new OctroiError('not_allowed', `account ${request.account} has an open grant of another epoch`, {
		fix: 'resolve the old epoch as lost first',
	});
}
