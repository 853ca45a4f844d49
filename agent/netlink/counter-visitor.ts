import { OctroiError } from '../core/octroi-error.ts';
import {
	NFT_MSG_NEWOBJ,
	NFT_OBJECT_COUNTER,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_OBJ_DATA,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TYPE,
} from './constants.ts';
import type { NetlinkMessage } from './message.ts';
import { NFGENMSG_BYTES } from './nfnetlink.ts';

/** @param letterCode the name's first character's code: 0x75 for `u123` @param number the digits that follow */
export type CounterVisit = (letterCode: number, number: number, bytes: number, packets: number) => void;

/**
 * The fast path of a sample: reads one NEWOBJ message of a dump of counters without making any object, and calls for a
 * counter whose name is one letter and then digits; others are passed over. With thousands of meters this runs every second.
 *
 * @throws OctroiError `netlink_malformed`, also for a counter of 2^53 or more
 */
export function visitCounters(message: NetlinkMessage, visit: CounterVisit): void {
	if (message.type !== NFT_MSG_NEWOBJ) return;
	const { buffer, end } = message;
	let letterCode = 0;
	let number = -1;
	let type = 0;
	let bytes = 0;
	let packets = 0;
	for (let at = message.start + NFGENMSG_BYTES; at < end; ) {
		const length = attributeLength(buffer, at, end);
		const kind = typeAt(buffer, at);
		if (kind === NFTA_OBJ_NAME && length > 5) {
			letterCode = buffer[at + 4] as number;
			number = digitsAt(buffer, at + 5, at + length);
		} else if (kind === NFTA_OBJ_TYPE && length === 8) type = buffer[at + 7] as number;
		else if (kind === NFTA_OBJ_DATA) {
			for (let inner = at + 4, innerEnd = at + length; inner < innerEnd; ) {
				const innerLength = attributeLength(buffer, inner, innerEnd);
				const innerKind = typeAt(buffer, inner);
				if (innerKind === NFTA_COUNTER_BYTES) bytes = exactAt(buffer, inner, innerLength);
				else if (innerKind === NFTA_COUNTER_PACKETS) packets = exactAt(buffer, inner, innerLength);
				inner += (innerLength + 3) & ~3;
			}
		}
		at += (length + 3) & ~3;
	}
	if (type === NFT_OBJECT_COUNTER && number >= 0) visit(letterCode, number, bytes, packets);
}

function attributeLength(buffer: Buffer, at: number, end: number): number {
	const length = end - at >= 4 ? (buffer[at] as number) | ((buffer[at + 1] as number) << 8) : 0;
	if (length < 4 || length > end - at) {
		throw new OctroiError('netlink_malformed', `counter attribute of ${length} bytes where ${end - at} are left`);
	}
	return length;
}

/** The type without its flag bits (NLA_TYPE_MASK). */
function typeAt(buffer: Buffer, at: number): number {
	return (buffer[at + 2] as number) | (((buffer[at + 3] as number) & 0x3f) << 8);
}

/** The number that the digits up to the terminating zero make; −1 if anything else stands there, or nothing. */
function digitsAt(buffer: Buffer, start: number, end: number): number {
	let number = -1;
	for (let at = start; at < end; at++) {
		const digit = (buffer[at] as number) - 0x30;
		if (digit === -0x30) return number;
		if (digit < 0 || digit > 9) return -1;
		number = (number < 0 ? 0 : number * 10) + digit;
	}
	return number;
}

function exactAt(buffer: Buffer, at: number, length: number): number {
	const high = length === 12 ? wordAt(buffer, at + 4) : 0x20_0000;
	if (high >= 0x20_0000) {
		throw new OctroiError('netlink_malformed', 'a counter of 2^53 or more, or not of 64 bits');
	}
	return high * 0x1_0000_0000 + wordAt(buffer, at + 8);
}

/** Big-endian. */
function wordAt(buffer: Buffer, at: number): number {
	return (
		(buffer[at] as number) * 0x100_0000 +
		(((buffer[at + 1] as number) << 16) | ((buffer[at + 2] as number) << 8) | (buffer[at + 3] as number))
	);
}
