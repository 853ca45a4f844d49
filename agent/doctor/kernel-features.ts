import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { readDevices } from '../dataplane/devices.ts';
import { offloadError, offloadingFlowtables } from '../dataplane/flow-offload.ts';
import { describeNeighbourLimits, NEIGHBOURS_FIX } from '../dataplane/neighbour-limits.ts';
import { nftVersion, runNft } from '../dataplane/nft.ts';
import { probeQueue } from '../dataplane/queue-mode.ts';
import {
	decodeConntrack,
	dumpConntrackByMark,
	extendedErrorsAvailable,
	NETLINK_NETFILTER,
	NETLINK_ROUTE,
	NetlinkConnection,
	refusalOf,
} from '../netlink/index.ts';
import { readUplinks } from '../shaping/default-routes.ts';
import { describeShaping } from '../shaping/doctor.ts';
import type { Feature, Probe } from './feature.ts';
import { neighbourhoodProbes, settingProbes } from './host-features.ts';

/** Rules that use one feature each. The kernel checks them and keeps nothing (`nft -c`). */
const RULES: readonly (readonly [name: string, rules: string, fix: string])[] = [
	['nf_tables, family inet', '', 'kernel: CONFIG_NF_TABLES_INET; OpenWrt: kmod-nft-core'],
	['counter objects', 'counter c { }', 'kernel: CONFIG_NF_TABLES; OpenWrt: kmod-nft-core'],
	['quota objects', 'quota q { until 1 bytes }', 'kernel: CONFIG_NFT_QUOTA; OpenWrt: kmod-nft-core'],
	[
		'limit objects',
		'limit l { rate 1000 bytes/second burst 1000 bytes }',
		'kernel: CONFIG_NFT_LIMIT; OpenWrt: kmod-nft-core',
	],
	[
		'object maps, keyed by the masked conntrack mark',
		'map m { type mark : quota; size 16; }\nchain c { quota name ct mark and 0xffff8000 map @m accept\n}',
		'kernel: CONFIG_NFT_OBJREF and CONFIG_NFT_CT; OpenWrt: kmod-nft-core',
	],
	[
		'elements with time-outs',
		'set s { type mark; size 16; flags timeout; }\nchain c { ct mark and 0xffff8000 @s accept\n}',
		'kernel: CONFIG_NF_TABLES with hash sets; OpenWrt: kmod-nft-core',
	],
	[
		'conntrack marks from hardware addresses',
		'map m { type ether_addr : mark; size 16; }\nchain c { ct mark set ether saddr map @m\n}',
		'kernel: CONFIG_NF_CONNTRACK_MARK and CONFIG_NFT_CT; OpenWrt: kmod-nft-core',
	],
	[
		'hooks at input, output and forward',
		['input', 'output', 'forward']
			.map((hook) => `chain ${hook}_ { type filter hook ${hook} priority filter + 10; }`)
			.join('\n'),
		'kernel: CONFIG_NF_TABLES_INET; OpenWrt: kmod-nft-core',
	],
	[
		'redirect to the portal, both families',
		'chain c { type nat hook prerouting priority dstnat - 10; meta l4proto tcp redirect to :2050\n}',
		'kernel: CONFIG_NFT_NAT and CONFIG_NFT_REDIR; OpenWrt: kmod-nft-nat',
	],
	[
		'refusal with a reset or an ICMP error',
		'chain c { meta l4proto tcp reject with tcp reset\nreject with icmpx port-unreachable\n}',
		'kernel: CONFIG_NFT_REJECT_INET; OpenWrt: kmod-nft-core',
	],
	[
		'sets that packets fill, with a limit for each element',
		'set s { type ether_addr; size 16; flags dynamic, timeout; timeout 1m; }\nchain c { update @s { ether saddr limit rate 40 bytes/second burst 4000 bytes } accept\n}',
		'kernel: CONFIG_NFT_LIMIT and dynamic sets (4.3); OpenWrt: kmod-nft-core',
	],
	[
		'whether an address belongs to the device that it comes from',
		'chain c { type filter hook forward priority filter + 10; fib saddr . iif oif missing drop\n}\nchain p { type filter hook prerouting priority mangle - 5; ct direction original accept\nfib saddr type local drop\nfib saddr oif "lo" drop\n}',
		'kernel 5.11 or newer with CONFIG_NFT_FIB_INET; OpenWrt: kmod-nft-fib',
	],
];

/**
 * Probes one by one what the agent needs of kernel and system. Nothing stays behind, nothing is thrown for a missing one.
 *
 * @param config for what depends on it: flow offload over the metered devices; absent if it could not be read
 */
export async function probeFeatures(config: Config | undefined): Promise<readonly Feature[]> {
	const features: Feature[] = [];
	for (const probe of probes(config)) {
		const { name, grade, fix } = probe;
		try {
			features.push({ name, grade, fix: '', ok: true, detail: await probe.run() });
		} catch (error) {
			features.push({ name, grade, ok: false, detail: firstLine((error as Error).message), fix: fixOf(error, fix) });
		}
	}
	return features;
}

/** A refusal for want of permission, or a missing program, says nothing of the feature: then the error knows better. */
function fixOf(error: unknown, fix: string): string {
	if (!(error instanceof OctroiError) || error.fix === undefined) return fix;
	const denied = error.code === 'permission_denied' || refusalOf(error)[0]?.errno === 'EPERM';
	return denied || error.code === 'feature_missing' || error.code === 'flow_offload_active' ? error.fix : fix;
}

function probes(config: Config | undefined): Probe[] {
	return [
		{ name: 'the program nft', grade: 'must', fix: 'install nftables', run: nftVersion },
		...RULES.map(
			([name, rules, fix]): Probe => ({
				name,
				grade: 'must',
				fix,
				async run() {
					await runNft(`table inet octroi_probe {\n${rules}\n}\n`, { checkOnly: true });
					return 'the kernel takes it';
				},
			}),
		),
		{
			name: 'conntrack by netlink',
			grade: 'must',
			fix: 'kernel: CONFIG_NF_CT_NETLINK; OpenWrt: kmod-nf-conntrack-netlink',
			run: () => withConnection(NETLINK_NETFILTER, probeConntrack),
		},
		{
			name: 'the native part of netlink',
			grade: 'must',
			fix: 'run `npm run build:native`; without it, a flood of events ends the agent, and errors have no words',
			async run() {
				if (!extendedErrorsAvailable()) throw new OctroiError('feature_missing', 'the native part is not built');
				return 'the native part is built';
			},
		},
		...forwardingProbes(config),
		...settingProbes(config),
		{
			name: 'room for neighbours while somebody floods with made-up ones',
			grade: 'should',
			fix: NEIGHBOURS_FIX,
			run: async () => describeNeighbourLimits(),
		},
		...(config
			? [
					deviceProbe(config),
					offloadProbe(config),
					...neighbourhoodProbes(config, (use) => withConnection(NETLINK_NETFILTER, use)),
				]
			: []),
		{
			name: 'queues for the speeds of plans and for fair use',
			grade: config?.plans.some(hasSpeed) === true ? 'should' : 'optional',
			fix: 'kernel: CONFIG_NET_SCH_HTB and CONFIG_NET_SCH_FQ_CODEL; OpenWrt: kmod-sched-core. Without them a limit drops what is too fast',
			run: () =>
				withConnection(NETLINK_ROUTE, (route) =>
					describeShaping(route, [...(config?.devices.metered ?? []), ...readUplinks()]),
				),
		},
		{
			name: 'a queue for first packets, to tell tethered flows from own ones',
			grade: config?.tethered.detect === true ? 'should' : 'optional',
			fix: 'kernel: CONFIG_NFT_QUEUE, or CONFIG_NFT_COMPAT with CONFIG_NETFILTER_XT_TARGET_NFQUEUE; OpenWrt: kmod-nft-queue. Without it all flows count as own',
			run: describeQueue,
		},
		...(config ? [announcementProbe(config)] : []),
	];
}

function describeQueue(): Promise<string> {
	return withConnection(NETLINK_NETFILTER, async (netfilter) => {
		const mode = await probeQueue(netfilter);
		if (mode === 'none') throw new OctroiError('feature_missing', 'neither nftables nor xtables has one');
		return mode === 'native' ? 'the kernel has `queue`' : 'by the target NFQUEUE of xtables';
	});
}

function announcementProbe({ portal }: Config): Probe {
	return {
		name: "the portal's address in the router's own advertisements (RFC 8910)",
		grade: portal.httpsPort === undefined ? 'optional' : 'should',
		fix: 'kernel: as for first packets. Without it only DHCP announces the portal',
		async run() {
			if (portal.httpsPort === undefined) {
				throw new OctroiError('feature_missing', 'the portal has no HTTPS, without which nothing is announced', {
					fix: 'set portal.httpsPort, portal.certificate and portal.key',
				});
			}
			return `${await describeQueue()}, number ${portal.advertisementQueue}`;
		},
	};
}

function deviceProbe(config: Config): Probe {
	return {
		name: 'the metered devices',
		grade: 'should',
		fix: 'name the right device as devices.metered, or bring it up: the agent waits for it',
		run: () =>
			withConnection(NETLINK_ROUTE, async (route) => {
				const devices = await readDevices(route);
				const absent = config.devices.metered.filter((name) => !devices.has(name));
				if (absent.length > 0) throw new OctroiError('not_found', `there is no ${absent.join(', ')}`);
				return config.devices.metered.join(', ');
			}),
	};
}

function offloadProbe(config: Config): Probe {
	return {
		name: 'no flow offload past the meter',
		grade: 'must',
		fix: 'switch off flow offloading for the metered devices, and run as root to see whether it is off',
		run: () =>
			withConnection(NETLINK_ROUTE, async (route) =>
				withConnection(NETLINK_NETFILTER, async (netfilter) => {
					const devices = await readDevices(route);
					const found = await offloadingFlowtables(netfilter, { free: config.devices.free, devices });
					if (found.length > 0) throw offloadError(found);
					return 'no flowtable covers a metered device';
				}),
			),
	};
}

async function probeConntrack(netfilter: NetlinkConnection): Promise<string> {
	const flows = await netfilter.list(dumpConntrackByMark({ mark: 0xffff_ffff, mask: 0xffff_ffff }), decodeConntrack);
	return flows.length === 0 ? 'answers' : `answers (${flows.length} flows)`;
}

/** A venue whose metered devices have no IPv6 needs none. */
function forwardingProbes(config: Config | undefined): Probe[] {
	const families = [
		{ family: 'IPv4', setting: 'net.ipv4.ip_forward', grade: 'must' },
		{ family: 'IPv6', setting: 'net.ipv6.conf.all.forwarding', grade: hasIPv6(config) ? 'must' : 'optional' },
	] as const;
	return families.map(({ family, setting, grade }) => ({
		name: `forwarding of ${family}`,
		grade,
		fix: `sysctl -w ${setting}=1`,
		async run() {
			const value = await readFile(`/proc/sys/${setting.replaceAll('.', '/')}`, 'utf8').catch(() => '0');
			if (value.trim() === '0') throw new OctroiError('feature_missing', `this host does not forward ${family}`);
			return `${setting} is ${value.trim()}`;
		},
	}));
}

/** Whether a metered device has an address of IPv6 that goes further than its link. */
function hasIPv6(config: Config | undefined): boolean {
	const devices = networkInterfaces();
	return (config?.devices.metered ?? []).some((name) =>
		devices[name]?.some(({ family, address }) => family === 'IPv6' && !/^fe[89ab]/i.test(address)),
	);
}

function hasSpeed({ atEnd, pace }: Config['plans'][number]): boolean {
	return atEnd === 'throttle' || pace !== undefined;
}

async function withConnection<Value>(
	protocol: number,
	use: (connection: NetlinkConnection) => Promise<Value>,
): Promise<Value> {
	const connection = new NetlinkConnection({ protocol });
	connection.start();
	try {
		return await use(connection);
	} finally {
		connection.stop();
	}
}

function firstLine(text: string): string {
	return text.split('\n')[0] ?? text;
}
