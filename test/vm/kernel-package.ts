import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import { findProgram } from './programs.ts';

/** The cloud flavour has no mac80211_hwsim, so the plain one. */
const PACKAGE_PATTERN = '^linux-image-6\\.[0-9.]+\\+deb12-amd64$';

/** A Debian kernel package, unpacked in the cache. */
export type Kernel = { release: string; image: string; modules: string; root: string };

/** $OCTROI_VM_CACHE, else the user's cache directory. Never in the checkout: it is 110 MB. */
export function cacheDirectory(): string {
	const { OCTROI_VM_CACHE, XDG_CACHE_HOME } = process.env;
	return OCTROI_VM_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'octroi', 'vm');
}

/**
 * The newest kernel of the cache; the newest that apt knows where the cache has none.
 *
 * @throws OctroiError `feature_missing` if there is none and none can be had
 */
export function findKernel(progress: (line: string) => void): Kernel {
	const cache = cacheDirectory();
	return cachedKernel(cache) ?? downloadKernel(cache, progress);
}

function cachedKernel(cache: string): Kernel | undefined {
	const names = existsSync(cache) ? readdirSync(cache) : [];
	const roots = names.filter((name) => name.startsWith('linux-image-') && existsSync(join(cache, name, 'lib/modules')));
	const newest = roots.toSorted(byVersion).at(-1);
	return newest === undefined ? undefined : describeKernel(join(cache, newest));
}

function describeKernel(root: string): Kernel {
	const [release] = readdirSync(join(root, 'lib/modules'));
	if (release === undefined) throw new OctroiError('internal', `${root} holds no kernel; remove it`);
	const image = join(root, 'boot', `vmlinuz-${release}`);
	return { release, image, modules: join(root, 'lib/modules', release), root };
}

/** Whole or not at all: it is unpacked beside its place and then renamed. */
function downloadKernel(cache: string, progress: (line: string) => void): Kernel {
	const name = newestPackage();
	mkdirSync(cache, { recursive: true });
	const scratch = mkdtempSync(join(cache, 'unpacking-'));
	try {
		progress(`downloading ${name}, about 110 MB, into ${cache}`);
		run('apt-get', ['download', name], scratch);
		const [file] = readdirSync(scratch);
		if (file === undefined) throw new OctroiError('feature_missing', `apt-get brought no file for ${name}`);
		progress(`unpacking ${file}`);
		run('dpkg-deb', ['--extract', file, 'root'], scratch);
		const root = join(scratch, 'root');
		run('depmod', ['--basedir', root, describeKernel(root).release], scratch);
		const place = join(cache, name);
		if (!existsSync(place)) renameSync(root, place);
		return describeKernel(place);
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

function newestPackage(): string {
	const names = run('apt-cache', ['search', '--names-only', PACKAGE_PATTERN], '/')
		.split('\n')
		.flatMap((line) => line.split(' ')[0] || [])
		.toSorted(byVersion);
	const newest = names.at(-1);
	if (newest !== undefined) return newest;
	throw new OctroiError('feature_missing', `apt knows no kernel package like ${PACKAGE_PATTERN}`, {
		fix: `apt-get update, on Debian 12; or unpack one as ${join(cacheDirectory(), 'linux-image-VERSION')}`,
	});
}

function run(program: string, words: string[], cwd: string): string {
	const { status, error, stdout, stderr } = spawnSync(findProgram(program) ?? program, words, {
		cwd,
		encoding: 'utf8',
	});
	if (status === 0) return stdout;
	throw new OctroiError('feature_missing', `${program} ${words[0]} failed: ${error?.message ?? stderr.trim()}`, {
		fix: 'apt-get update, then again; the machine needs Debian 12 and its package mirror',
	});
}

function byVersion(left: string, right: string): number {
	return left.localeCompare(right, 'en', { numeric: true });
}
