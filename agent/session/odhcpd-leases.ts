import { isIP } from 'node:net';
import { parseMacAddress } from '../core/mac-address.ts';
import type { MacAddress } from '../core/units.ts';
import type { Lease } from './leases.ts';

/**
 * `# interface mac ipv4 name until hexaddress 32 address/32`, as `statefiles_write_state4` of odhcpd writes it (src/statefiles.c of June 2026, commit
 * 68f38269; OpenWrt 25.12). Until November 2025 (`dhcpv6_ia_write_statefile` of OpenWrt 24.10 and before) the hardware address is twelve digits. The
 * name may contain blanks, so all else is counted from the ends.
 */
const LEASE4 = /^# \S+ ([0-9A-Fa-f:]{11,17}) ipv4 (.*) (-?\d{1,16}) ([0-9a-f]{1,8}) 32 (\d{1,3}(?:\.\d{1,3}){3})\/32$/;
/** `# interface duid iaid name until id length [address/length …]`: no hardware address, so nothing of it is a lease here. */
const LEASE6 = /^# \S+ [0-9a-f]* [0-9a-f]{1,8} .* -?\d{1,16} [0-9a-f]{1,16} \d{1,3}(?: [0-9a-f:.]+\/\d{1,3})* ?$/;
/** `address name [name]` for the resolver, until November 2025. */
const HOST = /^[0-9a-f:.]+(?:\t\S+)+$/;

/** What the state file says, as far as it can be believed. */
export type OdhcpdLeases = {
	readonly leases: Lease[];
	/** Leases of IPv6, which carry no hardware address. */
	readonly count6: number;
	/** Lines that are none of odhcpd's: a client's name has a line end (before June 2026 names were written as they came). */
	readonly brokenCount: number;
};

/** Does odhcpd's state file begin with this line? A name with a line end may have cut it off. */
export function isOdhcpdLine(line: string): boolean {
	return /^# \S+ [0-9A-Fa-f:]* (?:ipv4|[0-9a-f]{1,8}) /.test(line) || HOST.test(line);
}

/**
 * Reads odhcpd's state file. A name with line ends in it, which old versions wrote as it was, can look like leases of others: what stands between the
 * first and the last line that is none of odhcpd's may have come from a name, and is left out.
 */
export function parseOdhcpdLeases(text: string): OdhcpdLeases {
	const lines = linesOf(text);
	const isKnown = lines.map((line) => line === '' || HOST.test(line) || LEASE4.test(line) || LEASE6.test(line));
	const first = isKnown.indexOf(false);
	const last = isKnown.lastIndexOf(false);
	const believed = first < 0 ? lines : lines.filter((_, index) => index < first || index > last);
	return {
		leases: believed.flatMap((line) => leaseOf(line) ?? []),
		count6: believed.filter((line) => LEASE6.test(line) && !LEASE4.test(line)).length,
		brokenCount: isKnown.filter((known) => !known).length,
	};
}

/** Complete lines only: half an address is an address too. */
function linesOf(text: string): string[] {
	return text.split('\n').slice(0, -1);
}

function leaseOf(line: string): Lease | undefined {
	const [, hardware = '', name = '', until = '', digits = '', address = ''] = LEASE4.exec(line) ?? [];
	if (isIP(address) !== 4 || Number.parseInt(digits, 16) !== numberOf(address)) return undefined;
	// −1: for ever, which dnsmasq and we write as 0; 0: it is over.
	if (until === '0') return undefined;
	const mac = macOf(hardware);
	const expiresSeconds = Math.max(0, Number(until));
	return mac && { mac, address, name: nameOf(name), expiresSeconds };
}

/** musl's ether_ntoa writes two digits for a byte, glibc's one where it is below sixteen. */
function macOf(hardware: string): MacAddress | undefined {
	const bytes = hardware.includes(':') ? hardware.split(':').map((byte) => byte.padStart(2, '0')) : [hardware];
	try {
		return parseMacAddress(bytes.join(''));
	} catch {
		// A group address, or another link layer.
		return undefined;
	}
}

/** `-`: the client said none. `broken\x20`: it said one that is no host name; `\xNN` stands for a character that no host name has. */
function nameOf(name: string): string | undefined {
	return name === '-' || name.startsWith('broken') || name.includes('\\x') ? undefined : name;
}

function numberOf(address: string): number {
	return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
