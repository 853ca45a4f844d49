import { freeMeterOf, isFreeMeter, ownMeterOf } from '../core/free-meter.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { isTetheredMeter, tetheredMeterOf } from '../core/tethered-meter.ts';
import type { MacAddress, MeterId } from '../core/units.ts';
import type { CounterReading, Gate, GateState, PoolChange, PoolReading } from '../meter/gate.ts';
import {
	decodeObject,
	deleteConntrackByMark,
	getObject,
	type NetlinkConnection,
	type NfTablesObject,
	type ObjectKind,
	refusalOf,
	splitBatches,
} from '../netlink/index.ts';
import type { Lease } from '../session/leases.ts';
import { gateState, quotaReading } from './gate-state.ts';
import type { MarkField } from './mark.ts';
import { emptyMirror, type Mirror } from './mirror.ts';
import { counterName, type PoolId, poolObjects, TABLE } from './names.ts';
import { planForget, planPoolChange } from './pool-change.ts';
import { type Shaping, wantAllClasses, wantClasses } from './pool-classes.ts';
import { readMirror, sampleCounters } from './read-mirror.ts';
import { Senders, type SendersParts } from './senders.ts';
import type { Transaction } from './transaction.ts';

export type KernelGateOptions = {
	/** To NETLINK_NETFILTER, started by whoever made it. */
	readonly connection: NetlinkConnection;
	readonly field: MarkField;
	/** The addresses that a station is known to have, by its lease and by neighbour discovery. */
	readonly addressesOf?: (mac: MacAddress) => readonly string[];
	/** Asks neighbours; absent: an address that another station has had stays that station's. */
	readonly neighbours?: SendersParts['neighbours'];
	/** Whether zero-rated flows are counted: each meter then has a second pair of counters. */
	readonly zeroRated?: boolean;
	/** Makes the rates of pools smooth; without it, the limits in the rules hold them alone. */
	readonly shaping?: Shaping;
	/** Whether flows are judged: then each meter has a pair of counters for tethered ones. */
	readonly tethered?: boolean;
	/** Whether flows that begin outside reach stations. */
	readonly inbound?: boolean;
	/** What went to the queue of new flows, and what was too much of one station: packets, as each sample finds them. */
	readonly onQueueCounters?: (counter: number, packets: number) => void;
	readonly log: Log;
};

/** The gate in the kernel: our table's maps, quotas and counters, by netlink alone. */
export class KernelGate implements Gate {
	readonly #connection: NetlinkConnection;
	readonly #field: MarkField;
	readonly #zeroRated: boolean;
	readonly #tethered: boolean;
	readonly #inbound: boolean;
	readonly #onQueueCounters: (counter: number, packets: number) => void;
	readonly #addressesOf: (mac: MacAddress) => readonly string[];
	readonly senders: Senders;
	readonly #shaping: Shaping | undefined;
	readonly #log: Log;
	/** Undefined when it is not known what the kernel holds: it is read before the next change. */
	#mirror: Mirror | undefined = emptyMirror();
	/** The same, also while a change is under way and it is not known whether the kernel takes it. */
	#last: Mirror = emptyMirror();
	/** The pool of each meter, as the last changes had it. */
	readonly #bindings = new Map<MeterId, PoolId>();
	/** Counts the tables: a change that was decided for one must not reach the next. */
	#life = 0;
	#lastWork: Promise<unknown> = Promise.resolve();
	/** Stations of a table that was lost: when they come again it is the same session. */
	readonly #restored = new Set<MacAddress>();

	constructor(options: KernelGateOptions) {
		const { connection, field, log } = options;
		this.#connection = connection;
		this.#field = field;
		this.#zeroRated = options.zeroRated ?? false;
		this.#tethered = options.tethered ?? false;
		this.#inbound = options.inbound ?? false;
		this.#onQueueCounters = options.onQueueCounters ?? (() => undefined);
		this.#addressesOf = options.addressesOf ?? (() => []);
		this.senders = new Senders(connection, {
			serially: (work) => this.#serially(work),
			cutFlows: (stations) => this.#cutFlowsOf(stations),
			hasSession: (mac) => this.#last.stationMarks.has(mac),
			neighbours: options.neighbours,
			log,
		});
		this.#shaping = options.shaping;
		this.#log = log;
	}

	get meterMax(): number {
		return this.#field.meterMax;
	}

	/**
	 * Reads what the table holds. Changes that were asked for before are done before, or refused.
	 *
	 * @param epoch of the table, from its comment
	 * @param prepare brings the table into the kernel first; no change falls between this and the reading
	 */
	async load(epoch: string, prepare: () => Promise<void> = async () => {}): Promise<GateState> {
		this.#life += 1;
		return this.#serially(async () => {
			const before = this.#last.stationMarks.keys();
			this.#mirror = undefined;
			await prepare();
			const timed: Map<MeterId, { givenMs: number; leftMs: number }> = new Map();
			const mirror = await readMirror(this.#connection, { field: this.#field, timed });
			this.#mirror = mirror;
			this.#last = mirror;
			for (const mac of before) if (!mirror.stationMarks.has(mac)) this.#restored.add(mac);
			this.#bindings.clear();
			if (this.#shaping) wantAllClasses(this.#shaping, mirror.pools);
			await this.senders.leases.reloaded();
			return { ...gateState(mirror), epoch, timed };
		});
	}

	async read(pool: PoolId, meters: readonly MeterId[]): Promise<PoolReading> {
		// All are sent at once, in this order; the kernel answers each within its send, so quotas are read first.
		const [grant, reserve, ...counters] = await Promise.all([
			this.#object(poolObjects.grant(pool), 'quota'),
			this.#object(poolObjects.reserve(pool), 'quota'),
			...meters.map((meter) => this.#counters(meter)),
			...meters.map((meter) => (this.#zeroRated ? this.#counters(freeMeterOf(meter)) : undefined)),
			...meters.map((meter) => (this.#countsTethered(meter) ? this.#counters(tetheredMeterOf(meter)) : undefined)),
		]);
		const readings: CounterReading[] = [];
		const missing: MeterId[] = [];
		for (const [index, meter] of meters.entries()) {
			const own = counters[index];
			const free = counters[meters.length + index];
			const tethered = counters[2 * meters.length + index];
			if (own) readings.push({ meter, ...own, ...(free ? { free } : {}), ...(tethered ? { tethered } : {}) });
			else missing.push(meter);
		}
		return { ...quotaReading('grant', grant), ...quotaReading('reserve', reserve), counters: readings, missing };
	}

	async apply(change: PoolChange): Promise<void> {
		const { pool, meters } = change;
		const before = new Set(this.#last.stationMarks.keys());
		const isRestored = (mac: MacAddress) => this.#restored.delete(mac) || this.senders.leases.areUnread;
		await this.#commit((mirror) =>
			planPoolChange(mirror, change, this.#field, { zeroRated: this.#zeroRated, tethered: this.#tethered }),
		);
		// After the rules: until its queue is there a rate is held by its limit, and when they are gone the queue runs empty.
		if (this.#shaping && this.#mirror) wantClasses(this.#shaping, pool, this.#mirror.pools.get(pool));
		const now = this.#last.stationMarks;
		// What another one left under the same hardware address is not this one's.
		const coming = meters.map(({ mac }) => mac).filter((mac) => !before.has(mac));
		const restored = new Set(coming.filter(isRestored));
		await this.senders.release([...restored], { isRestored: true });
		await this.releaseAddresses(
			[...coming, ...before].filter((mac) => !restored.has(mac) && !(before.has(mac) && now.has(mac))),
		);
		await this.senders.bindings.bind(
			coming.map((mac) => ({ mac, addresses: this.senders.likely(mac, this.#addressesOf(mac)) })),
		);
		for (const [meter, other] of this.#bindings) if (other === pool) this.#bindings.delete(meter);
		for (const { meter } of meters) this.#bindings.set(meter, pool);
		await this.#shaping?.settled();
	}

	async removeCounters(meters: readonly MeterId[]): Promise<void> {
		if (meters.length === 0) return;
		await this.#commit((mirror) => planForget(mirror, meters, this.#field));
		for (const meter of meters) this.#bindings.delete(meter);
	}

	async forget(meters: readonly MeterId[]): Promise<void> {
		// Flows outlive the counters that they had, also of a class that is not told apart any more.
		const tethered = meters.filter((meter) => this.#countsTethered(meter));
		await this.removeCounters(meters);
		await this.#cutFlows(meters, tethered);
	}

	/** Their next packets are judged as the first ones of new flows; what begins outside comes to them only after one of these. */
	async #cutFlows(meters: readonly MeterId[], tethered: readonly MeterId[]): Promise<void> {
		if (this.#inbound) {
			const cut = new Set(meters);
			await this.senders.bindings.forgetMeters((mark) => cut.has(this.#field.meterOfKey(mark)));
		}
		const free = this.#zeroRated ? meters.map(freeMeterOf) : [];
		for (const meter of [...meters, ...free, ...tethered.map(tetheredMeterOf)]) {
			const mark = this.#field.markOf(meter);
			// Flows without a mark of ours are everybody else's.
			if (mark === 0) continue;
			for (const request of deleteConntrackByMark({ mark, mask: this.#field.mask })) {
				await this.#connection.request(request);
			}
		}
	}

	/** Takes the leases of the DHCP server, all of them; see `Senders.leased`. @throws the `netlink_*` codes */
	async leased(leases: readonly Lease[]): Promise<void> {
		await this.senders.leased(leases);
	}

	async #cutFlowsOf(stations: readonly MacAddress[]): Promise<void> {
		const marks = stations.flatMap((mac) => this.#last.stationMarks.get(mac) ?? []);
		const meters = marks.map((mark) => this.#field.meterOf(mark));
		await this.#cutFlows(meters, meters);
	}

	async sample(visit: Parameters<Gate['sample']>[0]): Promise<void> {
		await sampleCounters(
			this.#connection,
			(meter, direction, bytes) => {
				if (isFreeMeter(meter)) visit(ownMeterOf(meter), direction, bytes, 'free');
				else if (isTetheredMeter(meter)) visit(ownMeterOf(meter), direction, bytes, 'tethered');
				else visit(meter, direction, bytes);
			},
			this.#onQueueCounters,
		);
	}

	/** Also those that were made while flows were judged, or that nobody knows of now. */
	#countsTethered(meter: MeterId): boolean {
		return this.#tethered || (this.#mirror?.meters.has(tetheredMeterOf(meter)) ?? true);
	}

	/**
	 * Forgets which addresses belong to these stations: with their next flow they take what they then have. For a station
	 * that comes or goes, or whose lease has moved.
	 *
	 * @throws the `netlink_*` codes
	 */
	async releaseAddresses(stations: readonly MacAddress[]): Promise<void> {
		if (stations.length > 0) await this.senders.release(stations);
	}

	/**
	 * Applies a plan; when the kernel holds something else than we thought (an element has expired, someone changed our
	 * table), reads it anew and plans once more.
	 */
	#commit(plan: (mirror: Mirror) => Transaction): Promise<void> {
		const life = this.#life;
		return this.#serially(async () => {
			if (life !== this.#life) throw new OctroiError('netlink_closed', 'the table was loaded anew before the change');
			await this.#commitNow(plan);
		});
	}

	/** One at a time: a mirror that is being read anew must not miss what another change does meanwhile. */
	#serially<Value>(work: () => Promise<Value>): Promise<Value> {
		const done = this.#lastWork.then(work);
		this.#lastWork = done.catch(() => undefined);
		return done;
	}

	async #commitNow(plan: (mirror: Mirror) => Transaction): Promise<void> {
		try {
			await this.#planAndSend(plan);
		} catch (error) {
			const [refusal] = refusalOf(error);
			if (!refusal) throw error;
			this.#log.debug({ errno: refusal.errno, text: refusal.text }, 'table differs from its mirror, reading it anew');
			await this.#planAndSend(plan);
		}
	}

	/** A plan changes the mirror: unless the kernel has said yes, it is no longer known what that holds. */
	async #planAndSend(plan: (mirror: Mirror) => Transaction): Promise<void> {
		const mirror = this.#mirror ?? (await this.#readAgain());
		this.#last = mirror;
		this.#mirror = undefined;
		await this.#send(plan(mirror));
		this.#mirror = mirror;
	}

	/** A right to time names no object, so the kernel does not tell which pool it belongs to. */
	async #readAgain(): Promise<Mirror> {
		const mirror = await readMirror(this.#connection, { field: this.#field });
		for (const [meter, state] of mirror.meters) state.pool ??= this.#bindings.get(meter);
		return mirror;
	}

	async #send(transaction: Transaction): Promise<void> {
		for (const batch of splitBatches(transaction.requests())) await this.#connection.batch(batch);
	}

	async #counters(meter: MeterId): Promise<{ up: number; down: number } | undefined> {
		const [up, down] = await Promise.all([
			this.#object(counterName.up(meter), 'counter'),
			this.#object(counterName.down(meter), 'counter'),
		]);
		return up?.kind === 'counter' && down?.kind === 'counter' ? { up: up.bytes, down: down.bytes } : undefined;
	}

	async #object(name: string, kind: ObjectKind): Promise<NfTablesObject | undefined> {
		try {
			const [message] = await this.#connection.get(getObject(TABLE, name, kind));
			return message && decodeObject(message);
		} catch (error) {
			if (refusalOf(error)[0]?.errno === 'ENOENT') return undefined;
			throw error;
		}
	}
}
