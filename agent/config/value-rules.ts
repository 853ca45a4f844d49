import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { listOf, parsedText, quoteValue, textOf, type ValueRule } from '../core/value-rule.ts';
import { parseCidr } from './cidr.ts';
import { CONFIG_VERSION } from './config-version.ts';
import { parseMarkMask } from './mark-mask.ts';

/** An access point has a handful; the bound keeps the rendered ruleset short. */
const DEVICES_MAX = 64;
/** Each is an element of a kernel set; overlap is checked pairwise. */
const GARDEN_RANGES_MAX = 1000;

/** Older versions have been migrated before this is asked. */
export const configVersion: ValueRule<number> = {
	accepts: `the number ${CONFIG_VERSION}`,
	read(input) {
		if (typeof input === 'number' && input > CONFIG_VERSION) {
			return { ok: false, problem: `${input} is newer than this octroi, which knows ${CONFIG_VERSION}` };
		}
		return input === CONFIG_VERSION
			? { ok: true, value: CONFIG_VERSION }
			: { ok: false, problem: `${quoteValue(input)} is not ${this.accepts}` };
	},
};

/** IFNAMSIZ is 16 with its terminating zero; the letters are those that need no quoting in a ruleset. */
const deviceName = textOf(
	/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,15}$/,
	'the name of a network interface: 1 to 15 letters, digits, ".", "_" and "-"',
);

/** As groupadd(8) and OpenWrt's base files have it. */
export const groupName = textOf(
	/^[a-z_][a-z0-9_-]{0,30}$/,
	'the name of a group: 1 to 31 of a-z, 0-9, "_" and "-", not beginning with a digit or "-"',
);

/** Names of network interfaces. */
export function deviceNames(countMin: number): ValueRule<readonly string[]> {
	return listOf(deviceName, { min: countMin, max: DEVICES_MAX });
}

/** CIDRs of one family, each with its prefix length. */
export function addressRanges(family: 4 | 6): ValueRule<readonly string[]> {
	const range = parsedText((text) => parseCidr(text, family).text, `an IPv${family} address or range (CIDR)`);
	return listOf(range, { min: 0, max: GARDEN_RANGES_MAX });
}

/** RFC 1035, 2.3.4: labels of 1 to 63 octets, 255 in all with their lengths. RFC 1123, 2.1: a digit may come first. */
function parseHostName(text: string): string {
	const name = text.toLowerCase();
	if (!/^(?=.{1,253}$)[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)+$/.test(name)) {
		throw new Error(`${JSON.stringify(text.slice(0, 60))} is not a host name such as "pay.example.org"`);
	}
	return name;
}

/** The name of a host; internationalised ones in their ASCII form (`xn--…`). */
export const hostName = parsedText(parseHostName, 'a host name with at least one dot, in ASCII letters');

/** A name with letters beyond ASCII and nothing that a parser of addresses would cut off. */
const IN_OTHER_LETTERS = /^(?=.*[^ -~])[\p{L}\p{M}\p{N}.-]{1,253}$/u;

/**
 * A name of a list, as people copy it: from a browser's address bar without its path, with blanks, a dot at its end (RFC 1034, 3.1), `*.` in front,
 * which each name of these lists means anyway, or in its own script (RFC 5890).
 */
function parseListedName(text: string): string {
	const bare = text
		.trim()
		.replace(/^\*?\./, '')
		.replace(/\.$/, '');
	const address = /^[a-z][a-z0-9+.-]*:\/\/([^/?#:]+)(.*)$/i.exec(bare);
	if (address === null) return parseHostName(IN_OTHER_LETTERS.test(bare) ? domainToASCII(bare) : bare);
	const [, host = '', rest] = address;
	if (rest === '' || rest === '/') return parseListedName(host);
	throw new Error(
		`${JSON.stringify(text.slice(0, 60))} is an address of a page: a whole host is listed, as ${JSON.stringify(host.slice(0, 60))}`,
	);
}

/** Host names; each stands for all that is below it too. */
export const hostNames = listOf(parsedText(parseListedName, 'a host name with at least one dot'), {
	min: 0,
	max: GARDEN_RANGES_MAX,
});

/** An address of this machine, or all of them (`::`, `0.0.0.0`). */
export const listenAddress = parsedText((text) => {
	if (isIP(text) === 0) throw new Error(`${JSON.stringify(text.slice(0, 60))} is not an IP address`);
	return text;
}, 'an IP address');

export const markMask = parsedText(parseMarkMask, 'one run of at least 7 adjacent bits as hexadecimal text');

/** PATH_MAX is 4096 with its terminating zero. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
export const absolutePath = textOf(/^\/[^\u0000-\u001f\u007f]{1,4094}$/, 'an absolute path');

/** sockaddr_un.sun_path has 108 bytes with its terminating zero (unix(7)); 20 are kept for the name used while binding. */
export const socketPath = textOf(
	/^\/[!-~]{1,86}$/,
	'an absolute path of at most 87 characters (ASCII, no spaces) for a Unix socket',
);

/** `EUR`, `₱`, `KSh`; empty: none. */
export const currency = textOf(
	/^(|[^\p{C}\p{Z}\d]{1,8})$/u,
	'a currency of at most 8 characters, without digits and spaces',
);

/** What people read on a page or display. */
export const title = textOf(
	/^(?=.*\S)[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]{1,64}$/u,
	'a text of 1 to 64 characters without control characters',
);

/** IEEE 802.11-2020, 9.4.2.2: at most 32 octets; a control character is not typed by people. */
export const networkName = parsedText((text) => {
	if (!/^[^\p{Cc}\p{Cs}]+$/u.test(text) || Buffer.byteLength(text) > 32) {
		throw new Error(`${JSON.stringify(text.slice(0, 60))} is not the name of a Wi-Fi`);
	}
	return text;
}, 'a text of 1 to 32 bytes in UTF-8 without control characters');

/** What a telephone opens: no spaces, quotes or angle brackets, so that it may stand anywhere. */
export const pageUrl = textOf(
	/^https?:\/\/[A-Za-z0-9[\]:._~/?#@!$&()*+,;=%-]{1,200}$/,
	'an http or https address of at most 200 characters (ASCII, no spaces)',
);
