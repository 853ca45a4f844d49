import type { Station } from '../station.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	INTERNET_IPV4,
	INTERNET_IPV6,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
	ZERO_RATED_IPV4,
	ZERO_RATED_IPV6,
} from '../topology.ts';
import { ACCOMPLICE } from './borrowed-sources.ts';

/** The station's own addresses are as frequent as all others together. */
export function fromStation(station: Station) {
	const own = [station.ipv4, station.ipv6];
	const servers = [station.server('ipv4'), station.server('ipv6')];
	return {
		sources: [
			...[...own, ...own, ...own, ...own, ...own, ...own],
			...[ACCOMPLICE.ipv4, ACCOMPLICE.ipv6, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6],
			...['169.254.7.7', '0.0.0.0', '127.0.0.1', '255.255.255.255', '224.0.0.1', '10.77.255.255', '10.78.0.1'],
			...['::', '::1', 'fe80::1:2', 'ff02::1', '2001:db8:10:1::1', INTERNET_IPV4, INTERNET_IPV6],
		],
		destinations: [
			...[...servers, ...servers, ACCOMPLICE.ipv4, ACCOMPLICE.ipv6, INTERNET_IPV4, INTERNET_IPV6],
			...[ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6],
			...[GARDEN_IPV4, GARDEN_IPV6, '198.18.0.1', '255.255.255.255', '224.0.0.251', '239.255.255.250'],
			...['10.77.255.255', 'ff02::1', 'ff02::fb', 'ff05::2', 'fe80::5eff:fe10:ff01'],
		],
	};
}

/** The internet's own addresses, and those that it cannot have. */
export function fromInternet(station: Station) {
	const own = [station.server('ipv4'), station.server('ipv6'), ACCOMPLICE.ipv4, ACCOMPLICE.ipv6];
	const stations = [station.ipv4, station.ipv6];
	return {
		sources: [
			...[...own, ...stations, ...stations, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6],
			...[GARDEN_IPV4, GARDEN_IPV6, ZERO_RATED_IPV4, ZERO_RATED_IPV6, '10.77.9.9', '10.77.255.255'],
			...['0.0.0.0', '127.0.0.1', '224.0.0.1', '::', '::1', 'fe80::1:2', 'ff02::1'],
		],
		destinations: [
			...[...stations, ...stations, ROUTER_WAN_IPV4, ROUTER_WAN_IPV6, ROUTER_LAN_IPV4, ROUTER_LAN_IPV6],
			...['255.255.255.255', '224.0.0.251', '10.77.255.255', 'ff02::1', 'ff02::fb'],
		],
	};
}
