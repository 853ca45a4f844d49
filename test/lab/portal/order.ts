/** What the load process in a station's namespace does; one JSON argument, one JSON line as answer. */
export type LoadOrder =
	/** Enters each code (after `ready` was answered on stdin) and times the first packet that comes through. */
	| { order: 'redeem'; host: string; port: number; echoHost: string; echoPort: number; codes: string[] }
	/** So many clients with the status page open, each with an address of its own. */
	| {
			order: 'visit';
			host: string;
			port: number;
			localAddresses: string[];
			seconds: number;
			intervalMs: number;
			phase: number;
	  }
	/** Connections that never finish a request. */
	| { order: 'loris'; host: string; port: number; localAddresses: string[]; perAddress: number }
	| { order: 'oversized'; host: string; port: number };

/** Milliseconds of each request. */
export type Samples = {
	timesMs: number[];
	failures: number;
	/** Of what is done beside it, for comparison. */
	floorsMs?: number[];
};
export type VisitReport = { paced: Samples; burst: Samples };
export type LorisReport = { opened: number; cut: number; longestMs: number };
export type OversizedReport = { name: string; status: number; expected: number }[];

export type Times = { count: number; failures: number; medianMs: number; p99Ms: number; longestMs: number };

export function timesOf(samples: readonly Samples[]): Times {
	const sorted = samples.flatMap(({ timesMs }) => timesMs).toSorted((left, right) => left - right);
	const at = (part: number) => {
		const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
		return Math.round(value * 10) / 10;
	};
	const failures = samples.reduce((sum, one) => sum + one.failures, 0);
	return { count: sorted.length, failures, medianMs: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}
