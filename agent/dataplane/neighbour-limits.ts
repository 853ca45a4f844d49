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

const FAMILIES = ['ipv4', 'ipv6'] as const;

export const NEIGHBOURS_FIX = `put these lines into /etc/sysctl.conf, and run \`sysctl -p\`: ${lines().join(' ')}`;

/**
 * Whether a flood of made-up stations leaves room for guests.
 *
 * @param read the content of a file below /proc/sys
 * @returns what there is, in words
 * @throws OctroiError `feature_missing`: too small, or not to be seen here (a network namespace other than the first one has no such files)
 */
export function describeNeighbourLimits(read: (path: string) => string = readFile): string {
	const small: string[] = [];
	const found: string[] = [];
	for (const family of FAMILIES) {
		for (const threshold of Object.keys(NEIGHBOURS_MIN) as Threshold[]) {
			const value = thresholdOf(read, family, threshold);
			if (value < NEIGHBOURS_MIN[threshold]) small.push(`${nameOf(family, threshold)} is ${value}`);
			if (threshold === 'gc_thresh3') found.push(`${family === 'ipv4' ? 'IPv4' : 'IPv6'} ${value}`);
		}
	}
	if (small.length > 0) throw new OctroiError('feature_missing', `a flood keeps guests waiting: ${small.join(', ')}`);
	return `room for ${found.join(', ')}`;
}

function thresholdOf(read: (path: string) => string, family: string, threshold: Threshold): number {
	const path = `/proc/sys/net/${family}/neigh/default/${threshold}`;
	try {
		return Number(read(path));
	} catch (cause) {
		throw new OctroiError('feature_missing', `${path} cannot be read: these are the machine's, not a namespace's`, {
			cause,
		});
	}
}

function nameOf(family: string, threshold: Threshold): string {
	return `net.${family}.neigh.default.${threshold}`;
}

function lines(): string[] {
	return FAMILIES.flatMap((family) =>
		Object.entries(NEIGHBOURS_MIN).map(([threshold, value]) => `${nameOf(family, threshold as Threshold)}=${value}`),
	);
}

function readFile(path: string): string {
	return readFileSync(path, 'utf8');
}
