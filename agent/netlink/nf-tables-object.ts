import { AttributeCursor, AttributeWriter } from './attribute.ts';
import {
	NFPROTO_INET,
	NFT_LIMIT_F_INV,
	NFT_LIMIT_PKT_BYTES,
	NFT_MSG_DELOBJ,
	NFT_MSG_GETOBJ,
	NFT_MSG_NEWOBJ,
	NFT_OBJECT_COUNTER,
	NFT_OBJECT_LIMIT,
	NFT_OBJECT_QUOTA,
	NFT_QUOTA_F_DEPLETED,
	NFT_QUOTA_F_INV,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_LIMIT_BURST,
	NFTA_LIMIT_FLAGS,
	NFTA_LIMIT_RATE,
	NFTA_LIMIT_TYPE,
	NFTA_LIMIT_UNIT,
	NFTA_OBJ_DATA,
	NFTA_OBJ_HANDLE,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_OBJ_USE,
	NFTA_QUOTA_BYTES,
	NFTA_QUOTA_CONSUMED,
	NFTA_QUOTA_FLAGS,
	NLM_F_CREATE,
	NLM_F_EXCL,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** The kinds of stateful objects that Octroi keeps in the kernel. */
export type ObjectKind = 'counter' | 'quota' | 'limit';

/** Where an object lives, and what the kernel adds of its own. */
type Placed = {
	readonly table: string;
	readonly name: string;
	/** The kernel's number for this life of the object; a new object of the same name has another. */
	readonly handle?: number;
	/** How many rules and map elements refer to it; an object in use cannot be deleted (EBUSY). */
	readonly useCount?: number;
};
export type CounterObject = Placed & { readonly kind: 'counter'; readonly packets: number; readonly bytes: number };
export type QuotaObject = Placed & {
	readonly kind: 'quota';
	readonly limitBytes: number;
	/** Counts dropped packets too; once depleted, the kernel reports the limit. Never charge from it. */
	readonly usedBytes: number;
	/** `over`: the rule matches from the limit on; otherwise until it. */
	readonly over: boolean;
	readonly depleted: boolean;
};
export type LimitObject = Placed & {
	readonly kind: 'limit';
	readonly rateBytesPerSecond: number;
	readonly burstBytes: number;
	readonly over: boolean;
};
export type NfTablesObject = CounterObject | QuotaObject | LimitObject;

/**
 * What becomes of an object that exists already under this name. `refuse`: EEXIST. `update`: a quota takes the new limit
 * and the new `over`, is no longer depleted and keeps what it has used (nft_quota_obj_update); a counter and a limit stay
 * as they are, since the kernel knows no update for them.
 */
export type Existing = 'refuse' | 'update';

export function counterObject(
	table: string,
	name: string,
	{ bytes = 0, packets = 0, existing = 'refuse' }: { bytes?: number; packets?: number; existing?: Existing } = {},
): NetlinkRequest {
	return newObject({ kind: 'counter', table, name, bytes, packets }, existing);
}

export function quotaObject(
	table: string,
	name: string,
	quota: { limitBytes: number; over: boolean; usedBytes?: number; existing?: Existing },
): NetlinkRequest {
	const { limitBytes, over, usedBytes = 0, existing = 'refuse' } = quota;
	return newObject({ kind: 'quota', table, name, limitBytes, usedBytes, over, depleted: false }, existing);
}

export function limitObject(
	table: string,
	name: string,
	limit: { rateBytesPerSecond: number; burstBytes: number; over: boolean; existing?: Existing },
): NetlinkRequest {
	const { existing = 'refuse', ...rest } = limit;
	return newObject({ kind: 'limit', table, name, ...rest }, existing);
}

/** ENOENT if there is none; EBUSY while a rule or a map element refers to it. */
export function deleteObject(table: string, name: string, kind: ObjectKind): NetlinkRequest {
	return named(NFT_MSG_DELOBJ, { table, name, kind }, 'delete');
}

/** For `NetlinkConnection.get`; ENOENT if there is none. */
export function getObject(table: string, name: string, kind: ObjectKind): NetlinkRequest {
	return named(NFT_MSG_GETOBJ, { table, name, kind }, 'read');
}

/** For `NetlinkConnection.dump`: all objects of one kind in a table; none at all if the table does not exist. */
export function dumpObjects(table: string, kind: ObjectKind): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET));
	writer.string(NFTA_OBJ_TABLE, table).u32be(NFTA_OBJ_TYPE, TYPES[kind]);
	return { type: NFT_MSG_GETOBJ, flags: 0, payload: writer.payload(), what: `list the ${kind} objects of ${table}` };
}

/**
 * The object of a NEWOBJ or DELOBJ message; undefined for a kind that Octroi does not use.
 *
 * @throws OctroiError `netlink_malformed`
 */
export function decodeObject(message: NetlinkMessage): NfTablesObject | undefined {
	const cursor = nfnetlinkAttributes(message);
	const placed: { -readonly [Field in keyof Placed]: Placed[Field] } = { table: '', name: '' };
	let type = 0;
	let data = new AttributeCursor(message.buffer, message.end, message.end);
	while (cursor.next()) {
		if (cursor.type === NFTA_OBJ_TABLE) placed.table = cursor.string();
		else if (cursor.type === NFTA_OBJ_NAME) placed.name = cursor.string();
		else if (cursor.type === NFTA_OBJ_HANDLE) placed.handle = cursor.u64be();
		else if (cursor.type === NFTA_OBJ_TYPE) type = cursor.u32be();
		else if (cursor.type === NFTA_OBJ_USE) placed.useCount = cursor.u32be();
		else if (cursor.type === NFTA_OBJ_DATA) data = cursor.nested();
	}
	if (type === NFT_OBJECT_COUNTER) return { kind: 'counter', ...placed, ...decodeCounter(data) };
	if (type === NFT_OBJECT_QUOTA) return { kind: 'quota', ...placed, ...decodeQuota(data) };
	if (type === NFT_OBJECT_LIMIT) return { kind: 'limit', ...placed, ...decodeLimit(data) };
	return undefined;
}

/** The payload of a NEWOBJ message, in the kernel's own order (nf_tables_fill_obj_info): ours and the kernel's alike. */
export function encodeObject(object: NfTablesObject): Buffer {
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET));
	writer.string(NFTA_OBJ_TABLE, object.table).string(NFTA_OBJ_NAME, object.name);
	writer.u32be(NFTA_OBJ_TYPE, TYPES[object.kind]);
	if (object.handle !== undefined) writer.u64be(NFTA_OBJ_HANDLE, object.handle);
	if (object.useCount !== undefined) writer.u32be(NFTA_OBJ_USE, object.useCount);
	return writer.nested(NFTA_OBJ_DATA, (data) => encodeData(data, object)).payload();
}

const TYPES = { counter: NFT_OBJECT_COUNTER, quota: NFT_OBJECT_QUOTA, limit: NFT_OBJECT_LIMIT } as const;

function newObject(object: NfTablesObject, existing: Existing): NetlinkRequest {
	return {
		type: NFT_MSG_NEWOBJ,
		flags: existing === 'refuse' ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE,
		payload: encodeObject(object),
		what: `add ${object.kind} ${object.name} to ${object.table}`,
	};
}

function named(type: number, object: { table: string; name: string; kind: ObjectKind }, verb: string): NetlinkRequest {
	const { table, name, kind } = object;
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET));
	writer.string(NFTA_OBJ_TABLE, table).string(NFTA_OBJ_NAME, name).u32be(NFTA_OBJ_TYPE, TYPES[kind]);
	return { type, flags: 0, payload: writer.payload(), what: `${verb} ${kind} ${name} of ${table}` };
}

function encodeData(data: AttributeWriter, object: NfTablesObject): void {
	if (object.kind === 'counter') {
		data.u64be(NFTA_COUNTER_BYTES, object.bytes).u64be(NFTA_COUNTER_PACKETS, object.packets);
	} else if (object.kind === 'quota') {
		const flags = (object.over ? NFT_QUOTA_F_INV : 0) | (object.depleted ? NFT_QUOTA_F_DEPLETED : 0);
		data.u64be(NFTA_QUOTA_BYTES, object.limitBytes).u64be(NFTA_QUOTA_CONSUMED, object.usedBytes);
		data.u32be(NFTA_QUOTA_FLAGS, flags);
	} else {
		// The unit is the time in seconds that the rate counts for.
		data.u64be(NFTA_LIMIT_RATE, object.rateBytesPerSecond).u64be(NFTA_LIMIT_UNIT, 1);
		data.u32be(NFTA_LIMIT_BURST, object.burstBytes).u32be(NFTA_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES);
		data.u32be(NFTA_LIMIT_FLAGS, object.over ? NFT_LIMIT_F_INV : 0);
	}
}

function decodeCounter(data: AttributeCursor): { packets: number; bytes: number } {
	const counter = { packets: 0, bytes: 0 };
	while (data.next()) {
		if (data.type === NFTA_COUNTER_BYTES) counter.bytes = data.u64be();
		else if (data.type === NFTA_COUNTER_PACKETS) counter.packets = data.u64be();
	}
	return counter;
}

function decodeQuota(data: AttributeCursor) {
	const quota = { limitBytes: 0, usedBytes: 0, over: false, depleted: false };
	while (data.next()) {
		if (data.type === NFTA_QUOTA_BYTES) quota.limitBytes = data.u64be();
		else if (data.type === NFTA_QUOTA_CONSUMED) quota.usedBytes = data.u64be();
		else if (data.type === NFTA_QUOTA_FLAGS) {
			quota.over = (data.u32be() & NFT_QUOTA_F_INV) !== 0;
			quota.depleted = (data.u32be() & NFT_QUOTA_F_DEPLETED) !== 0;
		}
	}
	return quota;
}

function decodeLimit(data: AttributeCursor) {
	const limit = { rateBytesPerSecond: 0, burstBytes: 0, over: false };
	let unitSeconds = 1;
	while (data.next()) {
		if (data.type === NFTA_LIMIT_RATE) limit.rateBytesPerSecond = data.u64be();
		else if (data.type === NFTA_LIMIT_UNIT) unitSeconds = data.u64be();
		else if (data.type === NFTA_LIMIT_BURST) limit.burstBytes = data.u32be();
		else if (data.type === NFTA_LIMIT_FLAGS) limit.over = (data.u32be() & NFT_LIMIT_F_INV) !== 0;
	}
	limit.rateBytesPerSecond /= Math.max(1, unitSeconds);
	return limit;
}
