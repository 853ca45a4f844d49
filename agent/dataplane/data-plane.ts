import { randomUUID } from 'node:crypto';
import { OctroiError } from '../core/octroi-error.ts';
import type { GateEvents, GateState } from '../meter/gate.ts';
import {
	decodeLinkEvent,
	decodeNfTablesEvent,
	decodeTable,
	type Flowtable,
	getTable,
	type Link,
	NETLINK_NETFILTER,
	NETLINK_ROUTE,
	NetlinkConnection,
	NetlinkEvents,
	NFNLGRP_NFTABLES,
	type NfTablesTable,
	RTNLGRP_LINK,
	refusalOf,
} from '../netlink/index.ts';
import type { DataPlaneOptions } from './data-plane-options.ts';
import { notifyDepletion } from './depletion.ts';
import { presence, readDevices } from './devices.ts';
import { offloadError, offloadingFlowtables } from './flow-offload.ts';
import { KernelGate } from './kernel-gate.ts';
import { markField } from './mark.ts';
import { TABLE } from './names.ts';
import { neighbourProbe } from './neighbour-probe.ts';
import { runNft } from './nft.ts';
import { type QueueCounts, QueueSums } from './queue-counts.ts';
import type { QueueMode } from './queue-mode.ts';
import { QueueRules, type QueueUse } from './queue-rules.ts';
import { epochOf, renderRuleset } from './ruleset.ts';
import { StationClasses } from './station-classes.ts';

/** More than the largest venue has; each map reserves a hash of this size (0.5 MiB in all). */
const STATIONS_MAX = 8192;
/** After a load that failed; short, because without rules nothing is metered. */
const RETRY_PAUSE_MS = 500;

/** Our table in the kernel: loads it, keeps it, tells what happens in it. */
export class DataPlane {
	readonly #options: DataPlaneOptions;
	readonly #netfilter = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	readonly #route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	readonly #tableEvents = new NetlinkEvents({ protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTABLES] });
	readonly #linkEvents = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_LINK] });
	readonly gate: KernelGate;
	/** Stations whose flows are of one class without a look. */
	readonly classes: StationClasses;
	readonly #queued = new QueueSums();
	readonly #queues: QueueRules;
	#devices: ReadonlyMap<string, Link> = new Map();
	/** What the rules in the kernel were rendered for. */
	#presence = '';
	#epoch = '';
	/** Tells our table's life from those before and after it; undefined while it has to be loaded. */
	#tableHandle: number | undefined;
	#offloading = '';
	#lastWork: Promise<unknown> = Promise.resolve();
	#lookQueued = false;
	#cancelRetry = () => {};
	#stopped = false;

	constructor(options: DataPlaneOptions) {
		this.#options = options;
		const field = markField(options.mask);
		this.gate = new KernelGate({
			connection: this.#netfilter,
			field,
			zeroRated: options.zeroRated !== undefined,
			tethered: options.tethered !== undefined,
			inbound: options.inbound !== undefined,
			onQueueCounters: (counter, packets) => this.#queued.note(counter, packets),
			neighbours: { ...options.clock, probe: neighbourProbe({ ...options.clock, route: this.#route }) },
			...(options.addressesOf ? { addressesOf: options.addressesOf } : {}),
			...(options.shaping ? { shaping: options.shaping } : {}),
			log: options.log,
		});
		this.classes = new StationClasses(this.#netfilter);
		this.#queues = new QueueRules({ ...options, netfilter: this.#netfilter });
	}

	/** Of new flows, since the start, as of the last sample. */
	get queued(): QueueCounts {
		return this.#queued.sums;
	}

	/** By which means packets are handed over; `none` before the start, and if nobody wants them. */
	queueMode(use: QueueUse): QueueMode {
		return this.#queues.mode(use);
	}

	/**
	 * Loads the rules, into the running table if there is one: its maps, quotas and counters stay, so nothing is lost.
	 *
	 * @returns what the table held
	 * @throws OctroiError `flow_offload_active`, `ruleset_refused`, `feature_missing`, `permission_denied`, `netlink_*`
	 */
	async start(events: GateEvents): Promise<GateState> {
		this.#netfilter.start();
		this.#route.start();
		// Before anything is heard: what others change while we load is looked at afterwards.
		return this.#serially(async () => {
			await this.#askPermission();
			await this.#queues.ask();
			this.#listen(events);
			this.#devices = await readDevices(this.#route);
			const found = await this.#offloadingNow();
			if (found.length > 0) throw offloadError(found);
			const table = await this.#table();
			const epoch = epochOf(table?.comment, this.#options.mask);
			return this.#load({ epoch: epoch ?? this.#newEpoch(), fresh: epoch === undefined });
		});
	}

	/** Lets go; the table stays and enforces. May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#cancelRetry();
		this.#linkEvents.stop();
		this.#tableEvents.stop();
		this.#route.stop();
		this.#netfilter.stop();
	}

	/** The kernel answers no question about tables without it; told in plain words, once, rather than by what fails first. */
	async #askPermission(): Promise<void> {
		try {
			await this.#table();
		} catch (cause) {
			if (refusalOf(cause)[0]?.errno !== 'EPERM') throw cause;
			const { message, fix = '' } = cause as OctroiError;
			throw new OctroiError('permission_denied', message, { fix, cause });
		}
	}

	#listen(events: GateEvents): void {
		const wake = () => this.gate.senders.decisions?.wake();
		this.#tableEvents.start(
			(message) => {
				const event = decodeNfTablesEvent(message);
				if (event?.event === 'object-new') notifyDepletion(event.object, { ...events, undecided: wake });
				else if (event?.event === 'table-deleted' && event.table.table === TABLE) this.#look(events);
				else if (event?.event === 'flowtable-new' || event?.event === 'flowtable-deleted') this.#look(events);
				else if (event?.event === 'rules-changed' && event.tableName !== TABLE) this.#options.onForeignRules?.();
			},
			() => {
				this.#options.log.warn({}, 'events of the kernel were lost; reading everything anew');
				events.resynchronise();
				wake();
				this.#look(events);
			},
		);
		this.#linkEvents.start(
			(message) => decodeLinkEvent(message) && this.#look(events),
			() => this.#look(events),
		);
	}

	/** Looks at the table and the devices once more. A storm of events costs one look: at most one waits for its turn. */
	#look(events: GateEvents): void {
		if (this.#lookQueued) return;
		this.#lookQueued = true;
		this.#cancelRetry();
		this.#serially(async () => {
			this.#lookQueued = false;
			if (!this.#stopped) await this.#bringUpToDate(events);
		}).catch((error) => {
			if (this.#stopped) return;
			// Without our rules everything would be forwarded, uncounted: go on until they are there.
			this.#options.log.error({ error }, 'could not bring the table up to date; trying again');
			const timer = setTimeout(() => this.#look(events), RETRY_PAUSE_MS).unref();
			this.#cancelRetry = () => clearTimeout(timer);
		});
	}

	async #bringUpToDate(events: GateEvents): Promise<void> {
		const table = await this.#table();
		this.#devices = await readDevices(this.#route);
		const now = this.#presenceNow();
		if (table === undefined || table.handle !== this.#tableHandle) {
			this.#options.log.warn({}, 'the table was removed; loading it anew');
			events.tableReplaced(await this.#load({ epoch: this.#newEpoch(), fresh: true }));
		} else if (now !== this.#presence) {
			this.#options.log.warn({ before: this.#presence, now }, 'metered devices changed; renewing the rules');
			await this.#renew();
		}
		await this.#tellOffload();
	}

	/** Loads the table and reads what it holds; no change of the gate falls in between. @param fresh whatever is there goes */
	async #load({ epoch, fresh }: { epoch: string; fresh: boolean }): Promise<GateState> {
		this.#tableHandle = undefined;
		const state = await this.gate.load(epoch, async () => {
			// In one transaction with what comes: there is no moment without rules.
			const removal = fresh ? `add table inet ${TABLE}\ndelete table inet ${TABLE}\n` : '';
			await this.#apply(epoch, removal);
		});
		await this.classes.restore();
		if (this.#options.tethered) await this.#queued.restart(() => this.gate.sample(() => undefined));
		this.#tableHandle = (await this.#table())?.handle;
		this.#epoch = epoch;
		const absent = this.#options.metered.filter((name) => !this.#devices.has(name));
		if (absent.length > 0) this.#options.log.warn({ absent }, 'metered device does not exist yet; waiting for it');
		return state;
	}

	/** New rules for other devices; all else of the table stays. */
	async #renew(): Promise<void> {
		await this.#apply(this.#epoch, '');
		// If it was removed just before, we have made another one: one that must not pass for the old.
		const handle = (await this.#table())?.handle;
		if (handle !== this.#tableHandle) throw new OctroiError('ruleset_refused', 'the table was removed meanwhile');
	}

	async #apply(epoch: string, removal: string): Promise<void> {
		const { metered, free, zeroRated, inbound, ...rest } = this.#options;
		const { mask, garden, gardenBytesPerSecond, portal, dnsBytesPerSecond, sessionDnsBytesPerSecond } = rest;
		const presence = this.#presenceNow();
		const exists = (name: string) => this.#devices.has(name);
		const rules = renderRuleset({
			metered: metered.filter(exists),
			meteredNames: metered,
			free: free.filter(exists),
			mask,
			garden,
			gardenBytesPerSecond,
			portal,
			dnsBytesPerSecond,
			sessionDnsBytesPerSecond,
			...(zeroRated ? { zeroRated } : {}),
			...(inbound ? { inbound } : {}),
			...this.#queues.rendered(),
			stationsMax: STATIONS_MAX,
			epoch,
		});
		await runNft(removal + rules);
		this.#presence = presence;
		await this.#queues.complete();
	}

	#presenceNow(): string {
		return presence([...this.#options.metered, ...this.#options.free], this.#devices);
	}

	async #table(): Promise<NfTablesTable | undefined> {
		try {
			const [message] = await this.#netfilter.get(getTable(TABLE));
			return message && decodeTable(message);
		} catch (error) {
			if (refusalOf(error)[0]?.errno === 'ENOENT') return undefined;
			throw error;
		}
	}

	#offloadingNow(): Promise<Flowtable[]> {
		return offloadingFlowtables(this.#netfilter, { free: this.#options.free, devices: this.#devices });
	}

	/** A flowtable, or a port that joins a metered bridge, may have come; each state is told once. */
	async #tellOffload(): Promise<void> {
		const found = await this.#offloadingNow();
		const now = found.map(({ table, name, devices }) => `${table}/${name}: ${devices}`).join('; ');
		if (now !== this.#offloading) this.#options.onOffload(found.length > 0 ? offloadError(found) : undefined);
		this.#offloading = now;
	}

	/** One after the other: two loads at once would not know which devices the rules stand for. */
	#serially<Value>(work: () => Promise<Value>): Promise<Value> {
		const done = this.#lastWork.then(work);
		this.#lastWork = done.catch(() => undefined);
		return done;
	}

	readonly #newEpoch = () => (this.#options.newEpoch ?? randomUUID)();
}
