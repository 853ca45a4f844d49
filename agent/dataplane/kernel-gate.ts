import type { Log } from '../core/log.ts';
import { macAddressOf } from '../core/mac-address.ts';
import type { MeterId } from '../core/units.ts';
import type { CounterReading, Gate, GateState, PoolChange, PoolReading, QuotaReading } from '../meter/gate.ts';
import {
	decodeObject,
	decodeSetElements,
	deleteConntrackByMark,
	dumpObjects,
	dumpSetElements,
	getObject,
	type NetlinkConnection,
	type NfTablesObject,
	type ObjectKind,
	refusalOf,
	type SetElement,
	splitBatches,
	visitCounters,
} from '../netlink/index.ts';
import type { MarkField } from './mark.ts';
import { emptyMirror, type Mirror, meterOf, type PoolMirror, poolOf, RIGHT_SETS } from './mirror.ts';
import { counterName, type PoolId, poolObjects, readObjectName, TABLE } from './names.ts';
import { planForget, planPoolChange } from './pool-change.ts';
import type { Transaction } from './transaction.ts';

const UP = 'u'.charCodeAt(0);
const DOWN = 'd'.charCodeAt(0);

export type KernelGateOptions = {
	/** To NETLINK_NETFILTER, started by whoever made it. */
	readonly connection: NetlinkConnection;
	readonly field: MarkField;
	readonly log: Log;
};

/** The gate in the kernel: our table's maps, quotas and counters, by netlink alone. */
export class KernelGate implements Gate {
	readonly #connection: NetlinkConnection;
	readonly #field: MarkField;
	readonly #log: Log;
	#mirror: Mirror = emptyMirror();
	#lastCommit: Promise<void> = Promise.resolve();

	constructor({ connection, field, log }: KernelGateOptions) {
		this.#connection = connection;
		this.#field = field;
		this.#log = log;
	}

	get meterMax(): number {
		return this.#field.meterMax;
	}

	/** Reads what the table holds. @param epoch of the table, from its comment */
	async load(epoch: string): Promise<GateState> {
		const timed: Map<MeterId, { givenMs: number; leftMs: number }> = new Map();
		this.#mirror = await this.#readMirror(timed);
		const members = new Map<PoolId, MeterId[]>([...this.#mirror.pools.keys()].map((pool) => [pool, []]));
		const unbound: MeterId[] = [];
		for (const [meter, { pool }] of this.#mirror.meters) (members.get(pool ?? 0) ?? unbound).push(meter);
		return {
			epoch,
			pools: [...members].map(([pool, meters]) => ({ pool, meters, mode: modeOf(this.#mirror.pools.get(pool)) })),
			unbound,
			timed,
		};
	}

	async read(pool: PoolId, meters: readonly MeterId[]): Promise<PoolReading> {
		// All are sent at once, in this order; the kernel answers each within its send, so quotas are read first.
		const [grant, reserve, ...counters] = await Promise.all([
			this.#object(poolObjects.grant(pool), 'quota'),
			this.#object(poolObjects.reserve(pool), 'quota'),
			...meters.flatMap((meter) => [
				this.#object(counterName.up(meter), 'counter'),
				this.#object(counterName.down(meter), 'counter'),
			]),
		]);
		const readings: CounterReading[] = [];
		const missing: MeterId[] = [];
		for (const [index, meter] of meters.entries()) {
			const up = counters[2 * index];
			const down = counters[2 * index + 1];
			if (up?.kind === 'counter' && down?.kind === 'counter') readings.push({ meter, up: up.bytes, down: down.bytes });
			else missing.push(meter);
		}
		return { ...quotaReading('grant', grant), ...quotaReading('reserve', reserve), counters: readings, missing };
	}

	async apply(change: PoolChange): Promise<void> {
		await this.#commit((mirror) => planPoolChange(mirror, change, this.#field));
	}

	async forget(meters: readonly MeterId[]): Promise<void> {
		if (meters.length === 0) return;
		await this.#commit((mirror) => planForget(mirror, meters, this.#field));
		for (const meter of meters) {
			const mark = this.#field.markOf(meter);
			for (const request of deleteConntrackByMark({ mark, mask: this.#field.mask })) {
				await this.#connection.request(request);
			}
		}
	}

	async sample(visit: (meter: MeterId, direction: 'up' | 'down', bytes: number) => void): Promise<void> {
		await this.#connection.dump(dumpObjects(TABLE, 'counter'), (message) =>
			visitCounters(message, (letter, meter, bytes) => {
				if (letter === UP) visit(meter as MeterId, 'up', bytes);
				else if (letter === DOWN) visit(meter as MeterId, 'down', bytes);
			}),
		);
	}

	/**
	 * Applies a plan; when the kernel holds something else than we thought (an element has expired, someone changed our
	 * table), reads it anew and plans once more.
	 */
	#commit(plan: (mirror: Mirror) => Transaction): Promise<void> {
		// One at a time: a mirror that is being read anew must not miss what another change does meanwhile.
		const committed = this.#lastCommit.then(() => this.#commitNow(plan));
		this.#lastCommit = committed.catch(() => undefined);
		return committed;
	}

	async #commitNow(plan: (mirror: Mirror) => Transaction): Promise<void> {
		try {
			await this.#send(plan(this.#mirror));
		} catch (error) {
			const [refusal] = refusalOf(error);
			if (!refusal) throw error;
			this.#log.debug({ errno: refusal.errno, text: refusal.text }, 'table differs from its mirror, reading it anew');
			this.#mirror = await this.#readMirror();
			await this.#send(plan(this.#mirror));
		}
	}

	async #send(transaction: Transaction): Promise<void> {
		for (const batch of splitBatches(transaction.requests())) await this.#connection.batch(batch);
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

	async #readMirror(timed?: Map<MeterId, { givenMs: number; leftMs: number }>): Promise<Mirror> {
		const mirror = emptyMirror();
		const meterAt = ({ key }: SetElement) => this.#field.meterOfKey(key);
		await this.sample((meter) => {
			meterOf(mirror, meter).counted = true;
		});
		for (const kind of ['quota', 'limit'] as const) {
			await this.#connection.dump(dumpObjects(TABLE, kind), (message) => noteObject(mirror, decodeObject(message)));
		}
		await this.#elements('station', (element) => {
			if (!element.data) return;
			meterOf(mirror, this.#field.meterOfKey(element.data)).mac = macAddressOf(element.key);
		});
		for (const set of RIGHT_SETS) {
			await this.#elements(set, (element) => {
				const meter = meterOf(mirror, meterAt(element));
				meter.rights.add(set);
				const object = element.object === undefined ? undefined : readObjectName(element.object);
				if (object) meter.pool = object.id;
				if (element.timeoutMs !== undefined) {
					timed?.set(meterAt(element), { givenMs: element.timeoutMs, leftMs: element.expirationMs ?? 0 });
				}
			});
		}
		return mirror;
	}

	async #elements(set: string, visit: (element: SetElement) => void): Promise<void> {
		await this.#connection.dump(dumpSetElements(TABLE, set), (message) => {
			for (const element of decodeSetElements(message).elements) visit(element);
		});
	}
}

function modeOf(pool: PoolMirror | undefined): 'bytes' | 'slow' | 'nothing' {
	if (pool?.grant || pool?.reserve) return 'bytes';
	return pool?.slow === undefined ? 'nothing' : 'slow';
}

function noteObject(mirror: Mirror, object: NfTablesObject | undefined): void {
	const name = object && readObjectName(object.name);
	if (!name) return;
	if (name.kind === 'grant' || name.kind === 'reserve') poolOf(mirror, name.id)[name.kind] = true;
	else if (object.kind === 'limit') poolOf(mirror, name.id).slow = object.rateBytesPerSecond;
}

function quotaReading<Part extends string>(part: Part, object: NfTablesObject | undefined) {
	if (object?.kind !== 'quota') return {};
	const { limitBytes, usedBytes, depleted } = object;
	return { [part]: { limitBytes, usedBytes, depleted } } as { [Key in Part]: QuotaReading };
}
