import { AttributeCursor, AttributeWriter } from './attribute.ts';
import {
	NFPROTO_INET,
	NFT_MSG_DELSETELEM,
	NFT_MSG_GETSETELEM,
	NFT_MSG_NEWSETELEM,
	NFTA_DATA_VALUE,
	NFTA_LIST_ELEM,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_EXPIRATION,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_ELEM_OBJREF,
	NFTA_SET_ELEM_TIMEOUT,
	NLM_F_CREATE,
	NLM_F_EXCL,
} from './constants.ts';
import { HEADER_BYTES, type NetlinkMessage, type NetlinkRequest } from './message.ts';
import { NFGENMSG_BYTES, nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** One element of a set or map, in the bytes of its type: a mark is 4 bytes in host order, an ether_addr 6 bytes. */
export type SetElement = {
	readonly key: Buffer;
	/** What a map maps the key to. */
	readonly data?: Buffer;
	/** The object that an object map maps the key to. */
	readonly object?: string;
	/** The kernel removes the element after so long; needs a set with `flags timeout`. */
	readonly timeoutMs?: number;
	/** What is left of the time-out; the kernel tells it, and takes it from us instead of the whole time-out. */
	readonly expirationMs?: number;
};

/** The elements that one message of the kernel holds. */
export type SetElements = { readonly table: string; readonly set: string; readonly elements: readonly SetElement[] };

/**
 * Most bytes of elements in one message. Its list has a 16-bit length; half of that keeps an error that repeats
 * the message within one datagram. A message holds about 400 elements of an object map.
 */
export const ELEMENTS_BYTES_MAX = 0x6000;

/**
 * Adds elements, in as few messages as they fit into. An equal element that is already there is kept (`existing: 'keep'`)
 * or refused with EEXIST; one with other data or another object is refused either way (EBUSY or EEXIST). From Linux 6.12 on
 * `keep` gives it the new time-out; older kernels leave the old one.
 */
export function setElements(
	table: string,
	set: string,
	elements: readonly SetElement[],
	{ existing = 'refuse' }: { existing?: 'refuse' | 'keep' } = {},
): NetlinkRequest[] {
	const flags = existing === 'refuse' ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE;
	return pack({ type: NFT_MSG_NEWSETELEM, flags, verb: 'add', preposition: 'to' }, { table, set, elements });
}

/** Deletes elements by key. ENOENT, and nothing of the batch is done, if one of them is not there (any longer). */
export function deleteSetElements(
	table: string,
	set: string,
	elements: readonly Pick<SetElement, 'key'>[],
): NetlinkRequest[] {
	const keys = elements.map(({ key }) => ({ key }));
	return pack(
		{ type: NFT_MSG_DELSETELEM, flags: 0, verb: 'delete', preposition: 'from' },
		{ table, set, elements: keys },
	);
}

/** Deletes all elements of a set: a deletion that names none (nf_tables_delsetelem). */
export function flushSet(table: string, set: string): NetlinkRequest {
	const payload = listWriter(table, set, 64).payload();
	return { type: NFT_MSG_DELSETELEM, flags: 0, payload, what: `empty the set ${set} in ${table}` };
}

/** For `NetlinkConnection.get`: the element with this key; ENOENT if there is none. */
export function getSetElement(table: string, set: string, key: Buffer): NetlinkRequest {
	const [request] = pack(
		{ type: NFT_MSG_GETSETELEM, flags: 0, verb: 'read', preposition: 'of' },
		{ table, set, elements: [{ key }] },
	);
	return request as NetlinkRequest;
}

/** For `NetlinkConnection.dump`: all elements of a set; ENOENT if there is no such set. */
export function dumpSetElements(table: string, set: string): NetlinkRequest {
	const writer = listWriter(table, set, 64);
	return {
		type: NFT_MSG_GETSETELEM,
		flags: 0,
		payload: writer.payload(),
		what: `list the elements of ${set} in ${table}`,
	};
}

/** The elements of a NEWSETELEM or DELSETELEM message. Their bytes are views. @throws OctroiError `netlink_malformed` */
export function decodeSetElements(message: NetlinkMessage): SetElements {
	const cursor = nfnetlinkAttributes(message);
	const list: { table: string; set: string; elements: SetElement[] } = { table: '', set: '', elements: [] };
	while (cursor.next()) {
		if (cursor.type === NFTA_SET_ELEM_LIST_TABLE) list.table = cursor.string();
		else if (cursor.type === NFTA_SET_ELEM_LIST_SET) list.set = cursor.string();
		else if (cursor.type === NFTA_SET_ELEM_LIST_ELEMENTS) {
			for (const elements = cursor.nested(); elements.next(); ) list.elements.push(decodeElement(elements.nested()));
		}
	}
	return list;
}

/** The element of a request that a refusal's `offset` points at, if it points at one. */
export function elementAt(request: NetlinkRequest, offset: number): SetElement | undefined {
	const cursor = new AttributeCursor(request.payload, NFGENMSG_BYTES, request.payload.length);
	while (cursor.next()) {
		if (cursor.type !== NFTA_SET_ELEM_LIST_ELEMENTS) continue;
		for (const elements = cursor.nested(); elements.next(); ) {
			// The kernel points at the element, or at an attribute within it.
			const first = elements.start - 4 + HEADER_BYTES;
			if (offset >= first && offset < elements.end + HEADER_BYTES) return decodeElement(elements.nested());
		}
	}
	return undefined;
}

/** The payload of a NEWSETELEM message. */
export function encodeSetElements({ table, set, elements }: SetElements): Buffer {
	const writer = listWriter(table, set, 64 + elements.length * 64);
	const list = writer.begin(NFTA_SET_ELEM_LIST_ELEMENTS);
	for (const element of elements) writeElement(writer, element);
	writer.finish(list);
	return writer.payload();
}

type Verb = { type: number; flags: number; verb: string; preposition: string };

function pack({ type, flags, verb, preposition }: Verb, { table, set, elements }: SetElements): NetlinkRequest[] {
	const requests: NetlinkRequest[] = [];
	for (let next = 0; next < elements.length; ) {
		const first = next;
		const writer = listWriter(table, set, Math.min(ELEMENTS_BYTES_MAX, 64 + (elements.length - next) * 64));
		const list = writer.begin(NFTA_SET_ELEM_LIST_ELEMENTS);
		// An element takes at most a few hundred bytes, far from what is left up to the list's 64 KiB.
		while (next < elements.length && writer.length < ELEMENTS_BYTES_MAX) {
			writeElement(writer, elements[next++] as SetElement);
		}
		writer.finish(list);
		const count = next - first === 1 ? `element ${elements[first]?.key.toString('hex')}` : `${next - first} elements`;
		requests.push({
			type,
			flags,
			payload: writer.payload(),
			what: `${verb} ${count} ${preposition} ${set} in ${table}`,
		});
	}
	return requests;
}

function listWriter(table: string, set: string, sizeHint: number): AttributeWriter {
	const writer = new AttributeWriter(nfgenmsg(NFPROTO_INET), sizeHint);
	return writer.string(NFTA_SET_ELEM_LIST_TABLE, table).string(NFTA_SET_ELEM_LIST_SET, set);
}

/** In the kernel's order (nf_tables_fill_setelem). */
function writeElement(writer: AttributeWriter, element: SetElement): void {
	const at = writer.begin(NFTA_LIST_ELEM);
	writeValue(writer, NFTA_SET_ELEM_KEY, element.key);
	if (element.data) writeValue(writer, NFTA_SET_ELEM_DATA, element.data);
	if (element.object !== undefined) writer.string(NFTA_SET_ELEM_OBJREF, element.object);
	if (element.timeoutMs !== undefined) writer.u64be(NFTA_SET_ELEM_TIMEOUT, element.timeoutMs);
	if (element.expirationMs !== undefined) writer.u64be(NFTA_SET_ELEM_EXPIRATION, element.expirationMs);
	writer.finish(at);
}

function writeValue(writer: AttributeWriter, type: number, value: Buffer): void {
	const at = writer.begin(type);
	writer.bytes(NFTA_DATA_VALUE, value);
	writer.finish(at);
}

const noKey = Buffer.alloc(0);

function decodeElement(cursor: AttributeCursor): SetElement {
	// The catch-all element of a set has no key.
	const element: { -readonly [Field in keyof SetElement]: SetElement[Field] } = { key: noKey };
	while (cursor.next()) {
		if (cursor.type === NFTA_SET_ELEM_KEY) element.key = dataValue(cursor.nested()) ?? noKey;
		else if (cursor.type === NFTA_SET_ELEM_DATA) {
			const data = dataValue(cursor.nested());
			if (data) element.data = data;
		} else if (cursor.type === NFTA_SET_ELEM_OBJREF) element.object = cursor.string();
		else if (cursor.type === NFTA_SET_ELEM_TIMEOUT) element.timeoutMs = cursor.u64be();
		else if (cursor.type === NFTA_SET_ELEM_EXPIRATION) element.expirationMs = cursor.u64be();
	}
	return element;
}

/** Undefined for a verdict. */
function dataValue(cursor: AttributeCursor): Buffer | undefined {
	while (cursor.next()) if (cursor.type === NFTA_DATA_VALUE) return cursor.value();
	return undefined;
}
