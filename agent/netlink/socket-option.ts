import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Our addon in native/socket-option.c: setsockopt(2) with an int; answers 0 or the error number. */
type Addon = { setSocketOption(fd: number, level: number, option: number, value: number): number };

let loaded: Addon | null | undefined;

/**
 * Can errors carry the kernel's own words? They need a socket option, which only our addon can set. Without it
 * everything works, but an error says no more than its number's name.
 */
export function extendedErrorsAvailable(): boolean {
	return addon() !== null;
}

/**
 * Sets an integer option of our netlink socket that is bound to `port`.
 *
 * @returns whether it is set now: false without the addon, without the permission, or on a kernel without the option
 */
export function setSocketOption(
	socket: { protocol: number; port: number },
	{ level, option, value }: { level: number; option: number; value: number },
): boolean {
	const native = addon();
	const fd = native ? descriptorOf(socket) : undefined;
	return native !== null && fd !== undefined && native.setSocketOption(fd, level, option, value) === 0;
}

/** The raw socket does not tell its descriptor: find its inode by protocol and port, then the descriptor by its inode. */
function descriptorOf({ protocol, port }: { protocol: number; port: number }): number | undefined {
	try {
		// Columns: sk Eth(protocol) Pid(port) Groups Rmem Wmem Dump Locks Drops Inode (netlink_native_seq_show).
		const row = readFileSync('/proc/self/net/netlink', 'latin1')
			.split('\n')
			.map((line) => line.trim().split(/\s+/))
			.find((columns) => columns[1] === String(protocol) && columns[2] === String(port));
		const target = `socket:[${row?.[9]}]`;
		const name = readdirSync('/proc/self/fd').find((fd) => linkOf(fd) === target);
		return name === undefined ? undefined : Number(name);
	} catch {
		// No /proc: then there are no words, as without the addon.
		return undefined;
	}
}

function linkOf(fd: string): string {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`);
	} catch (error) {
		// The descriptor of the directory itself is closed again by now.
		if ((error as { errno?: number }).errno === -constants.errno.ENOENT) return '';
		throw error;
	}
}

function addon(): Addon | null {
	if (loaded === undefined) loaded = load();
	return loaded;
}

/** Looks upwards for the package's root, so that it is found from build/, from the sources and from a bundle alike. */
function load(): Addon | null {
	const require = createRequire(import.meta.url);
	let folder = dirname(fileURLToPath(import.meta.url));
	for (;;) {
		try {
			return require(join(folder, 'agent/netlink/native/build/Release/socket_option.node')) as Addon;
		} catch {
			const parent = dirname(folder);
			if (parent === folder) return null;
			folder = parent;
		}
	}
}
