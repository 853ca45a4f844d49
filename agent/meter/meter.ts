import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress, MeterId } from '../core/units.ts';
import type { Answer } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Epoch, Moment } from '../ledger/moment.ts';
import type { PackageTerms, TopUpResult } from '../ledger/package.ts';
import { AccountChanges } from './account-changes.ts';
import { Charger } from './charger.ts';
import type { Gate, GateEvents, PoolId } from './gate.ts';
import { Peers } from './peers.ts';
import { type MeterState, newMeterState, type Pool } from './pool.ts';
import { type Place, Pools } from './pools.ts';
import { type Look, Reader } from './reader.ts';
import { Removals } from './removals.ts';
import { type Cause, noAccount, Renewal, type RenewalOptions } from './renewal.ts';
import { endSlice } from './slice.ts';
import { standstill } from './standstill.ts';
import type { WindowLimits } from './window.ts';

export type MeterOptions = Pick<RenewalOptions, 'own' | 'tethered'> & {
	readonly gate: Gate;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly moment: () => Moment;
	readonly limits: WindowLimits;
	readonly log: Log;
	/** Names a new session. */
	readonly newSessionId: () => string;
	/** The kernel was given what a pool may do from now on. */
	readonly onRight?: (pool: Pool) => void;
};

/**
 * Lets stations spend the balances of accounts. For each account with attached stations there is a pool, which its stations
 * share: reserved in the ledger, spent in the kernel, charged from the kernel's counters, renewed before it ends.
 */
export class Meter {
	readonly #options: MeterOptions;
	readonly #pools: Pools;
	readonly #charger: Charger;
	readonly #reader: Reader;
	readonly #renewal: Renewal;
	readonly #peers: Peers;
	readonly #changes: AccountChanges;
	readonly #removals: Removals;

	constructor(options: MeterOptions) {
		const { gate, ledger, clock, log } = options;
		this.#options = options;
		this.#pools = new Pools({ clock, meterMax: gate.meterMax });
		this.#charger = new Charger({ ledger, clock, log, moment: options.moment });
		const pools = this.#pools;
		const charger = this.#charger;
		this.#removals = new Removals({ gate, pools, clock, log });
		this.#reader = new Reader({ gate, pools, charger });
		this.#renewal = new Renewal({ ...options, pools, charger, reader: this.#reader });
		this.#peers = new Peers({ ledger, pools, renewal: this.#renewal });
		const renewal = this.#renewal;
		const peers = this.#peers;
		const moment = options.moment;
		this.#changes = new AccountChanges({ ledger, pools, renewal, peers, moment });
	}

	/** Who resolves what was granted when counters of a pool vanished, or were set back; called again until it is resolved. */
	set onCountersLost(call: (pool: Pool) => void) {
		this.#reader.onCountersLost = call;
	}

	/** For displays, which must not change them, and for the sampler. */
	get pools(): Pools {
		return this.#pools;
	}

	get charger(): Charger {
		return this.#charger;
	}

	get epoch(): Epoch {
		return this.#charger.epoch;
	}

	/** The kernel's events, here. `tableReplaced` is the recovery's. */
	readonly events: Omit<GateEvents, 'tableReplaced'> = {
		lowWater: (id) => this.#renewById(id, 'low-water'),
		depleted: (id) => this.#renewById(id, 'depleted'),
		partSpent: (id) => this.#renewById(id, 'change'),
		resynchronise: () => {
			for (const pool of this.#pools.all()) this.renewInTurn(pool);
		},
	};

	/**
	 * A station begins to spend from an account.
	 *
	 * @throws OctroiError `not_found` (the account), `not_allowed` (attached already, or one station too many), `ledger_*`,
	 * `netlink_*`
	 */
	async attach(mac: MacAddress, account: AccountId): Promise<MeterState> {
		const attached = this.find(mac);
		if (attached) {
			throw new OctroiError('not_allowed', `station ${mac} is attached to ${attached.pool.account} already`, {
				fix: `detach it first: octroi station detach ${mac}`,
			});
		}
		if (this.#options.ledger.isBlocked(account) === undefined) throw noAccount(account);
		this.#refuseMore(account);
		const { pool, meter } = this.#newMeter(mac, account);
		await this.#renewal.turn(pool, async () => {
			try {
				await this.#renewal.renew(pool);
			} catch (error) {
				await this.#drop(pool, meter, 'failed to attach').catch(() => undefined);
				throw error;
			}
		});
		return meter;
	}

	/**
	 * A station stops spending; what it used is charged, what was reserved for it is free again.
	 *
	 * @throws OctroiError `not_found`, `ledger_*`, `netlink_*`
	 */
	async detach(mac: MacAddress, reason: string): Promise<void> {
		const found = this.find(mac);
		if (!found) throw new OctroiError('not_found', `station ${mac} is not attached to an account`);
		const { pool, meter } = found;
		await this.#renewal.turn(pool, async () => {
			// Somebody else may have detached it while we waited.
			if (this.find(mac)?.meter !== meter) return;
			try {
				await this.#drop(pool, meter, reason);
			} catch (error) {
				// It is attached still, and gets what an attached station gets.
				this.#renewal.retry(pool);
				throw error;
			}
			this.#peers.wakeOthers(pool.account);
			// Time is shared out by station: those that stay get the rest.
			if (pool.meters.size > 0) await this.#renewal.renew(pool);
		});
	}

	/** Credits an account; its stations go on at once, in the flows that they have. @throws `ledger_*`, `netlink_*` */
	topUp(request: { transferId: string; account: AccountId; terms: PackageTerms }): Promise<TopUpResult> {
		return this.#changes.topUp(request);
	}

	/** The same with any transaction that adds to what an account has. */
	credit<Value>(account: AccountId, work: () => Value): Promise<Value> {
		return this.#changes.credit(account, work);
	}

	/** A transaction that takes from what an account has: for its moment nothing is reserved, and nothing passes. */
	withdraw<Value>(account: AccountId, work: () => Value): Promise<Value> {
		return this.#changes.withdraw(account, work);
	}

	/** Blocks an account by hand, whatever its balance, or lets it go on. @throws OctroiError `not_found`, `ledger_*` */
	setBlocked(account: AccountId, blocked: boolean): Promise<Answer> {
		return this.#changes.setBlocked(account, blocked);
	}

	/** Something else has changed what an account may spend: its stations, and those of its members, go on by that. */
	creditChanged(account: AccountId): Promise<void> {
		return this.#peers.creditChanged(account);
	}

	/** What was bought allows so many stations at once. */
	#refuseMore(account: AccountId): void {
		const { stationsMax } = this.#options.ledger.funds(account, this.#options.moment());
		const stations = this.#pools.of(account)?.meters.size ?? 0;
		if (stationsMax === undefined || stations < stationsMax) return;
		throw new OctroiError('not_allowed', `${account} may have ${stationsMax} stations at once, and has ${stations}`, {
			fix: 'detach one of them first, or buy a plan for more stations',
		});
	}

	/** Where a station spends; undefined if it is not attached. */
	find(mac: MacAddress): Place | undefined {
		return this.#pools.find(mac);
	}

	/** Renews a pool when its turn comes, and logs what fails. */
	renewInTurn(pool: Pool): void {
		this.#renewal.renewInTurn(pool);
	}

	/** Runs `work` when all earlier changes of the pool are done, and before all later ones. */
	turn<Value>(pool: Pool, work: () => Promise<Value>): Promise<Value> {
		return this.#renewal.turn(pool, work);
	}

	/** Renews a pool whose turn it is. @throws the `ledger_*` and `netlink_*` codes */
	renew(pool: Pool): Promise<void> {
		return this.#renewal.renew(pool);
	}

	/** Reads a pool in its turn, whatever has become of its counters. @throws the `netlink_*` codes */
	look(pool: Pool): Promise<Look> {
		return this.#reader.look(pool);
	}

	/** Looks at the counters of a pool that a sample found missing or too low: a look in its turn can tell. */
	inspect(pool: Pool): void {
		void this.#renewal.turn(pool, () => this.#reader.read(pool)).catch(() => undefined);
	}

	/** Begins with a life of the table, without any pool. */
	begin(epoch: Epoch): void {
		this.#pools.clear();
		this.#charger.epoch = epoch;
	}

	/**
	 * Runs `work` at a moment when no pool is being changed.
	 *
	 * @param prepare waited for with pools that are held, before `work`
	 */
	between(prepare: (held: readonly Pool[]) => Promise<void>, work: () => void): Promise<void> {
		return standstill({ pools: this.#pools, renewal: this.#renewal }, prepare, work);
	}

	/** Takes over a session that the ledger and the kernel both know. */
	adopt(session: { account: AccountId; state: MeterState; pool: PoolId | undefined }): void {
		this.#pools.add(this.#pools.open(session.account, session.pool), session.state);
	}

	/**
	 * Begins a new session for a station whose counters are lost, charged, and closed in the ledger; the next renewal makes new
	 * ones. What throws leaves it detached.
	 *
	 * @throws OctroiError `ledger_*`
	 */
	reopen(pool: Pool, lost: MeterState): void {
		const { mac, meter } = lost;
		try {
			this.#pools.add(pool, newMeterState({ meter, mac, session: this.#openSession(mac, pool.account, meter) }));
		} catch (error) {
			this.#pools.remove(pool, lost);
			this.#pools.release(meter, pool.account);
			throw error;
		}
	}

	/** The kernel goes on with what it was granted. */
	stop(): void {
		for (const part of [this.#renewal, this.#removals]) part.stop();
	}

	/** Waits for what is being changed now. */
	async idle(): Promise<void> {
		await Promise.all(this.#pools.all().map((pool) => pool.turn));
	}

	#renewById(id: PoolId, cause: Cause): void {
		const pool = this.#pools.at(id);
		if (pool) this.#renewal.renewInTurn(pool, cause);
	}

	/** Takes a station out: stop, charge for the last time, close, forget. */
	async #drop(pool: Pool, leaving: MeterState, reason: string): Promise<void> {
		const { gate, ledger } = this.#options;
		// A change would make counters anew that have vanished, and nobody would know.
		await this.#reader.read(pool);
		const staying = [...pool.meters.values()].filter((meter) => meter !== leaving);
		await gate.apply({ pool: pool.id, meters: staying, ...this.#renewal.rightToStay(pool, staying) });
		await this.#reader.read(pool);
		const rest = staying.length > 0 ? this.#charger.rest(pool) : { byte: 0, second: 0 };
		this.#charger.settle(pool, { ...rest, stops: true });
		endSlice(pool, leaving, this.#options.clock.bootMs());
		ledger.closeSession(leaving.session, reason, this.#options.moment());
		this.#pools.remove(pool, leaving);
		await this.#removals.remove(leaving.meter, pool.account);
	}

	#newMeter(mac: MacAddress, account: AccountId): Place {
		const id = this.#pools.takeMeterId(account);
		try {
			const meter = newMeterState({ meter: id, mac, session: this.#openSession(mac, account, id) });
			const pool = this.#pools.open(account);
			this.#pools.add(pool, meter);
			return { pool, meter };
		} catch (error) {
			this.#pools.release(id, account);
			throw error;
		}
	}

	#openSession(mac: MacAddress, account: AccountId, meter: MeterId): string {
		const { ledger, newSessionId } = this.#options;
		const session = newSessionId();
		const opened = ledger.openSession({ session, mac, account, meter, epoch: this.epoch, at: this.#options.moment() });
		if (opened !== 'created') throw new OctroiError('internal', `session ${session} could not be opened: ${opened}`);
		return session;
	}
}
