import { SocketAddress } from 'node:net';

/** Both addresses, in text, of one family. */
export type Ends = { source: string; destination: string };

export type IpOptions = Ends & { hopLimit: number; dontFragment?: boolean };
export type Segment = { protocol: number; bytes: Buffer; checksumAt: number };

const TCP = 6;
const UDP = 17;
const SYN = 0x02;

/** An IP packet with right checksums: what is on the way keeps state only of packets that are right. */
export function ipPacket({ source, destination, hopLimit, dontFragment = true }: IpOptions, segment: Segment): Buffer {
	const from = addressBytes(source);
	const to = addressBytes(destination);
	const payload = Buffer.from(segment.bytes);
	const pseudo = Buffer.concat([from, to, word(payload.length), word(segment.protocol)]);
	payload.writeUInt16BE(checksum(Buffer.concat([pseudo, payload])) || 0xffff, segment.checksumAt);
	if (from.length === 16) {
		const header = Buffer.alloc(8);
		header[0] = 0x60;
		header.writeUInt16BE(payload.length, 4);
		header[6] = segment.protocol;
		header[7] = hopLimit;
		return Buffer.concat([header, from, to, payload]);
	}
	const header = Buffer.alloc(20);
	header[0] = 0x45;
	header.writeUInt16BE(20 + payload.length, 2);
	header.writeUInt16BE(4711, 4);
	header.writeUInt16BE(dontFragment ? 0x4000 : 0, 6);
	header[8] = hopLimit;
	header[9] = segment.protocol;
	from.copy(header, 12);
	to.copy(header, 16);
	header.writeUInt16BE(checksum(header), 10);
	return Buffer.concat([header, payload]);
}

export type SynOptions = { sourcePort: number; destinationPort: number; window: number; options: Buffer };

/** The SYN that opens a connection. */
export function synSegment({ sourcePort, destinationPort, window, options }: SynOptions): Segment {
	const bytes = Buffer.alloc(20 + Math.ceil(options.length / 4) * 4);
	bytes.writeUInt16BE(sourcePort, 0);
	bytes.writeUInt16BE(destinationPort, 2);
	bytes.writeUInt32BE(0x12345678, 4);
	bytes[12] = (bytes.length / 4) << 4;
	bytes[13] = SYN;
	bytes.writeUInt16BE(window, 14);
	options.copy(bytes, 20);
	return { protocol: TCP, bytes, checksumAt: 16 };
}

export function udpSegment(ports: { sourcePort: number; destinationPort: number }, data: Buffer): Segment {
	const bytes = Buffer.alloc(8 + data.length);
	bytes.writeUInt16BE(ports.sourcePort, 0);
	bytes.writeUInt16BE(ports.destinationPort, 2);
	bytes.writeUInt16BE(bytes.length, 4);
	data.copy(bytes, 8);
	return { protocol: UDP, bytes, checksumAt: 6 };
}

/** A DNS query for the address of `name`. */
export function dnsQuestion(name: string): Buffer {
	const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
	const header = Buffer.from('123401000001000000000000', 'hex');
	return Buffer.concat([header, Buffer.from([...labels, 0, 0, 1, 0, 1])]);
}

/** Four or sixteen bytes. */
export function addressBytes(address: string): Buffer {
	if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
	const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
	const [head = '', tail] = canonical.split('::');
	const words = (part: string) => (part === '' ? [] : part.split(':').map((text) => Number.parseInt(text, 16)));
	const first = words(head);
	const last = words(tail ?? '');
	const zeros = new Array<number>(tail === undefined ? 0 : 8 - first.length - last.length).fill(0);
	const bytes = Buffer.alloc(16);
	for (const [index, value] of [...first, ...zeros, ...last].entries()) bytes.writeUInt16BE(value, index * 2);
	return bytes;
}

function word(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
}

/** RFC 1071. */
export function checksum(bytes: Buffer): number {
	let sum = 0;
	for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
