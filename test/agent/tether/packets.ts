/** Options of SYNs, as the systems send them: bytes of the options and the window. */
export const STACKS = {
	linux: { options: '020405b40402080a00000001000000000103030a', window: 64_240 },
	linuxOtherScale: { options: '020405b40402080a000000010000000001030307', window: 64_240 },
	windows: { options: '020405b40103030801010402', window: 64_240 },
	windowsReduced: { options: '020405b401010402', window: 64_240 },
	apple: { options: '020405b4010303060101080a00000001000000000402' + '0000', window: 65_535 },
	freebsd: { options: '020405b4010303060402080a0000000100000000', window: 65_535 },
	/** A scanner's: no more than it needs. */
	bare: { options: '020405b4', window: 1024 },
} as const;

export type StackName = keyof typeof STACKS;

/** The opening SYN of a system. */
export function synPacket(stack: StackName, hopLimit: number, version: 4 | 6 = 4): Buffer {
	const options = Buffer.from(STACKS[stack].options, 'hex');
	const tcp = Buffer.alloc(20 + options.length);
	tcp.writeUInt16BE(40_000, 0);
	tcp.writeUInt16BE(443, 2);
	tcp[12] = (tcp.length / 4) << 4;
	tcp[13] = 2;
	tcp.writeUInt16BE(STACKS[stack].window, 14);
	options.copy(tcp, 20);
	return ipPacket({ version, protocol: 6, hopLimit }, tcp);
}

/** A first datagram that says nothing by itself, as QUIC does. */
export function datagram(hopLimit: number, version: 4 | 6 = 4): Buffer {
	return udpPacket({ version, hopLimit, port: 443 }, Buffer.alloc(32, 0xc3));
}

/** A DNS query for the address of `name`. */
export function dnsQuery(name: string, hopLimit = 64): Buffer {
	const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
	const header = Buffer.from('123401000001000000000000', 'hex');
	return udpPacket(
		{ version: 4, hopLimit, port: 53 },
		Buffer.concat([header, Buffer.from([...labels, 0, 0, 1, 0, 1])]),
	);
}

function udpPacket(
	{ version, hopLimit, port }: { version: 4 | 6; hopLimit: number; port: number },
	data: Buffer,
): Buffer {
	const udp = Buffer.alloc(8);
	udp.writeUInt16BE(50_000, 0);
	udp.writeUInt16BE(port, 2);
	udp.writeUInt16BE(8 + data.length, 4);
	return ipPacket({ version, protocol: 17, hopLimit }, Buffer.concat([udp, data]));
}

function ipPacket(
	{ version, protocol, hopLimit }: { version: 4 | 6; protocol: number; hopLimit: number },
	payload: Buffer,
): Buffer {
	if (version === 4) {
		const header = Buffer.from('4500000000004000000000000a4d0101cb00710b', 'hex');
		header.writeUInt16BE(20 + payload.length, 2);
		header[8] = hopLimit;
		header[9] = protocol;
		return Buffer.concat([header, payload]);
	}
	const header = Buffer.from(
		`60000000000000${'00'}20010db8001000000000000000000002${'20010db801130000000000000000000b'}`,
		'hex',
	);
	header.writeUInt16BE(payload.length, 4);
	header[6] = protocol;
	header[7] = hopLimit;
	return Buffer.concat([header, payload]);
}
