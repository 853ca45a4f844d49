import { OctroiError } from '../core/octroi-error.ts';
import {
	AF_UNSPEC,
	NFNL_MSG_BATCH_BEGIN,
	NFNL_MSG_BATCH_END,
	NFNL_SUBSYS_NFTABLES,
	NLM_F_ACK,
	NLM_F_REQUEST,
} from './constants.ts';
import { HEADER_BYTES, type NetlinkRequest, requestBytes, writeMessage } from './message.ts';
import { NFGENMSG_BYTES, nfgenmsg } from './nfnetlink.ts';

/**
 * Longest batch. The kernel takes a datagram of at most SO_SNDBUF − 32 bytes (netlink_sendmsg), and the default of
 * net.core.wmem_default is 212,992 bytes on 64-bit kernels and 163,840 on 32-bit ones.
 */
export const BATCH_BYTES_MAX = 0x2_0000;

/** BATCH_BEGIN and BATCH_END: two headers with nfgenmsg. */
const FRAME_BYTES = 2 * (HEADER_BYTES + NFGENMSG_BYTES);

/**
 * One datagram: BATCH_BEGIN | messages | BATCH_END (linux/netfilter/nfnetlink.h), numbered from `first`.
 * The acknowledgement is asked of the last message rather than of BATCH_END, which older kernels do not acknowledge;
 * the kernel sends it, after all refusals, when the transaction is decided (nfnetlink_rcv_batch).
 *
 * @throws OctroiError `invalid_value` when it is longer than {@link BATCH_BYTES_MAX}
 */
export function encodeBatch(requests: readonly NetlinkRequest[], first: number): Buffer {
	const length = batchBytes(requests);
	if (length > BATCH_BYTES_MAX) {
		throw new OctroiError('invalid_value', `a batch of ${length} bytes; at most ${BATCH_BYTES_MAX} fit into one`, {
			fix: 'split the changes into several batches',
		});
	}
	const bytes = Buffer.alloc(length);
	const frame = nfgenmsg(AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	let sequence = first;
	const put = (offset: number, type: number, flags: number, payload: Buffer) =>
		writeMessage(bytes, offset, { type, flags: flags | NLM_F_REQUEST, sequence: sequence++, payload });
	let offset = put(0, NFNL_MSG_BATCH_BEGIN, 0, frame);
	for (const [index, { type, flags, payload }] of requests.entries()) {
		offset = put(offset, type, index === requests.length - 1 ? flags | NLM_F_ACK : flags, payload);
	}
	put(offset, NFNL_MSG_BATCH_END, 0, frame);
	return bytes;
}

/**
 * One datagram of messages, numbered from `first`, each of which the kernel does by itself and in order.
 *
 * @param lastFlags what the last one has besides its own: NLM_F_ACK, or NLM_F_DUMP
 */
export function encodeMessages(requests: readonly NetlinkRequest[], first: number, lastFlags: number): Buffer {
	const bytes = Buffer.alloc(requests.reduce((sum, request) => sum + requestBytes(request), 0));
	let offset = 0;
	for (const [index, { type, flags, payload }] of requests.entries()) {
		const all = flags | NLM_F_REQUEST | (index === requests.length - 1 ? lastFlags : 0);
		offset = writeMessage(bytes, offset, { type, flags: all, sequence: first + index, payload });
	}
	return bytes;
}

/** How long a batch of these requests is. */
export function batchBytes(requests: readonly NetlinkRequest[]): number {
	return requests.reduce((sum, request) => sum + requestBytes(request), FRAME_BYTES);
}

/** The requests in order, in as few batches as their length allows. Each batch is atomic; all of them are not. */
export function splitBatches(requests: readonly NetlinkRequest[]): NetlinkRequest[][] {
	const batches: NetlinkRequest[][] = [];
	let room = 0;
	for (const request of requests) {
		const length = requestBytes(request);
		if (batches.length === 0 || length > room) {
			batches.push([]);
			room = BATCH_BYTES_MAX - FRAME_BYTES;
		}
		room -= length;
		batches.at(-1)?.push(request);
	}
	return batches;
}
