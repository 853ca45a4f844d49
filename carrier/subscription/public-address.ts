import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** IPv4 addresses that are not reachable everywhere, or not one host's (IANA's registry of special-purpose addresses, RFC 6890). */
const SPECIAL_IPV4 = [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	// With the metadata of cloud machines.
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4],
] as const;

/** Of IPv6 only global unicast (RFC 4291) is public, and of that not what documents, tests, or carries an IPv4 address in it. */
const GLOBAL_IPV6 = ['2000::', 3] as const;
const SPECIAL_IPV6 = [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
] as const;

const special4 = new BlockList();
for (const [net, prefix] of SPECIAL_IPV4) special4.addSubnet(net, prefix, 'ipv4');
const global6 = new BlockList();
global6.addSubnet(...GLOBAL_IPV6, 'ipv6');
const special6 = new BlockList();
for (const [net, prefix] of SPECIAL_IPV6) special6.addSubnet(net, prefix, 'ipv6');

/** Whether an address (dotted, or of IPv6 in any spelling) is one that anybody on the internet may reach. Mapped ones are not. */
export function isPublicAddress(address: string): boolean {
	const family = isIP(address);
	if (family === 4) return !special4.check(address, 'ipv4');
	return family === 6 && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

export type Address = { readonly address: string; readonly family: number };

/** The host of a URL as it is resolved: without the brackets of IPv6. The URL's parser has made decimal, octal and hexadecimal IPv4 dotted. */
export function hostOf({ hostname }: URL): string {
	return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * The addresses of a URL's host, all of which are public, or the host is listed by the operator. Whoever connects must use these and not
 * ask again: the next answer may be another.
 *
 * @returns a sentence where it may not be connected to
 * @throws the resolver's errors
 */
export async function checkedAddresses(
	url: URL,
	privateHosts: readonly string[],
): Promise<readonly Address[] | string> {
	const host = hostOf(url);
	const family = isIP(host);
	const addresses = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }];
	if (privateHosts.includes(host)) return addresses;
	const wrong = addresses.find(({ address }) => !isPublicAddress(address));
	return wrong === undefined ? addresses : 'the host has an address that is not public';
}
