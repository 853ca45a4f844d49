/** The platform's clock. The only implementation that reads the machine is {@link systemClock}. */
export type Clock = {
	/** The wall clock: a data centre's, kept by NTP. */
	wallMs(): number;
	/** Calls once after the delay; the answer cancels it. */
	after(delayMs: number, call: () => void): () => void;
};

/** The machine's wall clock and Node's timers. */
export function systemClock(): Clock {
	return {
		wallMs: () => Date.now(),
		after(delayMs, call) {
			const timer = setTimeout(call, Math.max(0, delayMs));
			return () => clearTimeout(timer);
		},
	};
}
