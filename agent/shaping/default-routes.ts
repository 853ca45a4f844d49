import { readFileSync } from 'node:fs';

/** Linux's own, of the namespace that the agent lives in. */
const ROUTES_IPV4 = '/proc/self/net/route';
const ROUTES_IPV6 = '/proc/self/net/ipv6_route';
/** include/uapi/linux/route.h */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

export type DefaultRoute = { readonly device: string; readonly up: boolean };

/** The default routes of the main table, IPv4's first, each family's best first. */
export function readDefaultRoutes(
	read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): readonly DefaultRoute[] {
	const routes = [...ipv4Defaults(readable(read, ROUTES_IPV4)), ...ipv6Defaults(readable(read, ROUTES_IPV6))];
	return routes.map(({ device, flags }) => ({ device, up: (flags & RTF_UP) !== 0 }));
}

/** Their devices; several where uplinks are balanced (mwan3). */
export function readUplinks(): readonly string[] {
	return [...new Set(readDefaultRoutes().map(({ device }) => device))];
}

type Route = { device: string; flags: number; metric: number };

/** Columns: Iface Destination Gateway Flags RefCnt Use Metric Mask … (net/ipv4/fib_trie.c, fib_route_seq_show). */
function ipv4Defaults(text: string): Route[] {
	return sorted(
		lines(text)
			.slice(1)
			.filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
			.map(([device = '', , , flags = '0', , , metric = '0']) => ({
				device,
				flags: Number.parseInt(flags, 16),
				metric: Number(metric),
			})),
	);
}

/** Columns: destination, its length, source, its length, next hop, metric, references, use, flags, device (net/ipv6/route.c). */
function ipv6Defaults(text: string): Route[] {
	return sorted(
		lines(text)
			.filter(([destination, length]) => length === '00' && /^0+$/.test(destination ?? ''))
			.map(([, , , , , metric = '0', , , flags = '0', device = '']) => ({
				device,
				flags: Number.parseInt(flags, 16),
				metric: Number.parseInt(metric, 16),
			}))
			.filter(({ device, flags }) => device !== 'lo' && (flags & RTF_REJECT) === 0),
	);
}

function sorted(routes: Route[]): Route[] {
	return routes.sort((left, right) => left.metric - right.metric);
}

function lines(text: string): string[][] {
	return text
		.split('\n')
		.filter((line) => line.trim() !== '')
		.map((line) => line.trim().split(/\s+/));
}

/** A kernel without IPv6 has no such file. */
function readable(read: (path: string) => string, path: string): string {
	try {
		return read(path);
	} catch {
		return '';
	}
}
