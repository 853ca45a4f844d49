/** RFC 1035, 2.3.4, without the final root label. */
const NAME_BYTES_MAX = 253;
const LABEL_BYTES_MAX = 63;
const HEADER_BYTES = 12;
/** QR: 1 in an answer. */
const ANSWER_BIT = 0x80;

/**
 * The name that a DNS query at `start` asks for, in lower case; undefined for whatever is not a plain question.
 * Names from the network are only ever compared: a byte that no host name has makes it undefined.
 */
export function readDnsQuestion(packet: Buffer, start: number): string | undefined {
	if (packet.length < start + HEADER_BYTES + 2) return undefined;
	if (((packet[start + 2] as number) & ANSWER_BIT) !== 0 || packet.readUInt16BE(start + 4) !== 1) return undefined;
	let name = '';
	for (let at = start + HEADER_BYTES; ; ) {
		const length = packet[at];
		if (length === undefined) return undefined;
		if (length === 0) return name === '' ? undefined : name;
		// A question has nothing to point back to: compression here is somebody's trick.
		if (length > LABEL_BYTES_MAX || at + length >= packet.length) return undefined;
		if (name.length + length + 1 > NAME_BYTES_MAX) return undefined;
		const label = packet.toString('latin1', at + 1, at + 1 + length).toLowerCase();
		if (!/^[a-z0-9_-]+$/.test(label)) return undefined;
		name = name === '' ? label : `${name}.${label}`;
		at += length + 1;
	}
}
