/** What the options of a SYN say about the stack that wrote them. */
export type SynOptions = {
	/** In p0f's words, in the order on the wire: `mss,sok,ts,nop,ws`. Without what one stack sends now and then only. */
	readonly layout: string;
	/** 0: absent. */
	readonly mss: number;
	/** Absent: −1. */
	readonly scale: number;
	readonly hasTimestamps: boolean;
};

/** RFC 9293, 3.1: the header's length is four bits of 32-bit words. */
const OPTIONS_BYTES_MAX = 40;

const END = 0;
const NO_OPERATION = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const TIMESTAMPS = 8;
/** Multipath TCP (RFC 8684) and TCP Fast Open (RFC 7413, and its experimental number): per connection, so no trait of a system. */
const PER_CONNECTION: readonly number[] = [30, 34, 254];

/** The options between `start` and `end` of a TCP header. Hostile or cut ones end where they stop making sense. */
export function readSynOptions(packet: Buffer, start: number, end: number): SynOptions {
	const limit = Math.min(end, packet.length, start + OPTIONS_BYTES_MAX);
	let layout = '';
	let mss = 0;
	let scale = -1;
	let hasTimestamps = false;
	for (let at = start; at < limit; ) {
		const kind = packet[at] as number;
		if (kind === END) {
			// How much padding follows depends on what else is in the header: one word for all of it.
			layout += ',eol';
			break;
		}
		if (kind === NO_OPERATION) {
			layout += ',nop';
			at++;
			continue;
		}
		const length = packet[at + 1] ?? 0;
		if (length < 2 || at + length > limit) {
			layout += ',bad';
			break;
		}
		if (kind === MSS && length === 4) {
			layout += ',mss';
			mss = packet.readUInt16BE(at + 2);
		} else if (kind === WINDOW_SCALE && length === 3) {
			layout += ',ws';
			scale = packet[at + 2] as number;
		} else if (kind === SACK_PERMITTED && length === 2) layout += ',sok';
		else if (kind === TIMESTAMPS && length === 10) {
			layout += ',ts';
			hasTimestamps = true;
		} else if (!PER_CONNECTION.includes(kind)) layout += `,?${kind}`;
		at += length;
	}
	return { layout: layout.slice(1), mss, scale, hasTimestamps };
}

/** The options that carry something, in their order: `layout` without its padding. */
export function optionOrder(layout: string): readonly string[] {
	return layout.split(',').filter((word) => CARRYING.has(word));
}

const CARRYING: ReadonlySet<string> = new Set(['mss', 'sok', 'ts', 'ws']);
