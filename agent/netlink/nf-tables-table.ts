import { AttributeWriter } from './attribute.ts';
import {
	NFPROTO_INET,
	NFT_MSG_DELTABLE,
	NFT_MSG_GETTABLE,
	NFTA_TABLE_FLAGS,
	NFTA_TABLE_HANDLE,
	NFTA_TABLE_NAME,
	NFTA_TABLE_USE,
	NFTA_TABLE_USERDATA,
} from './constants.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

export type NfTablesTable = {
	/** NFPROTO_INET, AF_INET … */
	readonly family: number;
	readonly table: string;
	/** The kernel's number for this life of the table: a table that was deleted and loaded again has another. */
	readonly handle: number;
	readonly flags: number;
	readonly chainCount: number;
	/** What `comment "…"` says in the ruleset. */
	readonly comment?: string;
};

/** For `NetlinkConnection.get`: a table of family inet; ENOENT if there is none. */
export function getTable(table: string): NetlinkRequest {
	return named(NFT_MSG_GETTABLE, table, `read table inet ${table}`);
}

/** For `NetlinkConnection.dump`: the tables of family inet. */
export function dumpTables(): NetlinkRequest {
	return { type: NFT_MSG_GETTABLE, flags: 0, payload: nfgenmsg(NFPROTO_INET), what: 'list the tables of family inet' };
}

/** Deletes a table of family inet with all that is in it; ENOENT if there is none. */
export function deleteTable(table: string): NetlinkRequest {
	return named(NFT_MSG_DELTABLE, table, `delete table inet ${table}`);
}

/** The table of a NEWTABLE or DELTABLE message. @throws OctroiError `netlink_malformed` */
export function decodeTable(message: NetlinkMessage): NfTablesTable {
	const cursor = nfnetlinkAttributes(message);
	const family = message.buffer[message.start] as number;
	const table = { family, table: '', handle: 0, flags: 0, chainCount: 0 };
	let comment: string | undefined;
	while (cursor.next()) {
		if (cursor.type === NFTA_TABLE_NAME) table.table = cursor.string();
		else if (cursor.type === NFTA_TABLE_HANDLE) table.handle = cursor.u64be();
		else if (cursor.type === NFTA_TABLE_FLAGS) table.flags = cursor.u32be();
		else if (cursor.type === NFTA_TABLE_USE) table.chainCount = cursor.u32be();
		else if (cursor.type === NFTA_TABLE_USERDATA) comment = decodeComment(cursor.value());
	}
	return comment === undefined ? table : { ...table, comment };
}

/** The payload of a NEWTABLE message, in the kernel's order (nf_tables_fill_table_info). */
export function encodeTable(table: NfTablesTable): Buffer {
	const writer = new AttributeWriter(nfgenmsg(table.family));
	writer.string(NFTA_TABLE_NAME, table.table).u32be(NFTA_TABLE_USE, table.chainCount);
	writer.u64be(NFTA_TABLE_HANDLE, table.handle).u32be(NFTA_TABLE_FLAGS, table.flags);
	if (table.comment !== undefined) writer.bytes(NFTA_TABLE_USERDATA, encodeComment(table.comment));
	return writer.payload();
}

/** NFTNL_UDATA_TABLE_COMMENT (libnftnl/udata.h): entries of type u8, length u8, value; a comment ends in a zero. */
const UDATA_COMMENT = 0;

function decodeComment(userData: Buffer): string | undefined {
	for (let at = 0; at + 2 <= userData.length; at += 2 + (userData[at + 1] as number)) {
		// What another program stored here need not be libnftnl's; subarray never reads past the end.
		const value = userData.subarray(at + 2, at + 2 + (userData[at + 1] as number));
		if (userData[at] === UDATA_COMMENT) return value.toString('utf8').replace(/\0$/, '');
	}
	return undefined;
}

function encodeComment(comment: string): Buffer {
	const value = Buffer.from(`${comment}\0`);
	return Buffer.concat([Buffer.from([UDATA_COMMENT, value.length]), value]);
}

function named(type: number, table: string, what: string): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET)).string(NFTA_TABLE_NAME, table);
	return { type, flags: 0, payload: writer.payload(), what };
}
