import { randomUUID } from 'node:crypto';
import type { Log } from '../core/log.ts';
import type { OctroiError } from '../core/octroi-error.ts';
import type { GateEvents, GateState } from '../meter/gate.ts';
import {
	decodeLinkEvent,
	decodeNfTablesEvent,
	decodeTable,
	getTable,
	type Link,
	NETLINK_NETFILTER,
	NETLINK_ROUTE,
	NetlinkConnection,
	NetlinkEvents,
	NFNLGRP_NFTABLES,
	type NfTablesObject,
	type NfTablesTable,
	RTNLGRP_LINK,
	refusalOf,
} from '../netlink/index.ts';
import { presence, readDevices } from './devices.ts';
import { covers, offloadError, offloadingFlowtables } from './flow-offload.ts';
import { KernelGate } from './kernel-gate.ts';
import { markField } from './mark.ts';
import { readObjectName, TABLE } from './names.ts';
import { runNft } from './nft.ts';
import { epochOf, renderRuleset } from './ruleset.ts';

/** More than the largest venue has; each map reserves a hash of this size (0.5 MiB in all). */
const STATIONS_MAX = 8192;

export type DataPlaneOptions = {
	readonly metered: readonly string[];
	readonly free: readonly string[];
	readonly mask: number;
	readonly garden: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
	readonly log: Log;
	/** Names a new life of the table. */
	readonly newEpoch?: () => string;
	/** A flowtable appeared over a metered device while we run. */
	readonly onOffload: (error: OctroiError) => void;
};

/** Our table in the kernel: loads it, keeps it, tells what happens in it. */
export class DataPlane {
	readonly #options: DataPlaneOptions;
	readonly #netfilter = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	readonly #route = new NetlinkConnection({ protocol: NETLINK_ROUTE });
	readonly #tableEvents = new NetlinkEvents({ protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTABLES] });
	readonly #linkEvents = new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [RTNLGRP_LINK] });
	readonly gate: KernelGate;
	#devices: ReadonlyMap<string, Link> = new Map();
	#presence = '';
	#tableHandle = 0;
	#loading: Promise<void> = Promise.resolve();
	#stopped = false;

	constructor(options: DataPlaneOptions) {
		this.#options = options;
		const field = markField(options.mask);
		this.gate = new KernelGate({ connection: this.#netfilter, field, log: options.log });
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
		this.#tableEvents.start(
			(message) => this.#onTableEvent(decodeNfTablesEvent(message), events),
			() => this.#onLost(events),
		);
		this.#linkEvents.start(
			(message) => decodeLinkEvent(message) && this.#onLinkChange(),
			() => this.#onLinkChange(),
		);
		await this.#refuseOffload();
		const table = await this.#table();
		const epoch = epochOf(table?.comment) ?? this.#newEpoch();
		if (table && epochOf(table.comment) === undefined) await runNft(`delete table inet ${TABLE}\n`);
		await this.#load(epoch);
		return this.gate.load(epoch);
	}

	/** Lets go; the table stays and enforces. May be called twice. */
	stop(): void {
		this.#stopped = true;
		this.#linkEvents.stop();
		this.#tableEvents.stop();
		this.#route.stop();
		this.#netfilter.stop();
	}

	async #load(epoch: string): Promise<void> {
		const { metered, free, mask, garden } = this.#options;
		this.#devices = await readDevices(this.#route);
		this.#presence = presence([...metered, ...free], this.#devices);
		const exists = (name: string) => this.#devices.has(name);
		await runNft(
			renderRuleset({
				metered: metered.filter(exists),
				meteredNames: metered,
				free: free.filter(exists),
				mask,
				garden,
				stationsMax: STATIONS_MAX,
				epoch,
			}),
		);
		this.#tableHandle = (await this.#table())?.handle ?? 0;
		const absent = metered.filter((name) => !exists(name));
		if (absent.length > 0) this.#options.log.warn({ absent }, 'metered device does not exist yet; waiting for it');
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

	async #refuseOffload(): Promise<void> {
		this.#devices = await readDevices(this.#route);
		const { metered } = this.#options;
		const found = await offloadingFlowtables(this.#netfilter, { metered, devices: this.#devices });
		if (found.length > 0) throw offloadError(found);
	}

	#onTableEvent(event: ReturnType<typeof decodeNfTablesEvent>, events: GateEvents): void {
		if (event?.event === 'object-new') notifyDepletion(event.object, events);
		else if (event?.event === 'table-deleted' && event.table.table === TABLE) this.#onTableDeleted(event.table, events);
		else if (event?.event === 'flowtable-new') {
			const { metered } = this.#options;
			if (covers(event.flowtable, { metered, devices: this.#devices })) {
				this.#options.onOffload(offloadError([event.flowtable]));
			}
		}
	}

	#onTableDeleted({ handle }: NfTablesTable, events: GateEvents): void {
		// The handle tells our table's life from those before it, whose end we may hear of late.
		if (handle !== 0 && this.#tableHandle !== 0 && handle !== this.#tableHandle) return;
		this.#enqueue('the table was removed; loading it anew', async () => {
			if ((await this.#table())?.handle === this.#tableHandle) return;
			const epoch = this.#newEpoch();
			await this.#load(epoch);
			events.tableReplaced(await this.gate.load(epoch));
		});
	}

	#onLost(events: GateEvents): void {
		this.#enqueue('events of the kernel were lost; reading everything anew', async () => {
			const table = await this.#table();
			if (table?.handle !== this.#tableHandle) this.#onTableDeleted({ handle: 0 } as NfTablesTable, events);
			else events.resynchronise();
			const { metered } = this.#options;
			const found = await offloadingFlowtables(this.#netfilter, { metered, devices: this.#devices });
			if (found.length > 0) this.#options.onOffload(offloadError(found));
		});
	}

	/** The kernel tells of every change of every interface; only one that comes or goes concerns the rules. */
	#onLinkChange(): void {
		this.#enqueue('', async () => {
			const devices = await readDevices(this.#route);
			const now = presence([...this.#options.metered, ...this.#options.free], devices);
			if (now === this.#presence) return;
			this.#options.log.warn({ before: this.#presence, now }, 'metered devices changed; renewing the rules');
			const epoch = epochOf((await this.#table())?.comment);
			// Without a table, its own event is on the way.
			if (epoch !== undefined) await this.#load(epoch);
		});
	}

	/** One after the other: two loads at once would not know which devices the rules stand for. */
	#enqueue(message: string, work: () => Promise<void>): void {
		this.#loading = this.#loading.then(async () => {
			if (this.#stopped) return;
			if (message) this.#options.log.warn({}, message);
			try {
				await work();
			} catch (error) {
				if (!this.#stopped) this.#options.log.error({ error }, 'could not bring the table up to date');
			}
		});
	}

	#newEpoch(): string {
		return (this.#options.newEpoch ?? randomUUID)();
	}
}

function notifyDepletion(object: NfTablesObject, events: GateEvents): void {
	if (object.kind !== 'quota' || object.table !== TABLE || !object.depleted) return;
	const name = readObjectName(object.name);
	if (name?.kind === 'grant') events.lowWater(name.id);
	else if (name?.kind === 'reserve') events.depleted(name.id);
}
