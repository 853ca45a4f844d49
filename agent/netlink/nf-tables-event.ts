import {
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_DELOBJ,
	NFT_MSG_DELRULE,
	NFT_MSG_DELTABLE,
	NFT_MSG_NEWFLOWTABLE,
	NFT_MSG_NEWOBJ,
	NFT_MSG_NEWRULE,
	NFT_MSG_NEWTABLE,
	NFTA_RULE_TABLE,
} from './constants.ts';
import type { NetlinkMessage } from './message.ts';
import { decodeFlowtable, type Flowtable } from './nf-tables-flowtable.ts';
import { decodeObject, type NfTablesObject } from './nf-tables-object.ts';
import { decodeTable, type NfTablesTable } from './nf-tables-table.ts';
import { nfnetlinkAttributes } from './nfnetlink.ts';

/** What the nf_tables group (NFNLGRP_NFTABLES) tells of tables, rules, objects and flowtables. */
export type NfTablesEvent =
	| { readonly event: 'table-new' | 'table-deleted'; readonly table: NfTablesTable }
	/** A rule came or went in the table of this name, of any family. */
	| { readonly event: 'rules-changed'; readonly tableName: string }
	/** A new object, an updated one, or a quota that has just run over (then `depleted`). */
	| { readonly event: 'object-new' | 'object-deleted'; readonly object: NfTablesObject }
	| { readonly event: 'flowtable-new' | 'flowtable-deleted'; readonly flowtable: Flowtable };

/** Undefined for every other kind of message (sets, chains, generations). @throws OctroiError `netlink_malformed` */
export function decodeNfTablesEvent(message: NetlinkMessage): NfTablesEvent | undefined {
	switch (message.type) {
		case NFT_MSG_NEWOBJ:
		case NFT_MSG_DELOBJ: {
			const object = decodeObject(message);
			return object && { event: message.type === NFT_MSG_NEWOBJ ? 'object-new' : 'object-deleted', object };
		}
		case NFT_MSG_NEWTABLE:
			return { event: 'table-new', table: decodeTable(message) };
		case NFT_MSG_DELTABLE:
			return { event: 'table-deleted', table: decodeTable(message) };
		case NFT_MSG_NEWFLOWTABLE:
			return { event: 'flowtable-new', flowtable: decodeFlowtable(message) };
		case NFT_MSG_DELFLOWTABLE:
			return { event: 'flowtable-deleted', flowtable: decodeFlowtable(message) };
		case NFT_MSG_NEWRULE:
		case NFT_MSG_DELRULE:
			return { event: 'rules-changed', tableName: tableNameOf(message) };
		default:
			return undefined;
	}
}

/** All else of a rule is left undecoded: a ruleset that is loaded tells of hundreds. */
function tableNameOf(message: NetlinkMessage): string {
	for (const cursor = nfnetlinkAttributes(message); cursor.next(); ) {
		if (cursor.type === NFTA_RULE_TABLE) return cursor.string();
	}
	return '';
}
