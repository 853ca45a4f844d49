import type { AccountId, MacAddress, UsageUnit } from '../core/units.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Moment } from '../ledger/moment.ts';
import type { PoolRefusal } from '../meter/pool-refusal.ts';
import type { StationRow } from '../status/protocol.ts';

/** What the kernel has counted since the last entry of the books. `isFree`: nothing will be charged for it. */
export type Unbooked = { readonly unit: UsageUnit; readonly amount: number; readonly isFree: boolean };

/** What the pages about an account are made of. */
export type PageParts = {
	readonly ledger: Ledger;
	readonly row: (mac: MacAddress) => StationRow;
	/** The same without `remaining`, for which the books would be read. */
	readonly station: (mac: MacAddress) => StationRow;
	/** The stations that are attached to an account. */
	readonly stationsOf: (account: AccountId) => readonly MacAddress[];
	/** What the kernel has counted of a station in its present session, its zero-rated part included. */
	readonly counted: (mac: MacAddress) => { readonly session: string; readonly bytes: number } | undefined;
	readonly unbooked: (account: AccountId) => Unbooked | undefined;
	/** Why its stations get nothing, though it has credit. */
	readonly refusal: (account: AccountId) => PoolRefusal | undefined;
	readonly moment: () => Moment;
	/** A plan's title for people, by its name. */
	readonly planTitle: (name: string) => string;
};

/** The name of a device, for people: as its owner calls it, as it calls itself, or its address. */
export function nameOf(
	{ ledger, station }: Pick<PageParts, 'ledger' | 'station'>,
	mac: MacAddress,
): string | undefined {
	return ledger.deviceName(mac) ?? station(mac).name;
}
