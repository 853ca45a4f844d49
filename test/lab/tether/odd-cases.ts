import type { Random } from '../random.ts';
import type { Case, Machine, Step } from './case.ts';
import { DHCP, steps } from './habits.ts';

/** Of each kind: together with the systems by themselves over 300, for a share of 1 % to be more than a single one. */
const EACH = 14;

const LINUX = 'mss,sok,ts,nop,ws:df,id+:0';
const WINDOWS = 'mss,nop,ws,nop,nop,sok:df,id+:0';
const signature = (text: string) => ({ text, start: Number(text.split(':')[1]) });
const REAL: Machine = { name: 'Linux (real)' };
const WINDOWS_10: Machine = { name: 'Windows 10', signature: signature(`*:128:0:*:64240,8:${WINDOWS}`) };
const PLAYSTATION: Machine = {
	name: 'PlayStation',
	signature: signature('*:64:0:*:65535,6:mss,nop,ws,sok,ts:df,id+:0'),
};
const NINTENDO: Machine = { name: 'Nintendo', signature: signature('*:64:0:1360:32768,0:mss,nop,nop,sok:df,id+:0') };

type Odd = Pick<Case, 'group' | 'title' | 'phone'> &
	Partial<Pick<Case, 'dhcp' | 'family'>> & { check?: string; extra: (random: Random) => Step[] };

const udp = (port: number, hopLimit?: number): Step => ({
	from: 'phone',
	kind: 'datagram',
	port,
	...(hopLimit === undefined ? {} : { hopLimit }),
});
const tcp = (text?: string): Step => ({
	from: 'phone',
	kind: 'tcp',
	...(text === undefined ? {} : { as: signature(text) }),
});
const many = <Value>(count: number, make: (index: number) => Value) => Array.from({ length: count }, (_, i) => make(i));

/** Stations that nobody is behind, and that simple rules take for tethering. */
const ODD: readonly Odd[] = [
	{
		group: 'VPN on the phone',
		title: 'a tunnel over UDP (WireGuard, OpenVPN, IKE), and what bypasses it',
		phone: REAL,
		dhcp: DHCP.android,
		extra: (random) => many(12, () => udp([51_820, 1194, 4500][random.between(0, 2)] as number)),
	},
	{
		group: 'VPN on the phone',
		title: 'a smaller segment size beside the usual one, and a window that follows it',
		phone: REAL,
		extra: () => many(8, () => tcp(`*:64:0:1320:mss*44,10:${LINUX}`)),
	},
	{
		group: 'VPN on the phone',
		title: 'Windows with a tunnel: smaller segments',
		phone: WINDOWS_10,
		dhcp: DHCP.windows,
		check: 'www.msftconnecttest.com',
		extra: () => many(8, () => tcp(`*:128:0:1360:64240,8:${WINDOWS}`)),
	},
	{
		group: 'console',
		title: 'PlayStation: games over UDP with odd hop limits',
		phone: PLAYSTATION,
		dhcp: DHCP.playstation,
		check: 'get.net.playstation.net',
		extra: (random) => many(12, () => udp(random.between(3000, 9000), [32, 64, 100, 30][random.between(0, 3)])),
	},
	{
		group: 'console',
		title: 'Nintendo: pings of neighbours with small hop limits',
		phone: NINTENDO,
		check: 'ctest.cdn.nintendo.net',
		extra: (random) => many(12, () => udp(random.between(3000, 9000), random.between(1, 16))),
	},
	{
		group: 'console',
		title: "Xbox: Windows' stack and names",
		phone: WINDOWS_10,
		dhcp: DHCP.xbox,
		check: 'www.msftconnecttest.com',
		extra: (random) => many(10, () => udp(random.between(3000, 9000))),
	},
	{
		group: 'dual stack',
		title: 'Linux over both families',
		phone: REAL,
		family: 'both',
		dhcp: DHCP.android,
		extra: () => many(8, () => tcp()),
	},
	{
		group: 'dual stack',
		title: 'Windows over both families, with the hop limit of the router for IPv6',
		phone: { ...WINDOWS_10, startIpv6: 64 },
		family: 'both',
		dhcp: DHCP.windows,
		check: 'www.msftconnecttest.com',
		extra: () => many(8, () => tcp()),
	},
	{
		group: 'dual stack',
		title: 'Windows over both families',
		phone: WINDOWS_10,
		family: 'both',
		dhcp: DHCP.windows,
		extra: () => many(8, () => tcp()),
	},
	{
		group: 'one system, odd packets',
		title: 'traceroute: hop limits from 1',
		phone: REAL,
		extra: () => many(30, (index) => udp(33_434 + index, index + 1)),
	},
	{
		group: 'one system, odd packets',
		title: 'a program that sets its buffers: another window and scale',
		phone: REAL,
		dhcp: DHCP.linux,
		extra: () => many(8, (index) => tcp(`*:64:0:*:${index % 2 ? 8192 : 65_535},${index % 2 ? 2 : 11}:${LINUX}`)),
	},
	{
		group: 'one system, odd packets',
		title: 'Windows that leaves options out for peers that do not answer',
		phone: WINDOWS_10,
		dhcp: DHCP.windows,
		extra: () => many(6, () => tcp('*:128:0:*:64240,0:mss,nop,nop,sok:df,id+:0')),
	},
	{
		group: 'one system, odd packets',
		title: 'a scanner beside the usual programs',
		phone: REAL,
		extra: (random) => many(12, () => tcp(`*:64:0:1460:${1024 * random.between(1, 4)},0:mss::0`)),
	},
	{
		group: 'one system, odd packets',
		title: 'Windows with a hop limit that was set by hand',
		phone: { name: 'Windows, 64', signature: signature(`*:64:0:*:64240,8:${WINDOWS}`) },
		dhcp: DHCP.windows,
		check: 'www.msftconnecttest.com',
		extra: () => many(8, () => tcp()),
	},
	{
		group: 'one system, odd packets',
		title: "one program that asks for another system's name",
		phone: REAL,
		dhcp: DHCP.android,
		extra: () => [{ from: 'phone', kind: 'name', name: 'captive.apple.com' }],
	},
];

export function oddCases(random: Random): Case[] {
	return ODD.flatMap(({ check, extra, family = 'ipv4', ...odd }) =>
		many(EACH, () => ({
			...odd,
			family,
			rewrites: false,
			heldOut: false,
			steps: mixed(
				random,
				steps(random, { phoneCheck: check, behindCheck: undefined, hasBehind: false }),
				extra(random),
			),
		})),
	);
}

/** The extra steps at places of chance, in their order, but never first. */
function mixed(random: Random, usual: Step[], extra: Step[]): Step[] {
	const places = extra.map(() => random.between(2, usual.length)).toSorted((first, second) => first - second);
	const all: Step[] = [];
	for (const [index, step] of usual.entries()) {
		while (places.length > 0 && (places[0] as number) <= index) {
			all.push(extra[extra.length - places.length] as Step);
			places.shift();
		}
		all.push(step);
	}
	return [...all, ...extra.slice(extra.length - places.length)];
}
