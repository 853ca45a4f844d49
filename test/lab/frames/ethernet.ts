import { addressBytes, ipPacket, type Segment, synSegment, udpSegment } from './ip-packet.ts';

/** Frames that a station sends by hand: no stack of this kernel would. */

export function ethernetFrame(ends: { source: string; destination: string }, packet: Buffer): Buffer {
	const version = (packet[0] as number) >> 4;
	const type = Buffer.from(version === 6 ? '86dd' : '0800', 'hex');
	return Buffer.concat([macBytes(ends.destination), macBytes(ends.source), type, packet]);
}

export type ArpReply = {
	/** Who sends the frame, and to whom. */
	source: string;
	destination: string;
	/** What it says: that address is at that hardware address. */
	address: string;
	mac: string;
	askedBy: string;
};

export function arpReply({ source, destination, address, mac, askedBy }: ArpReply): Buffer {
	return Buffer.concat([
		macBytes(destination),
		macBytes(source),
		Buffer.from('08060001080006040002', 'hex'),
		macBytes(mac),
		addressBytes(address),
		macBytes(destination),
		addressBytes(askedBy),
		Buffer.alloc(18),
	]);
}

/** Asks where `address` is, of somebody who says to be at `from` (RFC 826): who is asked remembers him. */
export function arpRequest({ source, from, address }: { source: string; from: string; address: string }): Buffer {
	return Buffer.concat([
		macBytes('ff:ff:ff:ff:ff:ff'),
		macBytes(source),
		Buffer.from('08060001080006040001', 'hex'),
		macBytes(source),
		addressBytes(from),
		Buffer.alloc(6),
		addressBytes(address),
		Buffer.alloc(18),
	]);
}

/** A neighbour advertisement: solicited, override (RFC 4861, 4.4). */
export function neighbourAdvertisement({ source, destination, address, mac, askedBy }: ArpReply): Buffer {
	const message = Buffer.concat([
		Buffer.from('8800000060000000', 'hex'),
		addressBytes(address),
		Buffer.from('0201', 'hex'),
		macBytes(mac),
	]);
	const segment: Segment = { protocol: 58, bytes: message, checksumAt: 2 };
	const packet = ipPacket({ source: address, destination: askedBy, hopLimit: 255 }, segment);
	return ethernetFrame({ source, destination }, packet);
}

/** From a station that has no address yet, to all routers (RFC 4861, 4.1). */
export function routerSolicitation(source: string): Buffer {
	const segment: Segment = { protocol: 58, bytes: Buffer.from('8500000000000000', 'hex'), checksumAt: 2 };
	const packet = ipPacket({ source: '::', destination: 'ff02::2', hopLimit: 255 }, segment);
	return ethernetFrame({ source, destination: '33:33:00:00:00:02' }, packet);
}

/** DHCPDISCOVER as a system sends it: option 60 and option 55. */
export function dhcpDiscover(mac: string, vendorClass: string | undefined, parameters: readonly number[]): Buffer {
	const message = Buffer.alloc(240);
	message.set([1, 1, 6, 0, 0x39, 0x03, 0xf3, 0x26]);
	macBytes(mac).copy(message, 28);
	message.writeUInt32BE(0x63825363, 236);
	const vendor = vendorClass === undefined ? [] : [60, vendorClass.length, ...Buffer.from(vendorClass)];
	const options = Buffer.from([53, 1, 1, ...vendor, 55, parameters.length, ...parameters, 255]);
	const udp = udpSegment({ sourcePort: 68, destinationPort: 67 }, Buffer.concat([message, options]));
	const packet = ipPacket({ source: '0.0.0.0', destination: '255.255.255.255', hopLimit: 64 }, udp);
	return ethernetFrame({ source: mac, destination: 'ff:ff:ff:ff:ff:ff' }, packet);
}

/** DHCPRELEASE (RFC 2131, 4.4.6) in the name of `mac`, which leases `address`, by default as the client that udhcpc is: anybody can send it. */
export function dhcpRelease(
	ends: { source: string; destination: string },
	release: { mac: string; address: string; server: string; clientId?: string },
): Buffer {
	const { mac, address, server, clientId = `01${mac.replaceAll(':', '')}` } = release;
	const client = Buffer.from(clientId, 'hex');
	const message = Buffer.alloc(240);
	message.set([1, 1, 6, 0, 0x39, 0x03, 0xf3, 0x27]);
	addressBytes(address).copy(message, 12);
	macBytes(mac).copy(message, 28);
	message.writeUInt32BE(0x63825363, 236);
	const options = Buffer.from([53, 1, 7, 54, 4, ...addressBytes(server), 61, client.length, ...client, 255]);
	const udp = udpSegment({ sourcePort: 68, destinationPort: 67 }, Buffer.concat([message, options]));
	return ethernetFrame(ends, ipPacket({ source: address, destination: server, hopLimit: 64 }, udp));
}

/**
 * DHCPREQUEST (RFC 2131, 4.3.2, in the state SELECTING) in the name of `mac`, by default as the client that udhcpc is: the server gives this
 * address to it, also to who has another one.
 */
export function dhcpRequest(
	source: string,
	request: { mac: string; address: string; server: string; clientId?: string },
): Buffer {
	const { mac, address, server, clientId = `01${mac.replaceAll(':', '')}` } = request;
	const message = Buffer.alloc(240);
	message.set([1, 1, 6, 0, 0x39, 0x03, 0xf3, 0x28]);
	macBytes(mac).copy(message, 28);
	message.writeUInt32BE(0x63825363, 236);
	const client = Buffer.from(clientId, 'hex');
	const wanted = [50, 4, ...addressBytes(address), 54, 4, ...addressBytes(server)];
	const options = Buffer.from([53, 1, 3, ...wanted, 61, client.length, ...client, 255]);
	const udp = udpSegment({ sourcePort: 68, destinationPort: 67 }, Buffer.concat([message, options]));
	const packet = ipPacket({ source: '0.0.0.0', destination: '255.255.255.255', hopLimit: 64 }, udp);
	return ethernetFrame({ source, destination: 'ff:ff:ff:ff:ff:ff' }, packet);
}

/** The SYN of a connection, as a stack would begin it. */
export function synFrame(
	ends: { source: string; destination: string },
	flow: { from: string; to: string; ports: [number, number] },
): Buffer {
	const [sourcePort, destinationPort] = flow.ports;
	const segment = synSegment({ sourcePort, destinationPort, window: 29_200, options: Buffer.alloc(0) });
	return ethernetFrame(ends, ipPacket({ source: flow.from, destination: flow.to, hopLimit: 64 }, segment));
}

function macBytes(mac: string): Buffer {
	return Buffer.from(mac.replaceAll(':', ''), 'hex');
}
