import type { Config, Destinations } from '../config/config.ts';
import { queuesOf } from './announcement.ts';
import type { DataPlaneOptions } from './data-plane-options.ts';

/** What the rules in the kernel take from the configuration. */
export function dataPlaneSettings(
	config: Config,
): Omit<
	DataPlaneOptions,
	'log' | 'onOffload' | 'onQueue' | 'addressesOf' | 'shaping' | 'newEpoch' | 'onForeignRules' | 'clock'
> {
	const { devices, mark, garden, zeroRated, portal, dns, inbound } = config;
	return {
		metered: devices.metered,
		free: devices.free,
		mask: mark.mask,
		garden,
		gardenBytesPerSecond: garden.bytesPerSecond,
		...(isAnywhere(zeroRated) ? { zeroRated } : {}),
		...(inbound.allowed ? { inbound } : {}),
		portal,
		dnsBytesPerSecond: dns.bytesPerSecond,
		sessionDnsBytesPerSecond: dns.sessionBytesPerSecond,
		...queuesOf(config),
	};
}

/** Without a destination there is nothing to be counted apart, and no packet pays for looking. */
function isAnywhere({ ipv4, ipv6, names }: Destinations): boolean {
	return ipv4.length + ipv6.length + names.length > 0;
}
