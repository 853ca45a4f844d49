import { wholeNumber, yesOrNo } from '../core/value-rule.ts';
import type { Option } from './option.ts';
import { addressRanges, hostName, hostNames } from './value-rules.ts';

/** What stations meet at the edge: where they go without paying, the portal, and names before login. */
export const EDGE_OPTIONS: readonly Option[] = [
	{
		path: 'garden.names',
		title: 'Names whose addresses are free for everybody',
		default: [],
		rule: hostNames,
		needsRestart: true,
		caution:
			'Each name stands for all that is below it. Works only with the lines of `octroi dnsmasq` in the resolver. A name of a large host or content network opens much that shares its addresses.',
	},
	{
		path: 'garden.bytesPerSecond',
		title: 'Walled garden: bytes of one station, both directions together',
		default: 100_000,
		unit: 'bytes per second',
		// A minute of it is the burst of a limit, which has 32 bits.
		rule: wholeNumber({ min: 1000, max: 50_000_000 }),
		needsRestart: true,
		caution:
			'A minute of it may come at once. Too low: pages there load slowly, also with a session. A far end that pretends to be one of its addresses carries at most this for a station, and nobody is charged.',
	},
	{
		path: 'zeroRated.ipv4',
		title: 'IPv4 ranges that stations with a session reach without spending their balance',
		default: [],
		rule: addressRanges(4),
		needsRestart: true,
		caution:
			'Counted apart, and open also when the balance is used up or the account is blocked. Too wide: paid traffic is free.',
	},
	{
		path: 'zeroRated.ipv6',
		title: 'IPv6 ranges that stations with a session reach without spending their balance',
		default: [],
		rule: addressRanges(6),
		needsRestart: true,
		caution: 'As for IPv4; a service that has both kinds of address needs both.',
	},
	{
		path: 'zeroRated.names',
		title: 'Names whose addresses stations with a session reach without spending their balance',
		default: [],
		rule: hostNames,
		needsRestart: true,
		caution:
			'Each name stands for all that is below it. Works only with the lines of `octroi dnsmasq` in the resolver. What shares an address with it is free too.',
	},
	{
		path: 'portal.port',
		title: 'TCP port of the portal on the router, to which port 80 is redirected before login',
		default: 2050,
		rule: wholeNumber({ min: 1, max: 65_535 }),
		needsRestart: true,
		caution:
			"The router's own firewall must let the metered devices in. Port 80 itself is often the router's own web interface.",
	},
	{
		path: 'portal.name',
		title: "Name of the portal, which the router's resolver answers with its own address",
		default: 'portal.home.arpa',
		rule: hostName,
		needsRestart: true,
		caution: 'With a certificate it must be the name in it. A name that exists elsewhere is hidden from the stations.',
	},
	{
		path: 'portal.httpsPort',
		title: 'TCP port of the portal for HTTPS, if it has a certificate',
		rule: wholeNumber({ min: 1, max: 65_535 }),
		needsRestart: true,
		caution:
			'Absent: the portal is not announced by DHCP and router advertisements (RFC 8910 wants HTTPS); devices find it by their own probes. Announced without a valid certificate, devices show no portal at all.',
	},
	{
		path: 'portal.advertisementQueue',
		title: "Number of the netfilter queue for the router's own advertisements, which get the portal's address there",
		default: 7211,
		rule: wholeNumber({ min: 0, max: 65_535 }),
		needsRestart: true,
		caution:
			'Used only with `portal.httpsPort`. If another program reads the same queue, it decides what becomes of the advertisements, without which there is no IPv6.',
	},
	{
		path: 'dns.bytesPerSecond',
		title: 'Names before login: bytes of questions and answers together, for each station, over any minute',
		default: 100,
		unit: 'bytes per second',
		rule: wholeNumber({ min: 10, max: 10_000 }),
		needsRestart: true,
		caution:
			'Most of a minute comes at once, the rest steadily: 15 % of the rate. Too low: what a telephone asks for when it joins is not all answered. A tunnel through DNS gets at most this.',
	},
	{
		path: 'dns.sessionBytesPerSecond',
		title:
			'Names of a station that spends credit: bytes of questions and answers together that are not charged, over any minute',
		default: 2000,
		unit: 'bytes per second',
		rule: wholeNumber({ min: 0, max: 100_000 }),
		needsRestart: true,
		caution:
			'What exceeds it is charged as traffic. 70 % of a minute comes at once, the rest steadily. Too low: customers pay for the names of ordinary pages; 0 charges all names. Too high: a tunnel through DNS gets so much for nothing.',
	},
	{
		path: 'inbound.allowed',
		title: 'Whether flows that begin outside reach stations that spend credit: port forwards, inbound IPv6, pings',
		default: false,
		rule: yesOrNo,
		needsRestart: true,
		caution:
			"On: whoever knows a station's address can spend its balance, without being asked to. The router's own firewall must let them in, too. A station is reached by an address after it has begun a flow from it; one that tethers is not.",
	},
	{
		path: 'inbound.bytesPerSecond',
		title: 'Bytes to each address of a station, of flows from outside that it has not answered yet',
		default: 1000,
		unit: 'bytes per second',
		// Ten seconds of it are the burst of a limit; less than a packet would let nothing in.
		rule: wholeNumber({ min: 200, max: 10_000_000 }),
		needsRestart: true,
		caution:
			'Used only with `inbound.allowed`. Ten seconds of it may come at once. What the station answers is not bounded by it. Too high: what it never wanted costs it more.',
	},
];
