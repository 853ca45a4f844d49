/**
 * Who has which address.
 *
 *     sta1 eth0 ─ lan1 ┐                      ┌ 203.0.113.11, 2001:db8:113::b    (server of station 1)
 *     sta2 eth0 ─ lan2 ┼ br-lan  router  wan ─┤ 203.0.113.12, 2001:db8:113::c    (server of station 2)
 *     …                ┘                      └ 203.0.113.80, 2001:db8:113::80   (walled garden)
 *                                               namespace internet, device eth0
 *
 * Each station talks to its own server address, so that the far end can still tell the stations apart after NAT.
 */

/** Station i's server is .10 + i; .80 is the garden, so i ends before it. */
export const STATIONS_MAX = 60;

export const ROUTER_LAN_IPV4 = '10.77.0.1';
export const ROUTER_LAN_IPV6 = '2001:db8:10::1';
export const LAN_IPV4 = '10.77.0.0/16';
export const LAN_IPV6 = '2001:db8:10::/64';
export const ROUTER_WAN_IPV4 = '198.51.100.2';
export const ROUTER_WAN_IPV6 = '2001:db8:ffff::2';
export const INTERNET_IPV4 = '198.51.100.1';
export const INTERNET_IPV6 = '2001:db8:ffff::1';
export const GARDEN_IPV4 = '203.0.113.80';
export const GARDEN_IPV6 = '2001:db8:113::80';
/** Reached by its name, and zero-rated by it. */
export const ZERO_RATED_IPV4 = '203.0.113.90';
export const ZERO_RATED_IPV6 = '2001:db8:113::90';

export const ROUTER_LAN_MAC = '02:00:5e:10:ff:01';
export const ROUTER_WAN_MAC = '02:00:5e:10:ff:02';
export const INTERNET_MAC = '02:00:5e:10:ff:03';

/** Where everybody's servers listen. */
export const TCP_PORT = 5001;
export const UDP_PORT = 5001;

export type Family = 'ipv4' | 'ipv6';

/** The hardware address of station `number`, from 1. */
export function stationMac(number: number): string {
	return `02:00:5e:10:00:${hex(number).padStart(2, '0')}`;
}

/** The address of the server that only station `number` talks to. */
export function serverAddress(number: number, family: Family): string {
	return family === 'ipv4' ? `203.0.113.${10 + number}` : `2001:db8:113::${hex(10 + number)}`;
}

/** The address of the station in a lab without DHCP. */
export function staticAddress(number: number): string {
	return `10.77.1.${number}`;
}

/** The address that stateless autoconfiguration makes of {@link stationMac} (RFC 4291, appendix A). */
export function autoconfiguredAddress(number: number): string {
	return `2001:db8:10::5eff:fe10:${hex(number)}`;
}

function hex(value: number): string {
	return value.toString(16);
}
