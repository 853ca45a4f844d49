/** A prime, so that no lost, doubled or swapped run of packets can look right by chance. */
const PERIOD_BYTES = 65_521;
/** One write; two periods stand in memory so that a chunk at any offset is one slice. */
export const CHUNK_BYTES = 32_768;

const pattern = makePattern();

/** The payload from `offset`, `length` ≤ {@link PERIOD_BYTES} bytes, without a copy. */
export function payload(offset: number, length: number): Buffer {
	const start = offset % PERIOD_BYTES;
	return pattern.subarray(start, start + length);
}

/** Is `received` what stands at `offset` of the endless payload? */
export function isPayload(received: Buffer, offset: number): boolean {
	for (let done = 0; done < received.length; done += CHUNK_BYTES) {
		const part = received.subarray(done, done + CHUNK_BYTES);
		if (!part.equals(payload(offset + done, part.length))) return false;
	}
	return true;
}

function makePattern(): Buffer {
	const bytes = Buffer.alloc(2 * PERIOD_BYTES);
	let state = 1;
	for (let index = 0; index < PERIOD_BYTES; index++) {
		state = (state * 48_271) % 2_147_483_647; // Lehmer's generator (Park and Miller 1988): the same in every process
		bytes[index] = state & 0xff;
	}
	bytes.copy(bytes, PERIOD_BYTES, 0, PERIOD_BYTES);
	return bytes;
}
