import type { AccountId, MeterId, Unit } from '../../../agent/core/units.ts';
import type { Ledger } from '../../../agent/ledger/ledger.ts';
import type { LostGrant } from '../../../agent/ledger/lost.ts';
import type { Session } from '../../../agent/ledger/session.ts';
import type { Direction, FakeCounter, FakeKernel, Way } from '../../fakes/fake-kernel.ts';

type Sums = Record<Unit, number>;

type TrueSession = {
	readonly account: AccountId;
	readonly meter: MeterId;
	/** The usage records that it has had: each but the last has ended. */
	readonly records: string[];
	up: number;
	down: number;
	state: 'open' | 'closed' | 'lost';
};

/** What really happened to an account, as the kernel saw it. */
type TrueAccount = {
	readonly bought: Sums;
	readonly expired: Sums;
	readonly lostVenue: Sums;
	/** Forwarded under a grant or its reserve: these must be paid, to the byte. */
	grantedBytes: number;
	includedBytes: number;
	slowBytes: number;
	/** Forwarded at the rate of fair use while the last grant had a rest: as much of it may be paid. */
	spareBytes: number;
	/** Counters whose time counts. */
	counters: Set<FakeCounter>;
	/** Time that was had under counters that do not count any more. */
	hadMs: number;
	/** What rounding to whole seconds may leave unpaid, or take too much. */
	roundingMs: number;
};

/**
 * The independent books of a simulation: what was bought, what the kernel really forwarded and for what right. Throws
 * {@link Violation} where the ledger or the kernel's rights do not agree with them.
 */
export class Truth {
	readonly accounts = new Map<AccountId, TrueAccount>();
	protected readonly sessions = new Map<string, TrueSession>();
	readonly #byMeter = new Map<MeterId, string>();
	readonly #byCounter = new Map<FakeCounter, string>();
	kernel: FakeKernel;

	constructor(kernel: FakeKernel) {
		this.kernel = kernel;
	}

	account(id: AccountId): TrueAccount {
		const found = this.accounts.get(id) ?? newAccount();
		this.accounts.set(id, found);
		return found;
	}

	opened(session: { session: string; account: AccountId; meter: MeterId }): void {
		const { account, meter } = session;
		this.sessions.set(session.session, { account, meter, records: [session.session], up: 0, down: 0, state: 'open' });
		this.#byMeter.set(meter, session.session);
	}

	/** A record had ended, and the station goes on in another. */
	followed(meter: MeterId, record: string): void {
		const name = this.#byMeter.get(meter) as string;
		const session = this.#session(name);
		session.records.push(record);
		this.sessions.set(record, session);
	}

	counted(counter: FakeCounter): void {
		const session = this.#byMeter.get(counter.meter);
		if (session === undefined) throw new Violation(`meter ${counter.meter} got counters without a session`);
		this.#byCounter.set(counter, session);
		this.account(this.#session(session).account).counters.add(counter);
	}

	forwarded(
		counter: FakeCounter,
		direction: Direction,
		{ bytes, way, spareBytes }: { bytes: number; way: Way; spareBytes: number },
	): void {
		const name = this.#byCounter.get(counter) as string;
		const session = this.#session(name);
		if (session.state === 'closed') throw new Violation(`${bytes} bytes were forwarded after ${name} was closed`);
		session[direction] += bytes;
		const account = this.account(session.account);
		if (way === 'timed') account.includedBytes += bytes;
		else if (way === 'slow') {
			account.slowBytes += bytes;
			account.spareBytes += spareBytes;
		} else account.grantedBytes += bytes;
	}

	/** Counted anew by another agent: it knows up to when time is charged, and not what had begun at each station since then. */
	rounded(id: AccountId): void {
		const account = this.account(id);
		account.roundingMs += 1000 * account.counters.size;
	}

	/** A new agent finds stations whose time was being taken away when the last one died: nobody knows when. */
	adopted(ledger: Ledger): void {
		for (const [id, account] of this.accounts) {
			const isTimed = this.#metersOf(id).some(({ counter, timed }) => !counter || !timed);
			if (isTimed) account.roundingMs += this.reserved(ledger, id).second * 1000;
		}
	}

	closed(ledger: Ledger, name: string): void {
		const truth = this.#session(name);
		if (truth.state !== 'open') return;
		truth.state = 'closed';
		this.#checkRecords(ledger, truth);
	}

	/** What has ended has all that was forwarded, and nothing is forwarded after it. */
	checkRecords(ledger: Ledger): void {
		for (const session of this.sessions.values()) {
			if (session.state !== 'open') continue;
			const last = ledger.session(session.records.at(-1) as string);
			if (last?.closed !== undefined) this.#checkRecords(ledger, session);
		}
	}

	#checkRecords(ledger: Ledger, truth: TrueSession): void {
		const records = truth.records.map((name) => ledger.session(name) as Session);
		const upBytes = records.reduce((sum, record) => sum + record.upBytes, 0);
		const downBytes = records.reduce((sum, record) => sum + record.downBytes, 0);
		if (upBytes !== truth.up || downBytes !== truth.down) {
			throw new Violation(
				`${truth.records} ended with ${upBytes}/${downBytes} bytes charged; ${truth.up}/${truth.down} were forwarded`,
			);
		}
	}

	/** Grants were resolved because their counters are lost: from here on, what was paid counts as what was forwarded. */
	lost(ledger: Ledger, grants: readonly LostGrant[]): void {
		const open = new Set(ledger.openSessions().map(({ id }) => id));
		for (const session of this.sessions.values())
			if (session.state === 'open' && !session.records.some((record) => open.has(record))) session.state = 'lost';
		const byAccount = new Map<AccountId, Sums>();
		for (const { account, unit, amount, direction } of grants) {
			const sums = byAccount.get(account) ?? { byte: 0, second: 0, micro: 0 };
			byAccount.set(account, sums);
			sums[unit] += amount;
			if (direction === 'venue') this.account(account).lostVenue[unit] += amount;
		}
		for (const id of this.accounts.keys())
			this.#resolved(ledger, id, byAccount.get(id) ?? { byte: 0, second: 0, micro: 0 });
	}

	#resolved(ledger: Ledger, id: AccountId, granted: Sums): void {
		const account = this.account(id);
		const lostCounters = [...account.counters].filter(
			(counter) => this.#session(this.#byCounter.get(counter) as string).state === 'lost',
		);
		if (lostCounters.length === 0) return;
		const error = account.grantedBytes - this.paid(ledger, id, 'byte');
		if (error < 0 || error > granted.byte) {
			throw new Violation(`${id}: ${error} bytes were lost, with grants of ${granted.byte} bytes`);
		}
		const errorMs = this.hadMs(id) - this.paid(ledger, id, 'second') * 1000;
		if (errorMs > granted.second * 1000 + account.roundingMs) {
			throw new Violation(`${id}: ${errorMs} ms were lost, with grants of ${granted.second} s`);
		}
		account.grantedBytes -= error;
		for (const counter of lostCounters) account.counters.delete(counter);
		account.hadMs = 0;
		account.hadMs = this.paid(ledger, id, 'second') * 1000 - this.hadMs(id);
	}

	/** How long all stations of an account had its time. */
	hadMs(id: AccountId): number {
		const account = this.account(id);
		let sum = account.hadMs;
		for (const counter of account.counters) {
			const meter = this.kernel.meters.get(counter.meter);
			sum += meter?.counter === counter ? this.kernel.timedMs(meter) : counter.timedMs;
		}
		return sum;
	}

	/** What the ledger has taken from an account for use. */
	paid(ledger: Ledger, id: AccountId, unit: Unit): number {
		const books = ledger.account(id);
		const { bought, expired, lostVenue } = this.account(id);
		if (!books) return 0;
		return bought[unit] - books.available[unit] - books.reserved[unit] - expired[unit] - lostVenue[unit];
	}

	/** What the ledger has reserved for the kernel. */
	protected reserved(ledger: Ledger, id: AccountId): { byte: number; second: number } {
		return ledger.account(id)?.reserved ?? { byte: 0, second: 0 };
	}

	/** No more is paid than was bought. */
	protected checkBought(ledger: Ledger, id: AccountId): void {
		const { bought } = this.account(id);
		for (const unit of ['byte', 'second'] as const) {
			const paid = this.paid(ledger, id, unit);
			if (paid < 0 || paid > bought[unit]) throw new Violation(`${id}: ${paid} of ${bought[unit]} ${unit}s were paid`);
		}
	}

	/** What was paid of the first packets of fair use was forwarded under a grant after all. */
	#settleSpare(ledger: Ledger, id: AccountId): void {
		const account = this.account(id);
		const more = Math.min(account.spareBytes, Math.max(0, this.paid(ledger, id, 'byte') - account.grantedBytes));
		account.spareBytes -= more;
		account.slowBytes -= more;
		account.grantedBytes += more;
	}

	/** What was forwarded under grants, and the ledger does not know yet. */
	unpaidBytes(ledger: Ledger, id: AccountId): number {
		return this.account(id).grantedBytes - this.paid(ledger, id, 'byte');
	}

	/** Every invariant that must hold at every moment. */
	check(ledger: Ledger): void {
		this.checkRecords(ledger);
		this.checkPools();
		for (const id of this.accounts.keys()) this.checkAccount(ledger, id);
	}

	protected checkAccount(ledger: Ledger, id: AccountId): void {
		if (!ledger.account(id)) return;
		this.#settleSpare(ledger, id);
		const { grantedBytes, roundingMs } = this.account(id);
		this.checkBought(ledger, id);
		const reserved = this.reserved(ledger, id);
		const paidBytes = this.paid(ledger, id, 'byte');
		const covered = paidBytes + reserved.byte;
		const rest = this.#restBytes(id);
		if (paidBytes > grantedBytes)
			throw new Violation(`${id}: ${paidBytes} bytes are paid, only ${grantedBytes} granted`);
		if (grantedBytes + rest > covered) {
			throw new Violation(
				`${id}: ${grantedBytes} bytes were forwarded and ${rest} may be; ${paidBytes} are paid and ${reserved.byte} reserved`,
			);
		}
		const paidMs = this.paid(ledger, id, 'second') * 1000;
		const hadMs = this.hadMs(id);
		const leftMs = this.#leftMs(id);
		if (hadMs + leftMs > paidMs + reserved.second * 1000 + roundingMs) {
			throw new Violation(
				`${id}: had ${hadMs} ms and may have ${leftMs}; ${paidMs} are paid and ${reserved.second} s reserved (± ${roundingMs})`,
			);
		}
		if (paidMs > hadMs + roundingMs) throw new Violation(`${id}: had ${hadMs} ms and paid ${paidMs} (± ${roundingMs})`);
	}

	/** When nothing is attached any more: everything that was forwarded under a grant is paid, and nothing else. */
	checkEnd(ledger: Ledger): void {
		for (const [id, { grantedBytes, slowBytes, includedBytes }] of this.accounts) {
			const paid = this.paid(ledger, id, 'byte');
			if (paid !== grantedBytes) {
				throw new Violation(
					`${id}: ${paid} bytes are paid, ${grantedBytes} were forwarded under grants (slow ${slowBytes}, included ${includedBytes})`,
				);
			}
			if (this.reserved(ledger, id).byte > 0) throw new Violation(`${id}: bytes are still reserved`);
		}
		for (const [name, { state }] of this.sessions) if (state === 'open') throw new Violation(`${name} is still open`);
	}

	protected checkPools(): void {
		const owners = new Map<number, AccountId>();
		for (const [id, meter] of this.kernel.meters) {
			const session = this.#byMeter.get(id);
			const pool = meter.grantOf ?? meter.slowOf;
			if (pool === undefined || session === undefined) continue;
			const { account } = this.#session(session);
			const owner = owners.get(pool) ?? account;
			owners.set(pool, owner);
			if (owner !== account) throw new Violation(`${owner} and ${account} share pool ${pool}`);
		}
	}

	#restBytes(id: AccountId): number {
		const pools = new Set<number>();
		for (const meter of this.#metersOf(id)) if (meter.grantOf !== undefined) pools.add(meter.grantOf);
		return [...pools].reduce((sum, pool) => sum + this.kernel.restBytes(pool), 0);
	}

	#leftMs(id: AccountId): number {
		const now = this.kernel.clock.bootMs();
		return this.#metersOf(id).reduce((sum, { timed }) => sum + (timed ? Math.max(0, timed.untilMs - now) : 0), 0);
	}

	#metersOf(id: AccountId) {
		return [...this.kernel.meters.entries()]
			.filter(([meter]) => this.sessions.get(this.#byMeter.get(meter) ?? '')?.account === id)
			.map(([, meter]) => meter);
	}

	#session(name: string): TrueSession {
		const found = this.sessions.get(name);
		if (!found) throw new Violation(`nobody opened ${name}`);
		return found;
	}
}

/** An invariant does not hold. */
export class Violation extends Error {
	override readonly name = 'Violation';
}

/** Of each what has begun of a second is charged with the next: once for an account, however often its stations come and go. */
const STATIONS_AT_ONCE = 4;

function newAccount(): TrueAccount {
	const none = () => ({ byte: 0, second: 0, micro: 0 });
	return {
		bought: none(),
		expired: none(),
		lostVenue: none(),
		grantedBytes: 0,
		includedBytes: 0,
		slowBytes: 0,
		spareBytes: 0,
		counters: new Set(),
		hadMs: 0,
		roundingMs: 1000 * STATIONS_AT_ONCE,
	};
}
