import { AttributeCursor, AttributeWriter } from './attribute.ts';
import { NFQA_MARK, NFQA_PAYLOAD, NFQA_VERDICT_HDR, NFQNL_MSG_VERDICT, NFQNL_MSG_VERDICT_BATCH } from './constants.ts';
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

/** What becomes of one packet. */
export type PacketVerdict = {
	readonly queue: number;
	readonly id: number;
	readonly verdict: number;
	/** It goes on as this, from its IP header on; absent: as it came. Its checksums are whoever's who changes it. */
	readonly packet?: Buffer;
};

type Writable<Value> = { -readonly [Field in keyof Value]: Value[Field] };

/** A verdict for one packet and all that wait before it, so that a burst of one kind costs one message. */
export function batchVerdict({ queue, id, verdict, mark }: QueueVerdict): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(0, queue), 24);
	writer.bytes(NFQA_VERDICT_HDR, header(verdict, id)).u32be(NFQA_MARK, mark >>> 0);
	return { type: NFQNL_MSG_VERDICT_BATCH, flags: 0, payload: writer.payload(), what: `judge packets up to ${id}` };
}

/** A verdict for one packet; its mark stays. */
export function packetVerdict({ queue, id, verdict, packet }: PacketVerdict): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(0, queue), 24 + (packet?.length ?? 0));
	writer.bytes(NFQA_VERDICT_HDR, header(verdict, id));
	if (packet) writer.bytes(NFQA_PAYLOAD, packet);
	return { type: NFQNL_MSG_VERDICT, flags: 0, payload: writer.payload(), what: `judge packet ${id}` };
}

/** The verdict of such a message's payload. @throws OctroiError `netlink_malformed` */
export function decodeVerdict(payload: Buffer): QueueVerdict & { readonly packet?: Buffer } {
	const cursor = new AttributeCursor(payload, NFGENMSG_BYTES, payload.length);
	const verdict: Writable<QueueVerdict & { packet?: Buffer }> = {
		queue: payload.readUInt16BE(2),
		id: 0,
		verdict: 0,
		mark: 0,
	};
	while (cursor.next()) {
		if (cursor.type === NFQA_MARK) verdict.mark = cursor.u32be();
		else if (cursor.type === NFQA_PAYLOAD) verdict.packet = cursor.value();
		else if (cursor.type === NFQA_VERDICT_HDR) {
			verdict.verdict = cursor.value().readUInt32BE();
			verdict.id = cursor.value().readUInt32BE(4);
		}
	}
	return verdict;
}

/** struct nfqnl_msg_verdict_hdr: verdict u32, id u32. */
function header(verdict: number, id: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeUInt32BE(verdict);
	bytes.writeUInt32BE(id, 4);
	return bytes;
}
