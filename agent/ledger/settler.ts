import { OctroiError } from '../core/octroi-error.ts';
import type { MeterId, UsageUnit } from '../core/units.ts';
import type { End, UsageAmounts } from './account.ts';
import type { AccountRow } from './account-store.ts';
import type { Alerts } from './alert-store.ts';
import { ClassSplit } from './class-split.ts';
import { readingsByMeter, usageSince } from './meter-usage.ts';
import { type Moment, validityTime } from './moment.ts';
import { endOfPackage, type LivePackage } from './package-row.ts';
import type { Purse, Source } from './purse.ts';
import { type Followed, RecordEnds } from './record-ends.ts';
import type { Renewals } from './renewal-store.ts';
import type { MeterClass, MeterRow, SessionStore } from './session-store.ts';
import type { Reading, SettleRequest, SettleResult } from './settle.ts';
import { planSettle, type SessionUse, type SettlePlan } from './settle-plan.ts';
import { settleResult } from './settle-result.ts';
import { SettleWriter, type Step, type UnpaidUse, type WriterStores } from './settle-writer.ts';
import type { Move } from './settlement.ts';
import type { TariffRow, TariffStore } from './tariff-store.ts';

export type SettlerStores = WriterStores & {
	readonly sessions: SessionStore;
	readonly tariffs: TariffStore;
	readonly purse: Purse;
	readonly renewals: Renewals;
	readonly alerts: Alerts;
	readonly newSessionId: () => string;
};

/** What was used since the checkpoints, by each session that is named. */
type Used = {
	byte: number;
	second: number;
	moved: number;
	sessions: SessionUse[];
	readonly meters: MeterRow[];
	readonly followed: Followed;
};

type Inputs = { account: AccountRow; used: Used; sources: Source[]; tariff?: TariffRow | undefined };

type Settling = { request: SettleRequest; account: AccountRow; epoch: number | undefined; used: Used };

/** Puts the pure {@link planSettle} into rows. Only inside of a transaction of its caller. */
export class Settler {
	readonly #stores: SettlerStores;
	readonly #writer: SettleWriter;
	readonly #ends: RecordEnds;

	constructor(stores: SettlerStores) {
		this.#stores = stores;
		this.#writer = new SettleWriter(stores);
		this.#ends = new RecordEnds(stores);
	}

	settle(request: SettleRequest): SettleResult {
		const { accounts, books, purse, renewals, alerts } = this.#stores;
		const found = accounts.find(request.account);
		if (found === undefined) throw new OctroiError('not_found', `there is no account ${request.account}`);
		const known = books.knownEpoch(request.epoch);
		const used = this.#moveCheckpoints(request, found, known);
		this.#moveTethered(request, used, found, known);
		const zeroRated = this.#moveZeroRated(request, used, found, known);
		const account = renewals.issueFor(found, request.at) ? accounts.byNumber(found.number) : found;
		const collected = purse.collect(account, request.at);
		refuseOtherEpoch(collected.sources, known, request);
		const inputs = { account, used, tariff: this.#tariffOf(account, collected.sources) };
		let planned = this.#plan(request, { ...inputs, sources: collected.sources });
		const chain = { account: account.number, last: account.last_transfer };
		const last = this.#graceAfter(account, request, planned);
		if (last !== undefined) {
			const grace = this.#writer.giveGrace({ chain, at: request.at }, last);
			const { sources } = purse.collect({ ...account, grace }, request.at);
			planned = this.#plan(request, { ...inputs, sources });
		}
		const epoch = known ?? (needsEpoch(planned) ? books.epoch(request.epoch) : 0);
		const [only, ...others] = used.sessions.filter(({ byte, second }) => byte + second > 0);
		const step: Step = {
			request,
			epoch,
			chain,
			session: others.length === 0 ? only?.session : undefined,
			classes: new ClassSplit(used.sessions),
			spending: spendingOf(planned),
		};
		const grants = this.#writer.write(step, planned);
		const overrun = this.#writeUnpaid(step, used, planned);
		for (const use of zeroRated) this.#writer.unpaid(step, use);
		const appended = chain.last !== account.last_transfer;
		if (appended) {
			accounts.store(chain, lastSpent(planned)?.balance ?? account.last_package);
			if (account.has_alerts === 1) alerts.evaluate(account.number, request.at, { planned });
			if (account.is_member === 1) this.#warnGroups(planned, request.at);
		}
		const isEnded = this.#ends.after(request, { account: account.number, planned, ...used });
		const { walletUnits, tariff } = planned;
		const opened = walletUnits === 0 ? null : (tariff?.number ?? null);
		const isWalletMoved = walletUnits !== account.wallet_open || opened !== account.wallet_open_tariff;
		if (isWalletMoved) accounts.setWalletOpen(account.number, walletUnits, opened);
		const isMoved = chain.last !== found.last_transfer || collected.dated || used.moved > 0;
		const isWritten = isMoved || isWalletMoved || isEnded;
		const begunMs = this.#storeBegun(found, request, isWritten);
		const written = isWritten || begunMs !== undefined;
		const validityMs = validityTime(request.at);
		const { items } = this.#stores;
		const result = settleResult({ used, planned, grants, overrun, written, validityMs, items });
		return begunMs === undefined ? result : { ...result, begunMs };
	}

	/** Nobody writes for it alone while the kernel goes on. @returns what is stored; undefined: it was left as it is */
	#storeBegun(account: AccountRow, { begun, keep }: SettleRequest, isWritten: boolean): number | undefined {
		if (begun === undefined || begun.ms === begun.knownMs) return undefined;
		if (keep === true && !isWritten && begun.isFinal !== true) return undefined;
		// The difference, as a gift or a merge may have brought more meanwhile.
		const ms = Math.max(0, account.begun_ms + begun.ms - begun.knownMs);
		this.#stores.accounts.setBegun(account.number, ms);
		return ms;
	}

	/** What a member draws may bring its group to a limit. */
	#warnGroups({ usage, wallet }: SettlePlan, at: Moment): void {
		const drawn = new Map<number, number[]>();
		for (const { package: share } of [...usage.moves, ...wallet.moves]) {
			// One of which all was drawn is no source of its group any more, so its share does not name the group.
			const group = share.group ?? this.#stores.packages.groupOf(share);
			if (group === undefined || share.source === null) continue;
			drawn.set(group, [...(drawn.get(group) ?? []), share.source]);
		}
		for (const [group, spent] of drawn) this.#stores.alerts.evaluate(group, at, { spent });
	}

	#plan(request: SettleRequest, { account, used, sources, tariff }: Inputs): SettlePlan {
		const { items, tariffs } = this.#stores;
		return planSettle({
			sources,
			tariff,
			sessions: used.sessions,
			spenders: used.sessions.map(({ session }) => session),
			isFree: request.free !== false,
			reserve: account.blocked === 1 ? { byte: 0, second: 0 } : request.reserve,
			least: request.least,
			keep: request.keep ?? false,
			grantsOnly: request.grantsOnly ?? false,
			openTariff: account.wallet_open_tariff === null ? tariff : tariffs.byNumber(account.wallet_open_tariff),
			rated: (session, { unit, number }) => items.rated(session, unit, number),
			validityMs: validityTime(request.at),
		});
	}

	/**
	 * The account's own tariff; a member that has none spends a group's money by the tariff that it was bought with. When that money is
	 * gone, what was granted for it is still charged, and what was begun used up, by the same.
	 */
	#tariffOf(account: AccountRow, sources: readonly Source[]): TariffRow | undefined {
		const money = sources.find(({ unit }) => unit === 'micro')?.tariff;
		const number = account.tariff ?? money ?? account.wallet_open_tariff;
		return number === null ? undefined : this.#stores.tariffs.byNumber(number);
	}

	/** The package after whose end the grace allowance is due: once for each purchase, when nothing else is left. */
	#graceAfter(account: AccountRow, request: SettleRequest, planned: SettlePlan): LivePackage | undefined {
		if (request.grace !== true || account.blocked === 1 || account.grace !== null) return undefined;
		const last = graceSource(this.#stores, account, lastSpent(planned));
		if (last === undefined) return undefined;
		const unit = last.grace_unit as UsageUnit;
		return planned.granted[unit] < request.reserve[unit] ? last : undefined;
	}

	#moveCheckpoints(request: SettleRequest, account: AccountRow, epoch: number | undefined): Used {
		const used: Used = { byte: 0, second: 0, moved: 0, sessions: [], meters: [], followed: new Map() };
		for (const reading of readingsByMeter(request)) {
			const meter = this.#openMeter(reading.meter, { request, account, epoch, used });
			used.meters.push(meter);
			const { up_checkpoint: up, down_checkpoint: down, seconds_checkpoint: seconds } = meter;
			const by = usageSince({ up, down, seconds }, reading);
			used.sessions.push({ session: meter.session, byte: by.up + by.down, second: by.seconds, tethered: 0 });
			if (by.up + by.down + by.seconds === 0) continue;
			this.#stores.sessions.move(meter, by);
			used.byte += by.up + by.down;
			used.second += by.seconds;
			used.moved++;
		}
		return used;
	}

	/** Adds what devices behind the stations used to what their sessions did. */
	#moveTethered(request: SettleRequest, used: Used, account: AccountRow, epoch: number | undefined): void {
		for (const reading of request.tethered ?? []) {
			const moved = this.#moveClass('tethered', reading, { request, account, epoch, used });
			if (moved === undefined) continue;
			const { session, bytes } = moved;
			const index = used.sessions.findIndex((use) => use.session === session);
			const use = used.sessions[index] ?? { session, byte: 0, second: 0 };
			const added = { ...use, byte: use.byte + bytes, tethered: bytes };
			if (index < 0) used.sessions.push(added);
			else used.sessions[index] = added;
			used.byte += bytes;
			used.moved++;
		}
	}

	/** @returns the bytes of each session since its checkpoint */
	#moveZeroRated(request: SettleRequest, used: Used, account: AccountRow, epoch: number | undefined): UnpaidUse[] {
		const uses: UnpaidUse[] = [];
		for (const reading of request.zeroRated ?? []) {
			const moved = this.#moveClass('free', reading, { request, account, epoch, used });
			if (moved) uses.push({ session: moved.session, unit: 'byte', amount: moved.bytes, reason: 'zero_rated' });
		}
		return uses;
	}

	#moveClass(of: MeterClass, reading: Reading, settle: Settling): { session: number; bytes: number } | undefined {
		if (reading.up + reading.down === 0) return undefined;
		const { sessions } = this.#stores;
		const own = this.#openMeter(reading.meter, settle);
		if (own.ended === 1) return undefined;
		const meter = sessions.classMeter(own, of);
		const { up_checkpoint: up, down_checkpoint: down } = meter;
		const by = usageSince({ up, down, seconds: 0 }, reading);
		if (by.up + by.down === 0) return undefined;
		sessions.move(meter, by);
		return { session: meter.session, bytes: by.up + by.down };
	}

	#openMeter(id: MeterId, { request, account, epoch, used }: Settling): MeterRow {
		const meter = this.#stores.sessions.openMeter(id);
		if (meter === undefined || meter.account !== account.number) {
			throw new OctroiError('not_found', `account ${request.account} has no open session with meter ${id}`);
		}
		if (meter.epoch !== epoch) {
			throw new OctroiError('not_allowed', `meter ${id} was opened in another epoch than ${request.epoch}`, {
				fix: 'resolve the old epoch as lost first',
			});
		}
		return this.#ends.chargeable(meter, request, used.followed);
	}

	/** What nothing paid is recorded too: included in a time package, throttled, or (a fault) overrun. */
	#writeUnpaid(step: Step, used: Used, planned: SettlePlan): UsageAmounts {
		const { request } = step;
		const overrun = { byte: 0, second: 0 };
		if (request.free !== false) {
			const reason = request.free === 'throttled' ? 'throttled' : 'included';
			for (const { session, byte: amount } of used.sessions) {
				this.#writer.unpaid(step, { session, unit: 'byte', amount, reason });
			}
		}
		if (planned.unpaid.length === 0) return overrun;
		const validityMs = validityTime(request.at);
		const spent = lastSpent(planned);
		const end: End =
			spent === undefined ? this.#stores.accounts.endOf(request.account, validityMs) : endOfPackage(spent, validityMs);
		const reason = request.grantsOnly || end.atEnd === 'throttle' ? 'throttled' : 'overrun';
		for (const { of: session, unit, amount } of planned.unpaid) {
			if (reason === 'overrun') overrun[unit] += amount;
			this.#writer.unpaid(step, { session, unit, amount, reason });
		}
		return overrun;
	}
}

/** The package that was spent last: it decides what happens at the end. A grace allowance does not. */
function lastSpent({ usage, wallet }: SettlePlan): Source | undefined {
	const last = wallet.lastSpent ?? usage.lastSpent;
	return last?.kind === 'grace' ? undefined : last;
}

/** The package of time, or else of money, that bytes pass under. */
function spendingOf({ usage, wallet }: SettlePlan): number {
	const isSpent = (move: Move<Source>) => move.posted + move.taken + move.reserved > 0;
	const time = usage.moves.find((move) => move.package.unit === 'second' && isSpent(move));
	return (time ?? wallet.moves.find(isSpent))?.package.balance ?? 0;
}

/** The package whose grace allowance would come next, if it has one. */
export function graceSource(
	{ packages }: Pick<SettlerStores, 'packages'>,
	account: AccountRow,
	spent: LivePackage | undefined,
): LivePackage | undefined {
	const last = spent ?? (account.last_package === null ? undefined : packages.byBalance(account.last_package));
	return last === undefined || last.grace_unit === null ? undefined : last;
}

/** A grant names the epoch in which it is spent. */
function needsEpoch({ usage, wallet }: SettlePlan): boolean {
	return [...usage.moves, ...wallet.moves].some((move) => move.granted > 0 || move.expired > 0);
}

function refuseOtherEpoch(sources: readonly Source[], epoch: number | undefined, request: SettleRequest): void {
	const other = sources.find((row) => row.grant !== null && row.grant_epoch !== epoch);
	if (other === undefined) return;
	throw new OctroiError('not_allowed', `account ${request.account} has an open grant of another epoch`, {
		fix: 'resolve the old epoch as lost first',
	});
}
