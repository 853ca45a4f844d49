/** What a tunnel is to do: the argument of `client.js tunnel`. */
export type TunnelRequest = {
	/** Of the resolver. */
	server: string;
	seconds: number;
	/** Tells this tunnel from others at the far end. */
	tag: string;
	transport: 'udp' | 'tcp';
	/** It uses them in turn, one for each question; none: what the system takes. */
	sources: readonly string[];
};

/** What a station asks: the argument of `client.js look-up`. */
export type LookUpRequest = {
	server: string;
	names: readonly string[];
	types: readonly ('A' | 'AAAA')[];
	/** Between two names; 0: all at once, as a telephone does when it joins. */
	gapMs: number;
	/** How often a question is sent, a second apart, before it is given up. */
	tries: number;
};

export type LookUpAnswer = {
	/** Questions for which an address came. */
	answered: number;
	/** Until the last of these. */
	ms: number;
};
