/** One file or directory of an initramfs. */
export type ArchiveEntry = { path: string; mode: number; content?: Buffer };

const DIRECTORY = 0o040755;

/**
 * A cpio archive in the "newc" format, as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Directories come by themselves, before what lies in them.
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
	const directories = new Set<string>();
	for (const { path } of entries) {
		const parts = path.split('/').slice(0, -1);
		for (let depth = 1; depth <= parts.length; depth++) directories.add(parts.slice(0, depth).join('/'));
	}
	const all = [...[...directories].map((path) => ({ path, mode: DIRECTORY })), ...entries];
	return Buffer.concat([
		...all.map((entry, index) => record(entry, index + 1)),
		record({ path: 'TRAILER!!!', mode: 0 }, 0),
	]);
}

function record({ path, mode, content = Buffer.alloc(0) }: ArchiveEntry, inode: number): Buffer {
	const name = Buffer.from(`${path}\0`);
	const links = 1;
	// inode, mode, uid, gid, links, mtime, size, device major and minor, the same of a special file, name's size, checksum
	const fields = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
	const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
	return Buffer.concat([aligned(Buffer.concat([header, name])), aligned(content)]);
}

function aligned(bytes: Buffer): Buffer {
	return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
