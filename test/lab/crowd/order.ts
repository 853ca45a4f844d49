/** What somebody in a crowd does; one JSON argument of `attacker.js`. It prints a line when all of it is under way, and ends with the lab. */
export type CrowdOrder =
	/** Wrong codes, six from each of made-up stations, one station after the other: a new hardware address and a new IP address each time. */
	| { readonly crowd: 'codes'; readonly page: '/redeem' | '/join'; readonly stations: number }
	/** Requests that are never finished, from so many addresses of one station. */
	| { readonly crowd: 'half-open'; readonly addresses: readonly string[]; readonly each: number }
	/** Requests that are never finished (or streams that nobody reads), from made-up stations. */
	| {
			readonly crowd: 'held';
			readonly path: string;
			readonly stations: number;
			readonly each: number;
			readonly isWhole: boolean;
	  }
	/** Frames of made-up hardware addresses, so many in a second. */
	| {
			readonly crowd: 'frames';
			readonly what: 'neighbours' | 'claims' | 'names';
			readonly perSecond: number;
			readonly stations: number;
	  };

/** What a newcomer does; one JSON argument of `newcomer.js`. */
export type NewcomerOrder = {
	/** Where the code is entered, and how often it is tried at most. */
	readonly page: '/redeem' | '/join';
	readonly code: string;
	readonly pages: number;
	readonly tries: number;
};

export type NewcomerReport = {
	/** First pages that did not come whole. */
	readonly pagesFailed: number;
	/** The longest of the others. */
	readonly pageMs: number;
	/** Times that a good code was refused. */
	readonly refused: number;
	readonly isIn: boolean;
	readonly inMs: number;
};
