import { readDnsQuestion } from './dns-question.ts';
import { readSynOptions, type SynOptions } from './tcp-options.ts';

/** What the first packet of a flow tells, as it arrived from the air: before the router takes one from its hop limit. */
export type FlowFacts = {
	readonly version: 4 | 6;
	readonly hopLimit: number;
	/** The destination is that of a translator on the station itself (464XLAT, RFC 6877), which may count as a hop. */
	readonly isTranslated: boolean;
	readonly syn?: SynFacts;
	/** The name that a DNS query asks for. */
	readonly question?: string;
};

export type SynFacts = SynOptions & { readonly window: number };

const TCP = 6;
const UDP = 17;
const DNS_PORT = 53;
const IPV4_HEADER_BYTES_MIN = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES_MIN = 20;
const UDP_HEADER_BYTES = 8;
const SYN = 0x02;
/** SYN, ACK, RST and FIN: an opening SYN has only the first. */
const OPENING_MASK = 0x17;
const IPV4_OFFSET_MASK = 0x1fff;
/** Hop-by-hop, routing and destination options: all with a length in units of 8 bytes (RFC 8200, 4). */
const EXTENSIONS: readonly number[] = [0, 43, 60];
/** More in a row than any stack sends; each costs a look. */
const EXTENSIONS_MAX = 4;
/** 64:ff9b::/96, RFC 6052. */
const TRANSLATOR_PREFIX = Buffer.from('0064ff9b0000000000000000', 'hex');

/** Undefined: not IP, or cut before what every IP packet has. Never throws, whatever the bytes are. */
export function readFlowFacts(packet: Buffer): FlowFacts | undefined {
	const version = (packet[0] ?? 0) >> 4;
	if (version === 4) return readIpv4(packet);
	if (version === 6) return readIpv6(packet);
	return undefined;
}

function readIpv4(packet: Buffer): FlowFacts | undefined {
	const headerBytes = ((packet[0] as number) & 0xf) * 4;
	if (packet.length < IPV4_HEADER_BYTES_MIN || headerBytes < IPV4_HEADER_BYTES_MIN) return undefined;
	const facts = { version: 4, hopLimit: packet[8] as number, isTranslated: false } as const;
	// What is not the first fragment has no header of its flow.
	if ((packet.readUInt16BE(6) & IPV4_OFFSET_MASK) !== 0) return facts;
	return withTransport(facts, packet, { protocol: packet[9] as number, start: headerBytes });
}

function readIpv6(packet: Buffer): FlowFacts | undefined {
	if (packet.length < IPV6_HEADER_BYTES) return undefined;
	const isTranslated = packet.compare(TRANSLATOR_PREFIX, 0, 12, 24, 36) === 0;
	const facts = { version: 6, hopLimit: packet[7] as number, isTranslated } as const;
	let protocol = packet[6] as number;
	let start = IPV6_HEADER_BYTES;
	for (let extension = 0; EXTENSIONS.includes(protocol); extension++) {
		if (extension === EXTENSIONS_MAX || start + 2 > packet.length) return facts;
		protocol = packet[start] as number;
		start += ((packet[start + 1] as number) + 1) * 8;
	}
	return withTransport(facts, packet, { protocol, start });
}

function withTransport(
	facts: FlowFacts,
	packet: Buffer,
	{ protocol, start }: { protocol: number; start: number },
): FlowFacts {
	if (protocol === TCP && packet.length >= start + TCP_HEADER_BYTES_MIN) {
		if (((packet[start + 13] as number) & OPENING_MASK) !== SYN) return facts;
		const end = start + ((packet[start + 12] as number) >> 4) * 4;
		const options = readSynOptions(packet, start + TCP_HEADER_BYTES_MIN, end);
		return { ...facts, syn: { ...options, window: packet.readUInt16BE(start + 14) } };
	}
	if (protocol === UDP && packet.length >= start + UDP_HEADER_BYTES && packet.readUInt16BE(start + 2) === DNS_PORT) {
		const question = readDnsQuestion(packet, start + UDP_HEADER_BYTES);
		return question === undefined ? facts : { ...facts, question };
	}
	return facts;
}
