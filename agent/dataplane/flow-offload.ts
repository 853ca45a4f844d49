import { OctroiError } from '../core/octroi-error.ts';
import {
	decodeFlowtable,
	dumpFlowtables,
	type Flowtable,
	type Link,
	type NetlinkConnection,
} from '../netlink/index.ts';

/**
 * Packets of an offloaded flow take a short cut past the forward hook: rules there counted 552 of 595,253,531 bytes
 * (openwrt#10399). So a flowtable over a metered device makes metering impossible.
 *
 * @param metered names of the metered devices
 * @param devices all devices, so that a port of a metered bridge counts as metered
 * @returns the flowtables in the way
 * @throws the `netlink_*` codes
 */
export async function offloadingFlowtables(
	netfilter: NetlinkConnection,
	{ metered, devices }: { metered: readonly string[]; devices: ReadonlyMap<string, Link> },
): Promise<Flowtable[]> {
	const flowtables = await netfilter.list(dumpFlowtables(), decodeFlowtable);
	return flowtables.filter((flowtable) => covers(flowtable, { metered, devices }));
}

/** Is one of the flowtable's devices metered, or a port of a metered bridge, or a port of such a port (a bond)? */
export function covers(
	flowtable: Pick<Flowtable, 'devices'>,
	{ metered, devices }: { metered: readonly string[]; devices: ReadonlyMap<string, Link> },
): boolean {
	const names = new Set(metered);
	const masters = [...names].flatMap((name) => devices.get(name)?.interfaceIndex ?? []);
	// The list grows while we walk along it; each name comes onto it once.
	for (const master of masters) {
		for (const { name, masterIndex, interfaceIndex } of devices.values()) {
			if (masterIndex !== master || names.has(name)) continue;
			names.add(name);
			masters.push(interfaceIndex);
		}
	}
	return flowtable.devices.some((device) => {
		if (!device.endsWith('*')) return names.has(device);
		return [...names].some((name) => name.startsWith(device.slice(0, -1)));
	});
}

/** The refusal to meter beside a flowtable. */
export function offloadError(flowtables: readonly Flowtable[]): OctroiError {
	const list = flowtables.map(({ table, name, devices }) => `${table}/${name} (${devices.join(', ')})`).join('; ');
	return new OctroiError('flow_offload_active', `flow offload takes packets past the meter: flowtable ${list}`, {
		fix: 'switch off "software flow offloading" and "hardware flow offloading" (OpenWrt: uci set firewall.@defaults[0].flow_offloading=0; uci set firewall.@defaults[0].flow_offloading_hw=0; uci commit firewall; service firewall restart)',
	});
}
