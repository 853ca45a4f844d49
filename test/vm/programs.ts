import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { OctroiError } from '../../agent/core/octroi-error.ts';

/** What must be installed on the host, and the Debian package that brings it. The guest runs the host's programs, so its are here too. */
const PROGRAMS: Record<string, string> = {
	'qemu-system-x86_64': 'qemu-system-x86',
	busybox: 'busybox',
	modprobe: 'kmod',
	depmod: 'kmod',
	xz: 'xz-utils',
	'dpkg-deb': 'dpkg',
	hostapd: 'hostapd',
	wpa_supplicant: 'wpasupplicant',
	iw: 'iw',
	dnsmasq: 'dnsmasq-base',
	nft: 'nftables',
	ip: 'iproute2',
	ethtool: 'ethtool',
};

/** Throws `feature_missing`, naming every missing program and its package. */
export function requirePrograms(): void {
	const missing = Object.entries(PROGRAMS).filter(([program]) => findProgram(program) === undefined);
	if (missing.length === 0) return;
	const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
	throw new OctroiError('feature_missing', `missing: ${missing.map(([program]) => program).join(', ')}`, {
		fix: `npm run setup, or: apt-get install --no-install-recommends ${packages}`,
	});
}

/** Where the system has a program; npm's folders are passed over, one of its packages is called nft too. */
export function findProgram(program: string): string | undefined {
	const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
	return [...folders, '/usr/sbin', '/sbin', '/usr/bin', '/bin']
		.map((folder) => join(folder, program))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false; // the next folder may have it
			}
		});
}
