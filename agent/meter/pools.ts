import type { Clock } from '../core/clock.ts';
import type { AccountId, MacAddress, MeterId } from '../core/units.ts';
import type { PoolId } from './gate.ts';
import { NumberPool } from './number-pool.ts';
import { type MeterState, newPool, type Pool } from './pool.ts';

/** Where a station spends. */
export type Place = { readonly pool: Pool; readonly meter: MeterState };

/** All pools and their meters, found by account, by number and by station. */
export class Pools {
	readonly #clock: Clock;
	readonly #byAccount = new Map<AccountId, Pool>();
	readonly #byId = new Map<PoolId, Pool>();
	readonly #byMac = new Map<MacAddress, Place>();
	readonly #byMeter = new Map<MeterId, MeterState>();
	readonly #poolIds: NumberPool;
	readonly #meterIds: NumberPool;

	/** How often a pool or a meter came or went. */
	changes = 0;
	/** Pools that were given another right, or another reason, for as long as somebody collects them. */
	decided: Set<Pool> | undefined;

	/** @param meterMax the largest number of a meter, and of a pool */
	constructor({ clock, meterMax }: { clock: Clock; meterMax: number }) {
		this.#clock = clock;
		this.#meterIds = new NumberPool(meterMax, 'meters');
		this.#poolIds = new NumberPool(meterMax, 'pools');
	}

	get size(): number {
		return this.#byAccount.size;
	}

	/** How many meters there are, in all pools. */
	get meterCount(): number {
		return this.#byMeter.size;
	}

	all(): Pool[] {
		return [...this.#byAccount.values()];
	}

	of(account: AccountId): Pool | undefined {
		return this.#byAccount.get(account);
	}

	at(id: PoolId): Pool | undefined {
		return this.#byId.get(id);
	}

	find(mac: MacAddress): Place | undefined {
		return this.#byMac.get(mac);
	}

	meter(id: MeterId): MeterState | undefined {
		return this.#byMeter.get(id);
	}

	/** False when the pool was dropped, or everything was begun anew, since somebody took it. */
	isCurrent(pool: Pool): boolean {
		return this.#byAccount.get(pool.account) === pool;
	}

	/** The pool of an account, made if there is none. @param id which the kernel knows it by already */
	open(account: AccountId, id?: PoolId): Pool {
		const known = this.#byAccount.get(account);
		if (known) return known;
		if (id !== undefined) this.#poolIds.keep(id);
		this.changes += 1;
		const pool = newPool(id ?? this.#poolIds.take(), account, this.#clock.bootMs());
		this.#byAccount.set(account, pool);
		this.#byId.set(pool.id, pool);
		return pool;
	}

	/** Whether there is a number for hardly anybody more. */
	get isNearlyFull(): boolean {
		return this.#meterIds.isNearlyUsedUp;
	}

	/**
	 * A number for a new meter of an account, one that it had before if it can be; give it back by {@link release}, or with its meter
	 * by {@link remove}.
	 */
	takeMeterId(account: AccountId): MeterId {
		return this.#meterIds.take(account) as MeterId;
	}

	/** @param account whose it was */
	release(id: MeterId, account?: AccountId): void {
		this.#meterIds.release(id, account);
	}

	/** Adds a meter; in the place of one of the same number and station, if there is one. */
	add(pool: Pool, meter: MeterState): void {
		this.changes += 1;
		this.#meterIds.keep(meter.meter);
		pool.meters.set(meter.meter, meter);
		this.#byMac.set(meter.mac, { pool, meter });
		this.#byMeter.set(meter.meter, meter);
	}

	/** Takes a meter out; the pool goes with its last meter. The number stays taken until it is released. */
	remove(pool: Pool, meter: MeterState): void {
		this.changes += 1;
		pool.meters.delete(meter.meter);
		if (this.#byMac.get(meter.mac)?.meter === meter) this.#byMac.delete(meter.mac);
		if (this.#byMeter.get(meter.meter) === meter) this.#byMeter.delete(meter.meter);
		if (pool.meters.size === 0) this.#close(pool);
	}

	/** Forgets everything, and gives all numbers back. */
	clear(): void {
		for (const pool of this.all()) {
			for (const meter of [...pool.meters.values()]) {
				this.remove(pool, meter);
				this.release(meter.meter);
			}
			this.#close(pool);
		}
	}

	#close(pool: Pool): void {
		this.changes += 1;
		pool.cancelTimer?.();
		pool.cancelTimer = undefined;
		if (!this.isCurrent(pool)) return;
		this.#byAccount.delete(pool.account);
		this.#byId.delete(pool.id);
		this.#poolIds.release(pool.id);
	}
}
