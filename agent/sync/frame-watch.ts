/**
 * Follows the lengths of MQTT packets in a stream of bytes (MQTT 3.1.1, 2.2.3), so that an enormous one is noticed when it begins
 * and not when it has filled the memory: the client collects a packet whole before anybody is asked.
 */
export class FrameWatch {
	readonly #bytesMax: number;
	/** Of the present packet: bytes that are still to come. */
	#rest = 0;
	/** Where in a header we are: the type, then the bytes of the length. */
	#lengthBytes = -1;
	#length = 0;
	/** Packets that have begun. */
	packets = 0;

	constructor(bytesMax: number) {
		this.#bytesMax = bytesMax;
	}

	/** @returns the length of a packet that is too large, if one begins here */
	follow(chunk: Uint8Array): number | undefined {
		let at = 0;
		while (at < chunk.length) {
			if (this.#rest > 0) {
				const skipped = Math.min(this.#rest, chunk.length - at);
				this.#rest -= skipped;
				at += skipped;
				continue;
			}
			const byte = chunk[at] as number;
			at += 1;
			if (this.#lengthBytes < 0) {
				this.#lengthBytes = 0;
				this.#length = 0;
				this.packets += 1;
				continue;
			}
			this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
			this.#lengthBytes += 1;
			// A fifth byte is an error that the client will find itself.
			if ((byte & 0x80) !== 0 && this.#lengthBytes < 4) continue;
			if (this.#length > this.#bytesMax) return this.#length;
			this.#rest = this.#length;
			this.#lengthBytes = -1;
		}
		return undefined;
	}
}
