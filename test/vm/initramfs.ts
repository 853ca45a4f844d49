import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PROJECT_ROOT } from '../lab/project-root.ts';
import { type ArchiveEntry, cpioArchive } from './cpio-archive.ts';
import type { Kernel } from './kernel-package.ts';
import { findProgram } from './programs.ts';

const INIT = join(PROJECT_ROOT, 'test/vm/init.sh');
/** What it takes to reach the host's root; everything else is loaded from there. */
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];
const MODULE_BYTES_MAX = 64 << 20;
const EXECUTABLE = 0o100755;

/** The initramfs for this kernel and this `init.sh`, beside the kernel in the cache; made only when it is not there. */
export function initramfs(kernel: Kernel): string {
	const init = readFileSync(INIT);
	const busybox = readFileSync(program('busybox'));
	const name = createHash('sha256').update(init).update(busybox).digest('hex').slice(0, 16);
	const file = join(kernel.root, `initramfs-${name}.gz`);
	if (existsSync(file)) return file;
	const entries: ArchiveEntry[] = [
		{ path: 'init', mode: EXECUTABLE, content: init },
		{ path: 'bin/busybox', mode: EXECUTABLE, content: busybox },
		...librariesOf(program('busybox')),
		...modules(kernel),
	];
	const scratch = `${file}.${process.pid}`;
	writeFileSync(scratch, gzipSync(cpioArchive(entries)));
	renameSync(scratch, file);
	return file;
}

/** None where busybox is linked statically. */
function librariesOf(file: string): ArchiveEntry[] {
	let text: string;
	try {
		text = execFileSync('ldd', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
	} catch {
		return []; // "not a dynamic executable" is a failure to ldd
	}
	const libraries = [...text.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] as string);
	return libraries.map((path) => ({ path: path.slice(1), mode: EXECUTABLE, content: readFileSync(path) }));
}

/** In the order in which they load; their names tell it to `init.sh`. */
function modules({ root, release }: Kernel): ArchiveEntry[] {
	const words = ['--dirname', root, '--set-version', release, '--show-depends'];
	const files = MODULES.flatMap((module) =>
		execFileSync(program('modprobe'), [...words, module], { encoding: 'utf8' })
			.split('\n')
			.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []),
	);
	return [...new Set(files)].map((file, index) => ({
		path: `modules/${10 + index}-${basename(file, '.xz')}`,
		mode: EXECUTABLE,
		content: file.endsWith('.xz')
			? execFileSync(program('xz'), ['--decompress', '--stdout', file], { maxBuffer: MODULE_BYTES_MAX })
			: readFileSync(file),
	}));
}

function program(name: string): string {
	return findProgram(name) ?? name;
}
