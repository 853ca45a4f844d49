/** What the long form tells the thread of one target. */
export type FuzzOrder = {
	readonly name: string;
	readonly cases: number;
	readonly seed: number;
	readonly shared: SharedArrayBuffer;
};
/** What it says at its end. Memory is what is left behind the collector, at a tenth of the cases and at their end. */
export type FuzzResult = {
	readonly cases: number;
	readonly seconds: number;
	readonly failure?: { readonly error: string; readonly smallest: Uint8Array };
	readonly slowestMs: number;
	readonly slowest?: Uint8Array;
	readonly growthBytes: number;
};
/** Before the input in the shared memory: the case's number, and the input's length. */
export const SHARED_HEAD_BYTES = 8;
