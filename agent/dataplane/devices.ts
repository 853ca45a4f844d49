import { decodeLink, dumpLinks, type Link, type NetlinkConnection } from '../netlink/index.ts';

/** The network interfaces of this namespace, by name. @throws the `netlink_*` codes */
export async function readDevices(route: NetlinkConnection): Promise<ReadonlyMap<string, Link>> {
	const links = await route.list(dumpLinks(), decodeLink);
	return new Map(links.map((link) => [link.name, link]));
}

/** Which of the named devices exist, and under which index: the rules compare indexes, so they hold as long as this text. */
export function presence(names: readonly string[], devices: ReadonlyMap<string, Link>): string {
	return names.map((name) => `${name}=${devices.get(name)?.interfaceIndex ?? '-'}`).join(' ');
}
