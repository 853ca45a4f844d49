import { isIP } from 'node:net';
import { parseMacAddress } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';

/** One lease that dnsmasq has given out. */
export type Lease = { readonly mac: MacAddress; readonly address: string; readonly name: string | undefined };

/** A lease line is about 100 bytes; 4 MiB are more leases than any pool has. */
export const LEASE_FILE_BYTES_MAX = 4 * 2 ** 20;

/**
 * Reads dnsmasq's lease file: lines of `expiry mac address name client-id`. Lines of another form are passed over: DHCPv6
 * leases (which carry no MAC address), the server's own `duid`, and a line that dnsmasq is just writing.
 */
export function parseLeases(text: string): Lease[] {
	const leases: Lease[] = [];
	for (const line of text.split('\n')) {
		const [expiry, mac, address, name] = line.split(' ');
		if (!expiry || !/^\d+$/.test(expiry) || !mac || !address || isIP(address) !== 4) continue;
		const lease = readLease(mac, address, name);
		if (lease) leases.push(lease);
	}
	return leases;
}

function readLease(mac: string, address: string, name: string | undefined): Lease | undefined {
	try {
		return { mac: parseMacAddress(mac), address, name: name === '*' ? undefined : name };
	} catch {
		// Other link layers have addresses of other forms; they are no Wi-Fi stations.
		return undefined;
	}
}
