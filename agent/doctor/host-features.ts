import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { foreignRules } from '../dataplane/foreign-rules.ts';
import { markKinds } from '../dataplane/mark.ts';
import { readRuleset } from '../dataplane/nft.ts';
import { RefusalReader } from '../dataplane/refusal-reader.ts';
import { type ConntrackEntry, decodeConntrack, dumpConntrackByMark, type NetlinkConnection } from '../netlink/index.ts';
import { type DefaultRoute, readDefaultRoutes, readUplinks } from '../shaping/default-routes.ts';
import type { Probe } from './feature.ts';

/** The content of a file below /proc/sys or /sys; undefined: there is none. */
export type ReadSetting = (path: string) => string | undefined;

/** OpenWrt's own number; a guest with a telephone and a browser has some hundred flows. */
const CONNTRACK_MIN = 16_384;
/** Beyond this share newcomers' flows are near to being refused ("nf_conntrack: table full, dropping packet"). */
const CONNTRACK_FULL_SHARE = 0.8;
/** Of the resolvers that are named. */
const RESOLVERS_MAX = 5;

/** Probes of the host's settings that were found to matter. They read files of /proc/sys and /sys only. */
export function settingProbes(config: Config | undefined, read: ReadSetting = readSetting): Probe[] {
	return [
		{
			name: 'frames within a bridge pass no IP rules (bridge-nf-call)',
			grade: 'should',
			fix: 'sysctl -w net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0, also in /etc/sysctl.conf',
			run: async () => describeBridge(read),
		},
		{
			name: 'questions for an address reach every station (multicast_snooping)',
			grade: 'should',
			fix: "ip link set dev BRIDGE type bridge mcast_snooping 0; on OpenWrt: option igmp_snooping '0' in the section of the device",
			run: async () => describeSnooping(read, config?.devices.metered ?? []),
		},
		{
			name: 'room for tracked flows',
			grade: 'should',
			fix: `sysctl -w net.netfilter.nf_conntrack_max=${2 * CONNTRACK_MIN} (300 bytes of memory each), also in /etc/sysctl.conf`,
			run: async () => describeConntrack(read),
		},
		{
			name: 'connections go on after their flow was forgotten (nf_conntrack_tcp_loose)',
			grade: 'should',
			fix: 'sysctl -w net.netfilter.nf_conntrack_tcp_loose=1, also in /etc/sysctl.conf',
			run: async () => describeLoose(read),
		},
		{
			name: 'packets of stations are forwarded (ip_forward)',
			grade: 'should',
			fix: 'sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1, also in /etc/sysctl.conf',
			run: async () => describeForwarding(read),
		},
		{
			name: 'a way to the internet (default route)',
			grade: 'should',
			fix: 'look at the uplink: ip route; ip -6 route; on OpenWrt: ifstatus wan',
			run: async () => describeDefaultRoutes(readDefaultRoutes(), config?.devices.metered ?? []),
		},
		{
			name: 'answers may come by any uplink (rp_filter)',
			grade: 'should',
			fix: 'sysctl -w net.ipv4.conf.all.rp_filter=2, and the same for each uplink, also in /etc/sysctl.conf',
			run: async () => describeReversePath(read, readUplinks(), config?.devices.metered ?? []),
		},
	];
}

/** @throws OctroiError `feature_missing` */
export function describeBridge(read: ReadSetting): string {
	const names = ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables'];
	const values = names.map((name) => read(`/proc/sys/net/bridge/${name}`));
	const on = names.filter((_, index) => Number(values[index] ?? 0) !== 0);
	if (on.length > 0) {
		throw missing(`${on.join(' and ')} is 1: what stations of one bridge send each other passes the rules as well`);
	}
	return values.every((value) => value === undefined) ? 'br_netfilter is not loaded' : 'both are 0';
}

/**
 * A bridge that snoops sends a neighbour solicitation to those alone who joined the group: a station can bring it to leave others out (decision 54).
 *
 * @throws OctroiError `feature_missing`
 */
export function describeSnooping(read: ReadSetting, metered: readonly string[]): string {
	const snooping = metered.filter(
		(device) => Number(read(`/sys/class/net/${device}/bridge/multicast_snooping`) ?? 0) !== 0,
	);
	if (snooping.length === 0) return 'no metered bridge keeps multicast back';
	throw missing(
		`${snooping.join(' and ')}: whether a station is still at its IPv6 address cannot be asked, so it keeps the address until its session ends`,
	);
}

/** @throws OctroiError `feature_missing` */
export function describeConntrack(read: ReadSetting): string {
	const [most, count] = ['max', 'count'].map((name) => read(`/proc/sys/net/netfilter/nf_conntrack_${name}`));
	if (most === undefined || count === undefined) throw missing('nf_conntrack_max cannot be read here');
	const use = `${Number(count)} of ${Number(most)} are in use`;
	if (Number(count) > Number(most) * CONNTRACK_FULL_SHARE) throw missing(`nearly full: ${use}`);
	if (Number(most) < CONNTRACK_MIN) throw missing(`nf_conntrack_max is less than ${CONNTRACK_MIN}: ${use}`);
	return use;
}

/** @throws OctroiError `feature_missing` */
export function describeLoose(read: ReadSetting): string {
	const value = read('/proc/sys/net/netfilter/nf_conntrack_tcp_loose');
	if (value === undefined) throw missing('nf_conntrack_tcp_loose cannot be read here');
	// A flow that is cut, because its meter changed, begins anew in the middle: with 0 conntrack takes it for invalid.
	if (Number(value) === 0) throw missing('it is 0: connections hang when their meter changes');
	return 'it is 1';
}

/** @throws OctroiError `feature_missing` */
export function describeReversePath(read: ReadSetting, uplinks: readonly string[], metered: readonly string[]): string {
	const value = (device: string) => Number(read(`/proc/sys/net/ipv4/conf/${device}/rp_filter`) ?? 0);
	// The kernel takes the larger one (ip-sysctl).
	const strict = uplinks.filter((device) => !metered.includes(device) && Math.max(value('all'), value(device)) === 1);
	if (uplinks.length > 1 && strict.length > 0) {
		throw missing(
			`strict on ${strict.join(', ')}: of ${uplinks.length} uplinks, answers by another one than the best are dropped`,
		);
	}
	return uplinks.length > 1 ? 'not strict on any uplink' : `there is ${uplinks.length === 1 ? 'one' : 'no'} uplink`;
}

/** @throws OctroiError `feature_missing` */
export function describeForwarding(read: ReadSetting): string {
	const families = [
		['IPv4', '/proc/sys/net/ipv4/ip_forward'],
		['IPv6', '/proc/sys/net/ipv6/conf/all/forwarding'],
	] as const;
	const off = families.filter(([, path]) => read(path) === undefined || Number(read(path)) === 0);
	if (off.length === families.length) throw missing('off in both families: no station reaches the internet');
	return off.length === 0 ? 'on in both families' : `on; not for ${off.map(([family]) => family).join()}`;
}

/** @throws OctroiError `feature_missing` */
export function describeDefaultRoutes(routes: readonly DefaultRoute[], metered: readonly string[]): string {
	const outside = routes.filter(({ device }) => !metered.includes(device));
	if (outside.length === 0) throw missing('there is none: what stations send to the internet is refused at once');
	const up = outside.filter((route) => route.up);
	const names = (some: readonly DefaultRoute[]) => [...new Set(some.map(({ device }) => device))].join(', ');
	if (up.length === 0) throw missing(`by ${names(outside)}, which is down`);
	return `by ${names(up)}`;
}

/** Probes of what other programs and stations do beside the meter; they ask the kernel. */
export function neighbourhoodProbes(
	config: Config,
	withNetfilter: <Value>(use: (netfilter: NetlinkConnection) => Promise<Value>) => Promise<Value>,
): Probe[] {
	const names = [...config.garden.names, ...config.zeroRated.names];
	return [
		{
			name: 'no rule of another program disturbs the meter',
			grade: 'should',
			fix: 'delete the rule (nft delete rule FAMILY TABLE CHAIN handle N), or give Octroi other bits: mark.mask',
			async run() {
				const found = foreignRules(await readRuleset(), config.mark.mask);
				if (found.length > 0) throw missing(found.map(({ where, does }) => `${where} ${does}`).join('; '));
				return 'none writes our bits of the mark, skips conntrack or the forward hook';
			},
		},
		{
			name: "guests reach the portal through this router's own firewall",
			grade: 'must',
			fix: `accept TCP to port ${config.portal.port} from ${config.devices.metered.join(', ')} in the input rules of the firewall`,
			run: async () => withNetfilter(describePortal),
		},
		{
			name: "stations ask this router's resolver",
			grade: names.length > 0 ? 'should' : 'optional',
			fix: 'send port 53 of the metered devices to this router (OpenWrt: a redirect in /etc/config/firewall); DNS by HTTPS cannot be seen',
			run: async () => withNetfilter((netfilter) => describeResolvers(netfilter, config.mark.mask)),
		},
	];
}

/** By what real guests did since the table was made. @throws OctroiError `feature_missing`, `netlink_*` */
async function describePortal(netfilter: NetlinkConnection): Promise<string> {
	const { sent, reached } = (await new RefusalReader(netfilter).counts()).portal;
	if (sent === 0) return 'no guest was sent to it yet';
	// A connection that is not let in is asked for again, and sent here again.
	const few = reached === 0 ? 'none' : `only ${reached}`;
	if (reached * 2 < sent) throw missing(`of ${sent} connections that were sent to it ${few} came through`);
	return `${reached} of ${sent} connections that were sent to it came through`;
}

/** Names that are asked elsewhere fill no set of ours. @throws OctroiError `feature_missing`, `netlink_*` */
async function describeResolvers(netfilter: NetlinkConnection, mask: number): Promise<string> {
	const flows = await netfilter.list(dumpConntrackByMark({ mark: 0, mask: 0 }), decodeConntrack);
	const others = foreignResolvers(flows, mask);
	if (others.length === 0) return 'no tracked flow goes to another one';
	const list = others.slice(0, RESOLVERS_MAX).join(', ');
	throw missing(
		`flows of stations go to ${list}${others.length > RESOLVERS_MAX ? ', …' : ''}: names there fill no set of names`,
	);
}

/** The resolvers that flows of sessions go to past ours, each once. Names to this router have marks too: those of its own addresses do not pass the forward hook. */
export function foreignResolvers(flows: readonly ConntrackEntry[], mask: number): string[] {
	const { kindOf } = markKinds(mask);
	const isName = ({ destinationPort: port }: ConntrackEntry) => port === 53 || port === 853;
	const isOfSession = ({ mark }: ConntrackEntry) => ['own', 'tethered', 'zeroRated'].includes(kindOf(mark) ?? '');
	const destinations = flows.filter((flow) => isName(flow) && isOfSession(flow)).map(({ destination }) => destination);
	return [...new Set(destinations)];
}

function missing(message: string): OctroiError {
	return new OctroiError('feature_missing', message);
}

function readSetting(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		// Another kernel, a module that is not loaded, or a namespace that has no such file.
		return undefined;
	}
}
