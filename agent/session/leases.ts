import { isIP } from 'node:net';
import { parseMacAddress } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';

/** One lease that dnsmasq has given out. */
export type Lease = {
	readonly mac: MacAddress;
	readonly address: string;
	readonly name: string | undefined;
	/** As the client calls itself (RFC 2132, 9.14), in dnsmasq's spelling; absent: it does not. */
	readonly clientId?: string;
	/** Seconds since 1970; 0: it has no end. */
	readonly expiresSeconds: number;
};

/** A lease line is about 100 bytes; 4 MiB are more leases than any pool has. */
export const LEASE_FILE_BYTES_MAX = 4 * 2 ** 20;

/** Name and client id come from DHCP options, of at most 255 bytes each; the id is written as three characters a byte. */
const LINE_CHARACTERS_MAX = 2048;
/** `*`: the client said none. */
const CLIENT_ID = /^[0-9a-f]{2}(:[0-9a-f]{2})*/i;

/**
 * Reads dnsmasq's lease file: lines of `expiry mac address name client-id`. Lines of another form are passed over: DHCPv6
 * leases (which carry no MAC address), the server's own `duid`, and a last line without its end, which dnsmasq is just
 * writing: half an address is an address too.
 */
export function parseLeases(text: string): Lease[] {
	const leases: Lease[] = [];
	for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
		if (end - start > LINE_CHARACTERS_MAX) continue;
		const [expiry, mac, address, name, clientId] = text.slice(start, end).split(' ');
		if (!expiry || !/^\d+$/.test(expiry) || !mac || !address || isIP(address) !== 4) continue;
		const lease = readLease(mac, address, {
			name,
			clientId: CLIENT_ID.exec(clientId ?? '')?.[0],
			expiresSeconds: Number(expiry),
		});
		if (lease) leases.push(lease);
	}
	return leases;
}

function readLease(
	mac: string,
	address: string,
	{
		name,
		clientId,
		expiresSeconds,
	}: { name: string | undefined; clientId: string | undefined; expiresSeconds: number },
): Lease | undefined {
	try {
		return {
			mac: parseMacAddress(mac),
			address,
			name: name === '*' || name === '' ? undefined : name,
			...(clientId === undefined ? {} : { clientId }),
			expiresSeconds,
		};
	} catch {
		// Other link layers have addresses of other forms; they are no Wi-Fi stations.
		return undefined;
	}
}
