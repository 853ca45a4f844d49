import { AttributeCursor, AttributeWriter } from './attribute.ts';
import { NFQA_MARK, NFQA_VERDICT_HDR, NFQNL_MSG_VERDICT_BATCH } from './constants.ts';
import type { NetlinkRequest } from './message.ts';
import { NFGENMSG_BYTES, nfgenmsg } from './nfnetlink.ts';

/** What becomes of all packets of a queue up to one. */
export type QueueVerdict = {
	readonly queue: number;
	/** The last one; all before it that have no verdict yet get this one too. */
	readonly id: number;
	/** NF_ACCEPT goes on behind the hook, NF_REPEAT enters it again. */
	readonly verdict: number;
	/** The whole packet mark. */
	readonly mark: number;
};

/** A verdict for one packet and all that wait before it, so that a burst of one kind costs one message. */
export function batchVerdict({ queue, id, verdict, mark }: QueueVerdict): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(0, queue), 24);
	// struct nfqnl_msg_verdict_hdr: verdict u32, id u32.
	const header = Buffer.alloc(8);
	header.writeUInt32BE(verdict);
	header.writeUInt32BE(id, 4);
	writer.bytes(NFQA_VERDICT_HDR, header).u32be(NFQA_MARK, mark >>> 0);
	return { type: NFQNL_MSG_VERDICT_BATCH, flags: 0, payload: writer.payload(), what: `judge packets up to ${id}` };
}

/** The verdict of such a message's payload. @throws OctroiError `netlink_malformed` */
export function decodeVerdict(payload: Buffer): QueueVerdict {
	const cursor = new AttributeCursor(payload, NFGENMSG_BYTES, payload.length);
	const verdict = { queue: payload.readUInt16BE(2), id: 0, verdict: 0, mark: 0 };
	while (cursor.next()) {
		if (cursor.type === NFQA_MARK) verdict.mark = cursor.u32be();
		else if (cursor.type === NFQA_VERDICT_HDR) {
			verdict.verdict = cursor.value().readUInt32BE();
			verdict.id = cursor.value().readUInt32BE(4);
		}
	}
	return verdict;
}
