import { withCaptivePortal } from '../../../agent/dataplane/router-advertisement.ts';
import { readArpClaim, readNeighbourClaim } from '../../../agent/sensor/address-claim.ts';
import { readDhcpRequest } from '../../../agent/sensor/dhcp-request.ts';
import { readDhcpServer } from '../../../agent/sensor/dhcp-server.ts';
import { readEthernetFrame } from '../../../agent/sensor/ethernet-frame.ts';
import { systemOfDhcp } from '../../../agent/tether/dhcp-fingerprint.ts';
import { readDnsQuestion } from '../../../agent/tether/dns-question.ts';
import { readFlowFacts } from '../../../agent/tether/flow-facts.ts';
import { optionOrder, readSynOptions } from '../../../agent/tether/tcp-options.ts';
import { datagram, dnsQuery, STACKS, type StackName, synPacket } from '../../agent/tether/packets.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { dhcpDiscover } from '../../lab/frames/ethernet.ts';
import { type FuzzTarget, holds } from '../fuzz-target.ts';
import { randomBytes, randomMac, randomWord, typeLengthValue } from '../pieces.ts';

const STACK_NAMES = Object.keys(STACKS) as StackName[];
const LINK_HEADERS_BYTES = 14 + 20 + 8;
const TCP_KINDS = [0, 1, 2, 3, 4, 5, 8, 19, 28, 29, 30, 34, 253, 254, 255];
const TCP_OPTIONS = [
	'020405b4',
	'0402',
	'080a0000000100000000',
	'01',
	'00',
	'030307',
	'0300',
	'fe0cf989',
	'1e0c',
	'2200',
];
const DHCP_CODES = [0, 12, 50, 53, 55, 60, 61, 81, 255];
const ND_TYPES = [0, 1, 2, 3, 5, 12, 24, 25, 31, 37];

function synOptions(random: SeededRandom): Buffer {
	const parts: Buffer[] = [];
	for (let count = random.between(0, 8); count > 0; count--) {
		parts.push(
			random.chance(0.7)
				? Buffer.from(random.pick(TCP_OPTIONS), 'hex')
				: typeLengthValue(random, TCP_KINDS, { isWhole: true, most: 10 }),
		);
	}
	return Buffer.concat(parts);
}

function syn(random: SeededRandom): Buffer {
	const version = random.pick([4, 6] as const);
	const packet = synPacket(random.pick(STACK_NAMES), random.between(0, 255), version);
	if (random.chance(0.5)) return packet;
	const head = (version === 4 ? 20 : 40) + 20;
	const options = synOptions(random);
	const made = Buffer.concat([packet.subarray(0, head), options]);
	made[head - 8] = (Math.min(15, Math.ceil((20 + options.length) / 4)) << 4) | random.between(0, 1);
	return made;
}

/** With extension headers between the header and what it carries. */
function extended(random: SeededRandom): Buffer {
	const packet = synPacket('linux', 64, 6);
	let next = packet[6] as number;
	const headers: Buffer[] = [];
	for (let count = random.between(1, 6); count > 0; count--) {
		const length = random.between(0, 2);
		const header = Buffer.alloc(8 * (length + 1));
		header[0] = next;
		header[1] = length;
		next = random.pick([0, 43, 60, 44, 51]);
		headers.unshift(header);
	}
	packet[6] = next;
	return Buffer.concat([packet.subarray(0, 40), ...headers, packet.subarray(40)]);
}

function name(random: SeededRandom): string {
	const labels: string[] = [];
	for (let count = random.between(1, 8); count > 0; count--) {
		labels.push(randomWord(random, 'abcxyz0189-_.\0A\u00e9', 20) || 'a');
	}
	return labels.join('.');
}

function dhcp(random: SeededRandom): Buffer {
	const options: Buffer[] = [];
	for (let count = random.between(0, 8); count > 0; count--) {
		options.push(typeLengthValue(random, DHCP_CODES, { isWhole: false, most: 80 }));
	}
	const vendor = random.chance(0.5) ? randomWord(random, 'MSFT 5.0android-dhcp-', 40) : undefined;
	const message = dhcpDiscover(randomMac(random), vendor, [1, 3, 6, 15]).subarray(LINK_HEADERS_BYTES);
	return Buffer.concat([message.subarray(0, random.chance(0.5) ? 240 : message.length), ...options]);
}

function neighbour(random: SeededRandom): Buffer {
	const options: Buffer[] = [];
	for (let count = random.between(0, 5); count > 0; count--) {
		options.push(typeLengthValue(random, ND_TYPES, { isWhole: true, unit: 8, most: 30 }));
	}
	const type = random.pick([133, 134, 135, 136, 137]);
	const fixed = { 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 }[type] as number;
	const message = Buffer.concat([Buffer.alloc(fixed), ...options]);
	message[0] = type;
	const header = Buffer.alloc(40);
	header[0] = 0x60;
	header.writeUInt16BE(message.length & 0xffff, 4);
	header[6] = 58;
	header[7] = random.chance(0.9) ? 255 : random.between(0, 255);
	header.fill(random.between(0, 255), 8, 24);
	return Buffer.concat([header, message]);
}

function frame(random: SeededRandom): Buffer {
	if (random.chance(0.2)) return dhcpReply(random);
	const isArp = random.chance(0.4);
	const arp = Buffer.concat([Buffer.from('0001080006040001', 'hex'), randomBytes(random, 30)]);
	const head = Buffer.from(`ffffffffffff02005e100001${isArp ? '0806' : '86dd'}`, 'hex');
	return Buffer.concat([head, isArp ? arp : neighbour(random)]);
}

/** A request with the ports and the operation of an answer. */
function dhcpReply(random: SeededRandom): Buffer {
	const reply = dhcpDiscover(randomMac(random), undefined, [1]);
	reply.writeUInt16BE(67, 34);
	reply.writeUInt16BE(68, 36);
	reply[LINK_HEADERS_BYTES] = 2;
	return reply;
}

const URI = 'https://portal.example/captive';

/** A right checksum, which a mutation would seldom make. */
function withChecksum(packet: Buffer): Buffer {
	if (packet.length < 44 || packet.length - 40 > 0xffff) return packet;
	packet.writeUInt16BE(packet.length - 40, 4);
	packet.writeUInt16BE(0, 42);
	let sum = packet.length - 40 + 58;
	for (let at = 8; at < packet.length; at += 2) sum += ((packet[at] as number) << 8) | (packet[at + 1] ?? 0);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	packet.writeUInt16BE(~sum & 0xffff, 42);
	return packet;
}

/** What comes by the air on the metered devices. */
export const PACKETS: readonly FuzzTarget[] = [
	{
		name: 'flow',
		title: 'the first packet of a flow: IP, extension headers, TCP options, DNS questions',
		make: (random) =>
			random.pick([syn, extended, () => datagram(64, 6), () => dnsQuery(name(random)), () => randomBytes(random, 80)])(
				random,
			),
		words: TCP_OPTIONS.map((text) => Buffer.from(text, 'hex')),
		check(input) {
			const facts = readFlowFacts(input);
			if (facts === undefined) return;
			holds(facts.version === 4 || facts.version === 6, 'the version is one of IP');
			holds((facts.syn?.layout.length ?? 0) <= 40 * 5, 'the layout is bounded by the header');
			holds((facts.question?.length ?? 0) <= 253, 'a name is at most 253 characters long');
		},
	},
	{
		name: 'syn-options',
		title: 'the options of a SYN',
		make: synOptions,
		words: TCP_OPTIONS.map((text) => Buffer.from(text, 'hex')),
		bytesMax: 64,
		check(input) {
			const options = readSynOptions(input, 0, input.length);
			holds(
				options.mss >= 0 && options.mss <= 0xffff && options.scale >= -1 && options.scale <= 255,
				'numbers in range',
			);
			holds(optionOrder(options.layout).length <= 40, 'no more options than bytes');
			holds(/^[a-z0-9,?]*$/.test(options.layout), 'the layout is plain');
		},
	},
	{
		name: 'dns-question',
		title: 'a DNS query',
		make: (random) => dnsQuery(name(random)).subarray(28),
		words: [Buffer.from([0xc0, 0x0c]), Buffer.from([63]), Buffer.from([64]), Buffer.from([0])],
		check(input) {
			const found = readDnsQuestion(input, 0);
			if (found !== undefined) holds(/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(found), 'a plain name');
		},
	},
	{
		name: 'dhcp',
		title: 'a DHCP request',
		make: dhcp,
		check(input) {
			const found = readDhcpRequest(input);
			if (found === undefined) return;
			holds(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(found.client), 'a hardware address');
			holds(found.fingerprint.parameters.length <= 64, 'parameters are bounded');
			holds((found.fingerprint.vendorClass?.length ?? 0) <= 64, 'the vendor class is bounded');
			systemOfDhcp(found.fingerprint);
		},
	},
	{
		name: 'address-claim',
		title: 'ARP, neighbour discovery, router advertisements, DHCP servers: who has which address',
		make: frame,
		check(input) {
			const found = readEthernetFrame(input);
			if (found === undefined) return;
			for (const claim of [readArpClaim(found), readNeighbourClaim(found), readDhcpServer(found)]) {
				if (claim === undefined) continue;
				holds(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(claim.claimed), 'a hardware address');
				holds(claim.address.length >= 2 && claim.address.length <= 39, 'an address');
			}
		},
	},
	{
		name: 'router-advertisement',
		title: "the router's own advertisement on its way out",
		make: (random) => {
			const packet = neighbour(random);
			packet[40] = 134;
			return withChecksum(packet);
		},
		bytesMax: 1400,
		check(input) {
			for (const packet of [input, withChecksum(Buffer.from(input))]) {
				const before = Buffer.from(packet);
				const completed = withCaptivePortal(packet, URI);
				holds(packet.equals(before), 'the packet is not changed');
				if (completed === undefined) continue;
				holds(completed.length <= 1280, 'no longer than the smallest MTU');
				holds(completed.subarray(44, packet.length).equals(packet.subarray(44)), 'what was there stays');
				holds(withCaptivePortal(completed, URI) === undefined, 'no second option');
			}
		},
	},
];
