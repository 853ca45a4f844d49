import { macAddressBytes } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import {
	deleteSetElements,
	flushSet,
	type NetlinkConnection,
	type NetlinkRequest,
	refusalOf,
	setElements,
	splitBatches,
} from '../netlink/index.ts';
import { PINNED_SETS, TABLE, TETHERING_SET } from './names.ts';

type PinnedClass = keyof typeof PINNED_SETS;

/**
 * Stations whose flows are of one class without a look: by the operator's word, or because they begin more flows than are
 * looked at and were judged before. The kernel obeys also when no agent runs.
 */
export class StationClasses {
	readonly #connection: NetlinkConnection;
	readonly #pins = new Map<MacAddress, PinnedClass>();
	readonly #tethering = new Set<MacAddress>();

	constructor(connection: NetlinkConnection) {
		this.#connection = connection;
	}

	/** What was pinned before; the kernel hears of it when the table is loaded. */
	expect(pins: ReadonlyMap<MacAddress, PinnedClass>): void {
		for (const [mac, as] of pins) this.#pins.set(mac, as);
	}

	/** After the table was loaded: what it holds is replaced by what is known here. @throws the `netlink_*` codes */
	async restore(): Promise<void> {
		const keys = (macs: Iterable<MacAddress>) => [...macs].map((mac) => ({ key: macAddressBytes(mac) }));
		const pinned = (as: PinnedClass) => keys([...this.#pins].filter(([, now]) => now === as).map(([mac]) => mac));
		await this.#send([
			...[...Object.values(PINNED_SETS), TETHERING_SET].map((set) => flushSet(TABLE, set)),
			...setElements(TABLE, PINNED_SETS.own, pinned('own')),
			...setElements(TABLE, PINNED_SETS.tethered, pinned('tethered')),
			...setElements(TABLE, TETHERING_SET, keys(this.#tethering)),
		]);
	}

	/** For flows that begin from now on; undefined: each is judged by itself. @throws the `netlink_*` codes */
	async pin(mac: MacAddress, as: PinnedClass | undefined): Promise<void> {
		const now = this.#pins.get(mac);
		if (now === as) return;
		if (as === undefined) this.#pins.delete(mac);
		else this.#pins.set(mac, as);
		await this.#move(mac, now && PINNED_SETS[now], as && PINNED_SETS[as]);
	}

	/** How a station was judged, for those of its flows that are too many to be looked at. @throws the `netlink_*` codes */
	async judge(mac: MacAddress, isTethering: boolean): Promise<void> {
		if (this.#tethering.has(mac) === isTethering) return;
		if (isTethering) this.#tethering.add(mac);
		else this.#tethering.delete(mac);
		await this.#move(mac, isTethering ? undefined : TETHERING_SET, isTethering ? TETHERING_SET : undefined);
	}

	async #move(mac: MacAddress, from: string | undefined, to: string | undefined): Promise<void> {
		const elements = [{ key: macAddressBytes(mac) }];
		try {
			await this.#send([
				...(from === undefined ? [] : deleteSetElements(TABLE, from, elements)),
				...(to === undefined ? [] : setElements(TABLE, to, elements, { existing: 'keep' })),
			]);
		} catch (error) {
			// Somebody has changed the sets: they become what is known here.
			if (refusalOf(error).length === 0) throw error;
			await this.restore();
		}
	}

	async #send(requests: readonly NetlinkRequest[]): Promise<void> {
		for (const batch of splitBatches(requests)) await this.#connection.batch(batch);
	}
}
