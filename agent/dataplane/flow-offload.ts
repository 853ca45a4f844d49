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
 * (openwrt#10399). The packets of a flow are taken by the device that they come in by: one over the metered device takes what
 * stations send, one over an uplink what they receive. Which devices are uplinks is the routes' business, so a flowtable is
 * harmless only if all its devices are free ones.
 *
 * @param free names of the devices that never carry metered traffic
 * @param devices all devices, so that a port of a free bridge counts as free
 * @returns the flowtables in the way
 * @throws the `netlink_*` codes
 */
export async function offloadingFlowtables(
	netfilter: NetlinkConnection,
	{ free, devices }: { free: readonly string[]; devices: ReadonlyMap<string, Link> },
): Promise<Flowtable[]> {
	const flowtables = await netfilter.list(dumpFlowtables(), decodeFlowtable);
	return flowtables.filter((flowtable) => takesMetered(flowtable, { free, devices }));
}

/** Is one of the flowtable's devices neither free, nor a port of a free bridge, nor a port of such a port (a bond)? */
export function takesMetered(
	flowtable: Pick<Flowtable, 'devices'>,
	{ free, devices }: { free: readonly string[]; devices: ReadonlyMap<string, Link> },
): boolean {
	const names = new Set(free);
	const masters = [...names].flatMap((name) => devices.get(name)?.interfaceIndex ?? []);
	// The list grows while we walk along it; each name comes onto it once.
	for (const master of masters) {
		for (const { name, masterIndex, interfaceIndex } of devices.values()) {
			if (masterIndex !== master || names.has(name)) continue;
			names.add(name);
			masters.push(interfaceIndex);
		}
	}
	// A name that ends in `*` stands for devices that may come yet: never harmless.
	return flowtable.devices.some((device) => !names.has(device));
}

/** The refusal to meter beside a flowtable. */
export function offloadError(flowtables: readonly Flowtable[]): OctroiError {
	const list = flowtables.map(({ table, name, devices }) => `${table}/${name} (${devices.join(', ')})`).join('; ');
	return new OctroiError('flow_offload_active', `flow offload takes packets past the meter: flowtable ${list}`, {
		fix: 'switch off "software flow offloading" and "hardware flow offloading" (OpenWrt: uci set firewall.@defaults[0].flow_offloading=0; uci set firewall.@defaults[0].flow_offloading_hw=0; uci commit firewall; service firewall restart); or, if it never carries traffic of stations, list its devices as devices.free',
	});
}
