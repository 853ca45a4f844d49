import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Our addon, native/socket-option.c. */
type Addon = {
	/** setsockopt(2) with an int; answers 0 or the error number. */
	setSocketOption(fd: number, level: number, option: number, value: number): number;
	/** The drops of SO_MEMINFO, or minus the error number. */
	droppedMessages(fd: number): number;
	/** Detaches the memory; all views of it are empty from then on. */
	releaseMemory(memory: ArrayBufferLike): boolean;
	/** adjtimex(2) without STA_UNSYNC. Absent: compiled before it was there. */
	wallClockSynchronised?(): boolean;
	/** mallopt(3), where the C library is glibc. */
	limitFreeMemory(bytes: number): boolean;
};

let loaded: Addon | null | undefined;

/**
 * Is our addon there? Without it an error says no more than its number's name, and a receive buffer that overflows
 * ends the process (see `openSocket`), and the memory of dumps waits for the collector; everything else works.
 */
export function extendedErrorsAvailable(): boolean {
	return addon() !== null;
}

/**
 * Sets an integer option of a socket.
 *
 * @returns whether it is set now: false without the addon, without the permission, or on a kernel without the option
 */
export function setSocketOption(
	fd: number | undefined,
	{ level, option, value }: { level: number; option: number; value: number },
): boolean {
	return fd !== undefined && addon()?.setSocketOption(fd, level, option, value) === 0;
}

/** How many messages the kernel has dropped because the socket's buffer was full; 0 if that cannot be told. */
export function droppedMessages(fd: number | undefined): number {
	return fd === undefined ? 0 : Math.max(0, addon()?.droppedMessages(fd) ?? 0);
}

/**
 * Gives back the memory of a datagram that nobody will look at again. Left to the collector, the 0.8 MB of each sample of 8,192
 * counters mount up until V8 marks its whole heap for them, some 50 ms every 13 s, whenever its young generation is large.
 * A buffer that is a part of a larger memory is left alone.
 */
export function releaseDatagram({ buffer, byteLength }: Buffer): void {
	if (buffer.byteLength === byteLength) addon()?.releaseMemory(buffer);
}

/**
 * Bounds what glibc keeps of freed memory at the end of each of its heaps. It raises its bound of 128 KiB by itself, up to 64 MiB, with the
 * largest block that was ever freed, and each thread of V8's compiler has a heap: some MiB that nobody uses.
 *
 * @returns false without the addon, or with another C library: musl keeps nothing of the kind
 */
export function limitFreeMemory(bytes: number): boolean {
	return addon()?.limitFreeMemory(bytes) === true;
}

/**
 * The descriptor of our netlink socket that is bound to `port`; undefined if it cannot be told. The raw socket keeps it
 * to itself: find its inode by protocol and port, then the descriptor by its inode.
 */
export function descriptorOf({ protocol, port }: { protocol: number; port: number }): number | undefined {
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
		// No /proc: then it is as without the addon.
		return undefined;
	}
}

/** Descriptors of all sockets of this process; none without /proc. */
export function socketsOfProcess(): number[] {
	try {
		return readdirSync('/proc/self/fd')
			.filter((fd) => linkOf(fd).startsWith('socket:'))
			.map(Number);
	} catch {
		// As in descriptorOf.
		return [];
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

/** Our addon; null: it is not there. */
export function addon(): Addon | null {
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
