import { type AttributeCursor, AttributeWriter } from './attribute.ts';
import {
	AF_UNSPEC,
	NFT_MSG_GETFLOWTABLE,
	NFTA_DEVICE_NAME,
	NFTA_DEVICE_PREFIX,
	NFTA_FLOWTABLE_FLAGS,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_HOOK,
	NFTA_FLOWTABLE_HOOK_DEVS,
	NFTA_FLOWTABLE_HOOK_NUM,
	NFTA_FLOWTABLE_HOOK_PRIORITY,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_FLOWTABLE_USE,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** A flowtable takes established flows past the forward chain, and so past the meter. */
export type Flowtable = {
	readonly family: number;
	readonly table: string;
	readonly name: string;
	readonly handle: number;
	/** How many rules send flows to it; with none it takes nothing. */
	readonly useCount: number;
	/** NFT_FLOWTABLE_HW_OFFLOAD = 1, NFT_FLOWTABLE_COUNTER = 2. */
	readonly flags: number;
	readonly hook: number;
	readonly priority: number;
	/** Names of the devices that it is bound to; one that ends in `*` stands for all that begin so. */
	readonly devices: readonly string[];
};

/** For `NetlinkConnection.dump`: the flowtables of all tables of all families. */
export function dumpFlowtables(): NetlinkRequest {
	return { type: NFT_MSG_GETFLOWTABLE, flags: 0, payload: nfgenmsg(AF_UNSPEC), what: 'list the flowtables' };
}

/** The flowtable of a NEWFLOWTABLE or DELFLOWTABLE message. @throws OctroiError `netlink_malformed` */
export function decodeFlowtable(message: NetlinkMessage): Flowtable {
	const cursor = nfnetlinkAttributes(message);
	const family = message.buffer[message.start] as number;
	const devices: string[] = [];
	const flowtable = { family, table: '', name: '', handle: 0, useCount: 0, flags: 0, hook: 0, priority: 0, devices };
	while (cursor.next()) {
		if (cursor.type === NFTA_FLOWTABLE_TABLE) flowtable.table = cursor.string();
		else if (cursor.type === NFTA_FLOWTABLE_NAME) flowtable.name = cursor.string();
		else if (cursor.type === NFTA_FLOWTABLE_HANDLE) flowtable.handle = cursor.u64be();
		else if (cursor.type === NFTA_FLOWTABLE_USE) flowtable.useCount = cursor.u32be();
		else if (cursor.type === NFTA_FLOWTABLE_FLAGS) flowtable.flags = cursor.u32be();
		else if (cursor.type === NFTA_FLOWTABLE_HOOK) decodeHook(cursor.nested(), flowtable);
	}
	return flowtable;
}

/** The payload of a NEWFLOWTABLE message, in the kernel's order (nf_tables_fill_flowtable_info). */
export function encodeFlowtable(flowtable: Flowtable): Buffer {
	const writer = new AttributeWriter(nfgenmsg(flowtable.family));
	writer.string(NFTA_FLOWTABLE_TABLE, flowtable.table).string(NFTA_FLOWTABLE_NAME, flowtable.name);
	writer.u64be(NFTA_FLOWTABLE_HANDLE, flowtable.handle).u32be(NFTA_FLOWTABLE_USE, flowtable.useCount);
	writer.u32be(NFTA_FLOWTABLE_FLAGS, flowtable.flags);
	writer.nested(NFTA_FLOWTABLE_HOOK, (hook) => {
		hook.u32be(NFTA_FLOWTABLE_HOOK_NUM, flowtable.hook).u32be(NFTA_FLOWTABLE_HOOK_PRIORITY, flowtable.priority >>> 0);
		hook.nested(NFTA_FLOWTABLE_HOOK_DEVS, (list) => {
			for (const device of flowtable.devices) {
				if (device.endsWith('*')) list.string(NFTA_DEVICE_PREFIX, device.slice(0, -1));
				else list.string(NFTA_DEVICE_NAME, device);
			}
		});
	});
	return writer.payload();
}

function decodeHook(cursor: AttributeCursor, flowtable: { hook: number; priority: number; devices: string[] }): void {
	while (cursor.next()) {
		if (cursor.type === NFTA_FLOWTABLE_HOOK_NUM) flowtable.hook = cursor.u32be();
		// Signed: NF_IP_PRI_FILTER - 10.
		else if (cursor.type === NFTA_FLOWTABLE_HOOK_PRIORITY) flowtable.priority = cursor.u32be() | 0;
		else if (cursor.type === NFTA_FLOWTABLE_HOOK_DEVS) {
			for (const list = cursor.nested(); list.next(); ) {
				if (list.type === NFTA_DEVICE_NAME) flowtable.devices.push(list.string());
				else if (list.type === NFTA_DEVICE_PREFIX) flowtable.devices.push(`${list.string()}*`);
			}
		}
	}
}
