import { readFileSync } from 'node:fs';
import { OctroiError } from '../core/octroi-error.ts';

/**
 * What the kernel's tables of neighbours (ARP, neighbour discovery) should hold, for each family: `net.ipv[46].neigh.default.gc_thresh1` to `3`
 * (arp(7)). When a table is full, the kernel makes room only of entries that nobody has renewed for five seconds (`neigh_forced_gc`, net/core/neighbour.c):
 * so a table of 16,384 withstands 3,000 made-up stations a second, and the default of 1,024 only 200; beyond it a newcomer gets a place by luck, after seconds. An entry
 * takes about 0.5 KiB. Below the first threshold nothing is ever thrown away; above the second for five seconds, the kernel begins to.
 */
export const NEIGHBOURS_MIN = { gc_thresh1: 1024, gc_thresh2: 8192, gc_thresh3: 16_384 } as const;
type Threshold = keyof typeof NEIGHBOURS_MIN;
/**
 * Bytes that wait for one neighbour while the kernel looks for it (`unres_qlen_bytes`, neigh_resolve_output in net/core/neighbour.c; a second
 * and more). They count as unsent of whoever sends them: with the default of 212,992, which is also the default of a socket's send buffer, questions
 * from one address that nobody has keep the resolver from answering anybody. Four packets are enough for who really comes.
 */
const WAITING_BYTES_MAX = 4096;

const WAITING = 'unres_qlen_bytes';
type Name = Threshold | typeof WAITING;

const FAMILIES = ['ipv4', 'ipv6'] as const;

export const NEIGHBOURS_FIX = `put these lines into /etc/sysctl.conf, and start the router anew (devices keep what they began with): ${lines().join(' ')}`;

/**
 * Whether a flood of made-up stations leaves room for guests, and the resolver for their names.
 *
 * @param read the content of a file below /proc/sys
 * @returns what there is, in words
 * @throws OctroiError `feature_missing`: too small or too large, or not to be seen here (a network namespace other than the first one has no such files)
 */
export function describeNeighbourLimits(read: (path: string) => string = readFile): string {
	const small: string[] = [];
	const found: string[] = [];
	for (const family of FAMILIES) {
		for (const threshold of Object.keys(NEIGHBOURS_MIN) as Threshold[]) {
			const value = settingOf(read, family, threshold);
			if (value < NEIGHBOURS_MIN[threshold]) small.push(`${nameOf(family, threshold)} is ${value}`);
			if (threshold === 'gc_thresh3') found.push(`${family === 'ipv4' ? 'IPv4' : 'IPv6'} ${value}`);
		}
		const waiting = settingOf(read, family, WAITING);
		if (waiting > WAITING_BYTES_MAX) small.push(`${nameOf(family, WAITING)} is ${waiting}`);
	}
	if (small.length > 0) throw new OctroiError('feature_missing', `a flood keeps guests waiting: ${small.join(', ')}`);
	return `room for ${found.join(', ')}`;
}

function settingOf(read: (path: string) => string, family: string, name: Name): number {
	const path = `/proc/sys/net/${family}/neigh/default/${name}`;
	try {
		return Number(read(path));
	} catch (cause) {
		throw new OctroiError('feature_missing', `${path} cannot be read: these are the machine's, not a namespace's`, {
			cause,
		});
	}
}

function nameOf(family: string, name: Name): string {
	return `net.${family}.neigh.default.${name}`;
}

function lines(): string[] {
	return FAMILIES.flatMap((family) =>
		Object.entries({ ...NEIGHBOURS_MIN, [WAITING]: WAITING_BYTES_MAX }).map(
			([name, value]) => `${nameOf(family, name as Name)}=${value}`,
		),
	);
}

function readFile(path: string): string {
	return readFileSync(path, 'utf8');
}
