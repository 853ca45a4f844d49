import { readJson } from './bounded-json.ts';
import { type Checked, check, type Shape } from './shape.ts';

/** The JSON of a message, checked; its size, depth and number of values before anything is parsed. Never throws. */
export function decode<Value>(shape: Shape<Value>, payload: Uint8Array, bytesMax: number): Checked<Value> {
	const read = readJson(payload, { bytesMax });
	return read.ok ? check(shape, read.value) : { ok: false, faults: [{ path: '', problem: read.problem }] };
}
