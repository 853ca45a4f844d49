/** Ranges of addresses, in CIDR form. */
export type AddressRanges = { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };

/** What the ruleset depends on. */
export type RulesetOptions = {
	/** Metered devices that exist now. nft turns `iif "name"` into a comparison of indexes, so they must. */
	readonly metered: readonly string[];
	/** All metered devices of the configuration, whether they exist or not. */
	readonly meteredNames: readonly string[];
	/** Devices between which and the metered ones nothing is charged, as far as they exist. */
	readonly free: readonly string[];
	readonly mask: number;
	readonly garden: AddressRanges;
	/** Of one station, both directions together; a minute of it may come at once. */
	readonly gardenBytesPerSecond: number;
	/** Where stations with a meter go for free, counted apart; absent: nowhere, and nothing is spent on looking. */
	readonly zeroRated?: AddressRanges;
	readonly portal: { readonly port: number; readonly name: string; readonly httpsPort?: number | undefined };
	/** Of a station without a right: bytes of DNS questions and answers together, over any minute. */
	readonly dnsBytesPerSecond: number;
	/** Of a station of a session: bytes of names for which nothing is charged, both ways together, over any minute. */
	readonly sessionDnsBytesPerSecond: number;
	/** Present: flows that begin outside reach the stations, which pay for them. */
	readonly inbound?: {
		/** To each address of a station, of flows that it has not answered yet. */
		readonly bytesPerSecond: number;
	};
	/** Present: new flows are handed to a queue that tells their class. */
	readonly tethered?: {
		readonly queue: number;
		/** Whether the kernel has `queue`; if not, whoever loads this adds a rule to `to_queue`. */
		readonly native: boolean;
		/** Of one station: more than these are not looked at. */
		readonly flowsPerSecond: number;
	};
	/** Present: the router's own advertisements are handed to a queue that completes them. */
	readonly announced?: {
		readonly queue: number;
		/** As above, with `to_announcement`. */
		readonly native: boolean;
	};
	/** Elements of each map: the number of stations that the table can hold. */
	readonly stationsMax: number;
	/** Names this life of the table. Kept by an existing table, whatever is rendered. */
	readonly epoch: string;
};
