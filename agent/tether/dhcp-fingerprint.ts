import type { System } from './system.ts';

/** What of a DHCP request says which system made it (RFC 2132: options 60 and 55). */
export type DhcpFingerprint = {
	/** Option 60; hostile text, only compared. */
	readonly vendorClass?: string;
	/** Option 55, in the order in which the client asks. */
	readonly parameters: readonly number[];
};

/** Words at the beginning of option 60 that systems put there, as their makers document or ship them. */
const VENDOR_CLASSES: readonly (readonly [string, System])[] = [
	['android-dhcp-', 'android'],
	['HUAWEI:android', 'android'],
	['MSFT 5.0', 'windows'],
	['MSFT 98', 'windows'],
	['XBOX', 'xbox'],
	['PS4', 'playstation'],
	['PS5', 'playstation'],
	['PS3', 'playstation'],
	['dhcpcd-', 'linux'],
	['systemd', 'linux'],
	['udhcp', 'linux'],
];

/** Options that only one of the systems asks for, where the vendor class is silent. */
const CLASSLESS_ROUTES = 121;
const DOMAIN_SEARCH = 119;
const LDAP = 95;
const NETBIOS_SERVERS = 44;
const ROUTER_DISCOVERY = 31;
const STATIC_ROUTES_MICROSOFT = 249;
const PROXY_DISCOVERY = 252;

/** Which system asks so; undefined where it is not plain. A station may lie here, as anywhere: see the weights. */
export function systemOfDhcp({ vendorClass, parameters }: DhcpFingerprint): System | undefined {
	const named = VENDOR_CLASSES.find(([word]) => vendorClass?.startsWith(word));
	if (named) return named[1];
	if (vendorClass !== undefined && vendorClass !== '') return undefined;
	const asks = (...options: number[]) => options.every((option) => parameters.includes(option));
	if (asks(ROUTER_DISCOVERY, NETBIOS_SERVERS, STATIC_ROUTES_MICROSOFT)) return 'windows';
	// Apple asks for the routes first, and for what its directory and proxy discovery need.
	const [first, second] = parameters;
	if (first === 1 && second === CLASSLESS_ROUTES && asks(DOMAIN_SEARCH) && (asks(PROXY_DISCOVERY) || asks(LDAP))) {
		return 'apple';
	}
	return undefined;
}
