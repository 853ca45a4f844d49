import type { System } from './system.ts';

/**
 * Names by which systems find out whether they are online: asked for by the system itself, on every network, unasked.
 * Not here: names that programs of several systems ask for (www.gstatic.com, detectportal.firefox.com).
 */
const NAMES: ReadonlyMap<string, System> = new Map([
	['connectivitycheck.gstatic.com', 'android'],
	['connectivitycheck.android.com', 'android'],
	['connectivitycheck.platform.hicloud.com', 'android'],
	['connect.rom.miui.com', 'android'],
	['captive.apple.com', 'apple'],
	['www.msftconnecttest.com', 'windows'],
	['ipv6.msftconnecttest.com', 'windows'],
	['www.msftncsi.com', 'windows'],
	['dns.msftncsi.com', 'windows'],
	['nmcheck.gnome.org', 'linux'],
	['connectivity-check.ubuntu.com', 'linux'],
	['network-test.debian.org', 'linux'],
	['networkcheck.kde.org', 'linux'],
	['ping.archlinux.org', 'linux'],
	['ctest.cdn.nintendo.net', 'nintendo'],
	['conntest.nintendowifi.net', 'nintendo'],
	['get.net.playstation.net', 'playstation'],
]);

/** Whose connectivity check the name is; undefined for all other names. */
export function systemOfName(name: string): System | undefined {
	return NAMES.get(name);
}
