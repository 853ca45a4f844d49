import type { Namespace } from './namespace/namespace.ts';
import { runProgram } from './namespace/program.ts';
import {
	GARDEN_IPV4,
	GARDEN_IPV6,
	INTERNET_IPV4,
	INTERNET_IPV6,
	INTERNET_MAC,
	LAN_IPV4,
	LAN_IPV6,
	ROUTER_LAN_IPV4,
	ROUTER_LAN_IPV6,
	ROUTER_LAN_MAC,
	ROUTER_WAN_IPV4,
	ROUTER_WAN_IPV6,
	ROUTER_WAN_MAC,
	serverAddress,
	staticAddress,
	stationMac,
	ZERO_RATED_IPV4,
	ZERO_RATED_IPV6,
} from './topology.ts';

/** Parameters that must stand before a device is made: devices copy them. */
const DEFAULT_PARAMETERS = {
	'net.bridge.bridge-nf-call-iptables': 0,
	'net.bridge.bridge-nf-call-ip6tables': 0,
	'net.bridge.bridge-nf-call-arptables': 0,
	// Nobody else is on these links; waiting for duplicate address detection would only take its second.
	'net.ipv6.conf.all.accept_dad': 0,
	'net.ipv6.conf.default.accept_dad': 0,
	'net.ipv6.conf.default.dad_transmits': 0,
	'net.ipv6.conf.default.router_solicitation_delay': 0,
	'net.ipv6.conf.default.router_solicitation_interval': 1,
	'net.ipv6.conf.default.disable_ipv6': 0,
	// A veth hands packets to a queue of 1,000 per CPU (net.core.netdev_max_backlog, not ours to change). A bounded window keeps
	// all flows together below it: a packet lost after the router's forward hook would be metered and never arrive.
	'net.ipv4.tcp_rmem': '4096 131072 262144',
	'net.ipv4.tcp_no_metrics_save': 1,
};

const ROUTER_PARAMETERS = {
	'net.ipv4.ip_forward': 1,
	'net.ipv6.conf.all.forwarding': 1,
	'net.ipv6.conf.default.accept_ra': 0,
	'net.ipv4.conf.all.rp_filter': 0,
	'net.ipv4.conf.default.rp_filter': 0,
};

/** The router's own firewall in small: what OpenWrt's fw4 does for NAT. Not Octroi's table. */
const ROUTER_NAT = `table inet lab_nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		meta nfproto ipv4 oifname "wan" masquerade
	}
	# What still comes for a flow that is forgotten is for nobody. An answer of the router itself would reach the witness as if it
	# were a station's.
	chain input {
		type filter hook input priority filter; policy accept;
		iifname "wan" meta l4proto { tcp, udp } ct state != established drop
	}
}
`;

export type Network = { router: Namespace; internet: Namespace; stations: Namespace[] };

/** Makes namespaces and devices; every link is down still. */
export async function makeNetwork(network: Network): Promise<void> {
	const { router, internet, stations } = network;
	const everyone = [router, internet, ...stations];
	await ipBatch(everyone.map(({ name }) => `netns add ${name}`));
	await Promise.all(
		everyone.map((space) =>
			space.sysctl({
				...DEFAULT_PARAMETERS,
				...(space === router ? ROUTER_PARAMETERS : { 'net.ipv6.conf.default.accept_ra': 1 }),
			}),
		),
	);
	await ipBatch(linkLines(stations));
	await Promise.all(everyone.map((space) => switchOffloadsOff(space, devicesOf(space, network))));
}

/** Gives the router and the internet their addresses, routes and NAT. The stations' own links wait for {@link raiseStation}. */
export async function raiseNetwork({ router, internet, stations }: Network): Promise<void> {
	await Promise.all([
		router.ip(routerLines(stations.length)),
		router.nft(ROUTER_NAT),
		internet.ip(internetLines(stations.length)),
		...stations.map((space) => space.ip(['link set lo up'])),
	]);
}

/** Gives the names back; the kernel removes namespace and devices when the last process in them has ended. */
export async function removeNetwork({ router, internet, stations }: Network): Promise<void> {
	await ipBatch([router, internet, ...stations].map(({ name }) => `netns delete ${name}`));
}

/** Brings a station's link up: from here on it solicits a router advertisement. */
export async function raiseStation(space: Namespace): Promise<void> {
	await space.ip(['link set eth0 up']);
}

/** An IPv4 address without DHCP, and neighbours that need no resolution. IPv6 configures itself in both modes. */
export async function addressStatically(space: Namespace, number: number, router: Namespace): Promise<void> {
	await Promise.all([
		space.ip([
			`address add ${staticAddress(number)}/16 dev eth0`,
			`route add default via ${ROUTER_LAN_IPV4}`,
			`neighbour replace ${ROUTER_LAN_IPV4} lladdr ${ROUTER_LAN_MAC} dev eth0 nud permanent`,
		]),
		router.ip([`neighbour replace ${staticAddress(number)} lladdr ${stationMac(number)} dev br-lan nud permanent`]),
	]);
}

async function ipBatch(lines: string[]): Promise<void> {
	await runProgram('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}

function linkLines(stations: Namespace[]): string[] {
	return [
		`link add br-lan netns router address ${ROUTER_LAN_MAC} type bridge stp_state 0 mcast_snooping 0`,
		`link add wan netns router address ${ROUTER_WAN_MAC} type veth peer name eth0 netns internet address ${INTERNET_MAC}`,
		...stations.map(
			({ name }, index) =>
				`link add lan${index + 1} netns router type veth peer name eth0 netns ${name} address ${stationMac(index + 1)}`,
		),
	];
}

function routerLines(stationCount: number): string[] {
	const ports = Array.from({ length: stationCount }, (_, index) => `lan${index + 1}`);
	return [
		'link set lo up',
		...ports.map((port) => `link set ${port} master br-lan`),
		...ports.map((port) => `link set ${port} up`),
		'link set br-lan up',
		'link set wan up',
		`address add ${ROUTER_LAN_IPV4}/16 dev br-lan`,
		`address add ${ROUTER_LAN_IPV6}/64 dev br-lan`,
		`address add ${ROUTER_WAN_IPV4}/24 dev wan`,
		`address add ${ROUTER_WAN_IPV6}/64 dev wan`,
		`route add default via ${INTERNET_IPV4}`,
		`route add default via ${INTERNET_IPV6}`,
		`neighbour replace ${INTERNET_IPV4} lladdr ${INTERNET_MAC} dev wan nud permanent`,
		`neighbour replace ${INTERNET_IPV6} lladdr ${INTERNET_MAC} dev wan nud permanent`,
	];
}

function internetLines(stationCount: number): string[] {
	const servers = [GARDEN_IPV4, ZERO_RATED_IPV4].map((address) => `${address}/32`);
	servers.push(...[GARDEN_IPV6, ZERO_RATED_IPV6].map((address) => `${address}/128`));
	for (let number = 1; number <= stationCount; number++) {
		servers.push(`${serverAddress(number, 'ipv4')}/32`, `${serverAddress(number, 'ipv6')}/128`);
	}
	return [
		'link set lo up',
		'link set eth0 up',
		`address add ${INTERNET_IPV4}/24 dev eth0`,
		`address add ${INTERNET_IPV6}/64 dev eth0`,
		...servers.map((server) => `address add ${server} dev lo`),
		// Without NAT in the way a reply to a private address would betray a hole; so it has a route, and the witness sees it.
		`route add ${LAN_IPV4} via ${ROUTER_WAN_IPV4}`,
		`route add ${LAN_IPV6} via ${ROUTER_WAN_IPV6}`,
		`neighbour replace ${ROUTER_WAN_IPV4} lladdr ${ROUTER_WAN_MAC} dev eth0 nud permanent`,
		`neighbour replace ${ROUTER_WAN_IPV6} lladdr ${ROUTER_WAN_MAC} dev eth0 nud permanent`,
	];
}

function devicesOf(space: Namespace, { router, stations }: Network): string[] {
	if (space !== router) return ['eth0'];
	return ['wan', 'br-lan', ...stations.map((_, index) => `lan${index + 1}`)];
}

/** One skb is one packet on every hop: so a byte is a byte wherever it is counted. */
async function switchOffloadsOff(space: Namespace, devices: string[]): Promise<void> {
	const features = ['gso', 'gro', 'tso', 'tx', 'rx'].flatMap((feature) => [feature, 'off']);
	for (const device of devices) await space.run('ethtool', ['-K', device, ...features]);
}
