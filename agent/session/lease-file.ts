import { type Lease, parseLeases } from './leases.ts';
import { isOdhcpdLine, parseOdhcpdLeases } from './odhcpd-leases.ts';

/** What a lease file says. */
export type LeaseFile = {
	readonly leases: readonly Lease[];
	/** What the operator has to know: why there are no leases, or not all. One sentence without the file's name. */
	readonly problem?: string;
};

/** dnsmasq's (src/lease.c, `lease_update_file`): `expiry mac address name client-id`, and `duid …` before leases of IPv6. */
const DNSMASQ_LINE = /^(?:\d{1,16} \S+ [0-9a-fA-F.:]+ \S+(?: \S+)?|duid [0-9a-fA-F:]+)\r?$/;

/** Files that look like a DHCP server's, and are not read: whose they are is said. */
const OTHERS: readonly { readonly pattern: RegExp; readonly whose: string }[] = [
	{ pattern: /^address,hwaddr,client_id,|^address,duid,/, whose: "a file of Kea's (memfile, CSV)" },
	{
		pattern: /^\s*(?:lease|ia-na|server-duid|authoring-byte-order)\b/m,
		whose: "a file of ISC's DHCP server (dhcpd.leases)",
	},
	{ pattern: /^\s*[[{]/, whose: 'a JSON text' },
	{ pattern: /^\0/, whose: "bytes, such as busybox's udhcpd writes" },
];
const EXPECTED =
	'expected is the lease file of dnsmasq (OpenWrt: /tmp/dhcp.leases) or of odhcpd (`leasefile` of section odhcpd in /etc/config/dhcp)';

/**
 * Reads the lease file of dnsmasq or odhcpd, whichever it is. A file with other contents is a problem, and has no leases; an empty one is none, and
 * one whose first line is only half written is not judged yet.
 */
export function readLeaseFile(text: string): LeaseFile {
	const lines = text.split('\n').slice(0, -1);
	const first = lines.find((line) => line.trim() !== '');
	if (first === undefined && !text.startsWith('\0')) return { leases: [] };
	// The first line decides: in what follows there are names that clients chose.
	if (first !== undefined && isOdhcpdLine(first)) return readOdhcpd(text);
	const other = OTHERS.find(({ pattern }) => pattern.test(text))?.whose;
	if (other === undefined && lines.some((line) => DNSMASQ_LINE.test(line))) return { leases: parseLeases(text) };
	const whose = other ?? 'in a format that is not known';
	return { leases: [], problem: `is ${whose}: no lease is read; ${EXPECTED}` };
}

function readOdhcpd(text: string): LeaseFile {
	const { leases, count6, brokenCount } = parseOdhcpdLeases(text);
	if (brokenCount > 0) {
		const problem = `has ${brokenCount} lines that come from the name of a client; what stands between them is not believed; update odhcpd`;
		return { leases, problem };
	}
	if (leases.length > 0) return { leases };
	if (count6 === 0) return { leases, problem: `has names for the resolver, and no lease; ${EXPECTED}` };
	return {
		leases,
		problem:
			'has only IPv6 leases of odhcpd, which carry no hardware address; if dnsmasq gives IPv4 addresses, set leases to its file',
	};
}
