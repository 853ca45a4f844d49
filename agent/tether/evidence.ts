/** One kind of sign that somebody else's system is behind a station. */
export type EvidenceKind =
	| 'one_hop'
	| 'some_hops'
	| 'start_mixed'
	| 'start_wrong'
	| 'layout_other'
	| 'layout_reduced'
	| 'layout_alternates'
	| 'scale_other'
	| 'dhcp_other'
	| 'name_other';

export type EvidenceRule = {
	/** Points for the station once it has been seen `enough` times. The station tethers from {@link STATION_ENTERS}. */
	readonly station: number;
	/** How often it must have been seen (lately) for all of its points. Once is an accident. */
	readonly enough: number;
	/** Points for the flow that shows it. A flow is tethered from {@link FLOW_ENTERS}. */
	readonly flow: number;
	/** For people. */
	readonly text: string;
};

/** A station is taken to tether from here … */
export const STATION_ENTERS = 100;
/** … until its score has fallen below this: hysteresis, so that a customer's bill does not flicker. */
export const STATION_LEAVES = 50;
/** A flow from here is tethered. */
export const FLOW_ENTERS = 60;
/** What a station that tethers adds to each of its flows that shows some sign: doubt about it is smaller then. */
export const STANDING_POINTS = 30;
/** How long until a sign counts half. A visit to a café is longer, the pause between two uses of a hotspot is shorter. */
export const HALF_LIFE_MS = 600_000;

/** All weights, each with its reason. Changed only together with the scenario `tether-detect`, which measures them. */
export const EVIDENCE_RULES: Readonly<Record<EvidenceKind, EvidenceRule>> = {
	// No system begins with 63, 127 or 254. Twice is enough; the flow itself was forwarded, whatever the station is.
	one_hop: { station: 110, enough: 2, flow: 60, text: 'packets have come over one more hop' },
	// A hop or two more are plausible (a travel router behind a phone), but programs set odd values too: needs company.
	some_hops: { station: 60, enough: 3, flow: 40, text: 'packets have come over several hops' },
	// One system has one start value; 64 and 128 are two systems, unless a program sets its own.
	start_mixed: { station: 50, enough: 3, flow: 40, text: 'packets begin with different hop limits' },
	// Windows with 64: somebody rewrites hop limits to hide hops. Some people set it by hand on their only computer.
	start_wrong: {
		station: 40,
		enough: 2,
		flow: 15,
		text: 'the hop limit is not that of the system that opens the connection',
	},
	// Options in another order are another TCP stack. Alone it may be a program with a stack of its own (a scanner).
	layout_other: { station: 60, enough: 3, flow: 40, text: 'connections are opened by another system' },
	// The same with fewer options: systems leave some out for peers that did not answer. So it counts for less.
	layout_reduced: { station: 35, enough: 3, flow: 35, text: 'connections are opened with fewer options' },
	// To and fro: two stacks at the same time, so neither a restart into another system nor an address that has a new owner.
	layout_alternates: { station: 45, enough: 3, flow: 0, text: 'both systems open connections in turn' },
	// Same order, other window scale: two machines of one family, or a program that sets its buffers.
	scale_other: { station: 35, enough: 4, flow: 35, text: 'connections are opened with another window scale' },
	// DHCP is spoken by the station itself, never by what is behind it; it can be forged, but to the forger's harm only.
	dhcp_other: {
		station: 60,
		enough: 2,
		flow: 15,
		text: 'connections are not those of the system that asked for the address',
	},
	// Systems ask for their own check on every network. A program may ask for another's; it does not do so again and again.
	name_other: { station: 70, enough: 2, flow: 40, text: "another system's connectivity check was looked up" },
};

/** How often a kind was seen, faded; and what was seen last. */
export type Evidence = {
	readonly kind: EvidenceKind;
	/** Counts a sighting of {@link HALF_LIFE_MS} ago half. As it was at `lastMs`. */
	readonly faded: number;
	readonly seen: number;
	readonly lastMs: number;
	readonly detail: string;
};
