import { type Checked, check, type Shape } from './shape.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a message, checked; its size before anything is parsed. Never throws. */
export function decode<Value>(shape: Shape<Value>, payload: Uint8Array, bytesMax: number): Checked<Value> {
	if (payload.length > bytesMax) return wrong(`${payload.length} bytes are more than ${bytesMax}`);
	let value: unknown;
	try {
		value = JSON.parse(utf8.decode(payload));
	} catch {
		// Whatever the parser says quotes the sender's bytes.
		return wrong('it is not JSON in UTF-8');
	}
	return check(shape, value);
}

function wrong(problem: string): { ok: false; faults: { path: string; problem: string }[] } {
	return { ok: false, faults: [{ path: '', problem }] };
}
