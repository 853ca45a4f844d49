import { isIPv4 } from 'node:net';
import type { Log } from '../core/log.ts';
import type { MacAddress } from '../core/units.ts';
import { type NetlinkConnection, quotaObject } from '../netlink/index.ts';
import type { Lease } from '../session/leases.ts';
import { AddressBindings, isLinkLocal, type Sender } from './address-bindings.ts';
import { AddressDecisions, type AddressDecisionsOptions } from './address-decisions.ts';
import type { Refusal } from './address-refusal.ts';
import { LeaseGuard } from './lease-guard.ts';
import { movedStations } from './lease-moves.ts';
import { TABLE, UNDECIDED_ALARM } from './names.ts';

/** As the ruleset declares it: the first packet runs over it, and an update lets the next one do so again (nft_quota_obj_update). */
const ALARM = { limitBytes: 1, over: true, existing: 'update' } as const;

export type SendersParts = {
	/** One after the other with all other changes of the table. */
	readonly serially: <Value>(work: () => Promise<Value>) => Promise<Value>;
	readonly cutFlows: (stations: readonly MacAddress[]) => Promise<void>;
	readonly hasSession: (mac: MacAddress) => boolean;
	/** Absent: nobody can ask neighbours, and what another station has had stays that station's. */
	readonly neighbours?: Pick<AddressDecisionsOptions, 'probe' | 'bootMs' | 'after'> | undefined;
	readonly log: Log;
};

type Gone = Pick<Sender, 'mac' | 'address'> & { readonly hasLeft: boolean };

/** Whose a packet is: the agent's side of what the kernel decides with the first packet of a flow. */
export class Senders {
	readonly bindings: AddressBindings;
	readonly leases: LeaseGuard;
	readonly decisions: AddressDecisions | undefined;
	/** Has the leases of this moment told to {@link leased}: the file is followed, which takes a while. */
	refreshLeases: () => Promise<void> = async () => undefined;
	readonly #parts: SendersParts;
	/** As the DHCP server has them. */
	#leases: readonly Lease[] = [];

	constructor(connection: NetlinkConnection, parts: SendersParts) {
		this.#parts = parts;
		this.bindings = new AddressBindings(connection);
		this.leases = new LeaseGuard(connection, this.bindings);
		const { neighbours, log, cutFlows, hasSession, serially } = parts;
		this.decisions =
			neighbours &&
			new AddressDecisions({
				...neighbours,
				bindings: this.bindings,
				leases: this.leases,
				hasSession,
				serially,
				log,
				rearm: () => connection.batch([quotaObject(TABLE, UNDECIDED_ALARM, ALARM)]),
				onLost: (station) => cutFlows([station]),
				giveUp: (address, hasLeft) => this.#giveUp(address, hasLeft),
				refreshLeases: () => this.refreshLeases(),
			});
	}

	/**
	 * Takes the leases of the DHCP server, all of them: from now on nobody else begins a flow from a leased address, and the flows of
	 * whoever had one are cut. A session does not go with a lease by itself, for anybody can ask for one in somebody's name: where neighbours can be
	 * asked, its device is asked first.
	 *
	 * @param gone a station that has left this address of its session, or all that it had
	 * @throws the `netlink_*` codes
	 */
	async leased(leases: readonly Lease[], gone?: Gone): Promise<void> {
		const { serially, cutFlows, hasSession, log } = this.#parts;
		const moved = movedStations(this.#leases, leases);
		this.#leases = leases;
		await serially(async () => {
			const counting = this.leases.keep(leases, hasSession);
			const mayBeThere = (mac: MacAddress) => this.decisions !== undefined && hasSession(mac);
			const left = moved.filter((mac) => !mayBeThere(mac) && !counting.keepers.has(mac));
			await this.bindings.release(left);
			if (gone) await this.#unbind(gone);
			const evicted = await this.leases.leased(counting.leases);
			for (const mac of gone ? [...left, gone.mac] : left) await this.#bindLease(mac);
			for (const mac of moved) if (counting.keepers.has(mac)) this.decisions?.judge.settle(mac);
			await this.decisions?.reconsider(this.leases.fresh);
			// Whoever has an address from now on must not go on in flows of the one before.
			await cutFlows([...evicted, ...left, ...(gone ? [gone.mac] : [])]);
			if (evicted.length > 0) log.info({ evicted }, 'an address went to the station that leases it');
			for (const { mac, address } of counting.contested) {
				log.warn({ station: mac, address }, 'an address was leased to another station before its lease ended');
				this.decisions?.judge.defend({ mac, address });
			}
		});
	}

	/** The former holder of a leased address has it no more. */
	async #giveUp(address: string, hasLeft: boolean): Promise<void> {
		const mac = this.leases.formerHolder(address);
		if (mac === undefined) return;
		this.leases.giveUp(address);
		await this.leased(this.#leases, { mac, address, hasLeft });
	}

	/** With its last address a session also leaves the device that it was at. */
	async #unbind({ mac, address, hasLeft }: Gone): Promise<void> {
		await this.bindings.unbind(mac, address);
		if (hasLeft || (await this.bindings.of(mac)).length === 0) await this.bindings.release([mac]);
	}

	/** At once: a session without any address would take the first one that comes with its hardware address. */
	async #bindLease(mac: MacAddress): Promise<void> {
		if (!this.#parts.hasSession(mac)) return;
		const bound = await this.bindings.of(mac);
		// By another one, it has shown that it is not where its lease says.
		if (bound.some((address) => isIPv4(address))) return;
		await this.bindings.bind([{ mac, addresses: this.leases.heldBy(mac) }]);
	}

	/** Whether this address, by this device, belongs to the session of the station. @throws the `netlink_*` codes */
	async owns(sender: Sender): Promise<boolean> {
		return this.leases.allows(sender) && (await this.bindings.owns(sender));
	}

	/**
	 * Decides whether the address of a station with a session belongs to that, and binds it then.
	 *
	 * @returns why not; undefined: it does
	 * @throws the `netlink_*` codes
	 */
	async decide(sender: Sender): Promise<Refusal | undefined> {
		if (this.decisions !== undefined) return await this.decisions.decide(sender);
		return (await this.owns(sender)) ? undefined : 'unproven';
	}

	/** Why {@link take} would not bind this address; undefined: it would. @throws the `netlink_*` codes */
	async obstacle(sender: Sender): Promise<Refusal | undefined> {
		// He may come by a lease that was not read yet.
		await this.refreshLeases();
		if (this.decisions !== undefined) return await this.decisions.judge.obstacle(sender);
		return this.leases.allows(sender) || this.leases.isOf(sender) ? undefined : 'leased';
	}

	/** Of the addresses that were heard of a hardware address those that can be its own, the leased one last: that goes before others. */
	likely(mac: MacAddress, addresses: readonly string[]): string[] {
		const own = addresses.filter((address) => this.leases.allows({ mac, address }));
		const rank = (address: string) => (this.leases.holds({ mac, address }) ? 1 : 0);
		return own.toSorted((one, other) => rank(one) - rank(other));
	}

	/**
	 * A session begins or ends at these stations: nothing is theirs yet, or any more.
	 *
	 * @param isRestored the sessions are those of before, in a table that is new: of several leases the one of before still counts
	 * @throws the `netlink_*` codes
	 */
	async release(stations: readonly MacAddress[], { isRestored = false } = {}): Promise<void> {
		await this.bindings.release(stations);
		await this.decisions?.reconsider(new Set(stations));
		if (isRestored) this.leases.restored(stations);
		else await this.leases.release(stations);
	}

	/**
	 * Its owner has proved that the session is his, and comes by this address.
	 *
	 * @returns whether the address is the session's from now on; a link-local one is never bound, and keeps nobody out
	 * @throws the `netlink_*` codes
	 */
	async take(sender: Sender): Promise<boolean> {
		if (isLinkLocal(sender.address)) return true;
		// Else the lease of his that was read before would count, as soon as this one is read.
		await this.refreshLeases();
		await this.leases.prefer(sender);
		if (!this.leases.allows(sender)) return false;
		if (this.decisions !== undefined && !(await this.decisions.judge.free(sender))) return false;
		await this.bindings.take(sender);
		const isBound = await this.bindings.owns(sender);
		if (isBound) await this.decisions?.proven(sender);
		return isBound;
	}
}
