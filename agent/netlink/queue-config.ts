import { AttributeWriter } from './attribute.ts';
import {
	AF_UNSPEC,
	NFQA_CFG_CMD,
	NFQA_CFG_FLAGS,
	NFQA_CFG_MASK,
	NFQA_CFG_PARAMS,
	NFQA_CFG_QUEUE_MAXLEN,
	NFQNL_CFG_CMD_BIND,
	NFQNL_COPY_PACKET,
	NFQNL_MSG_CONFIG,
} from './constants.ts';
import type { NetlinkRequest } from './message.ts';
import { nfgenmsg, nfnetlinkAttributes } from './nfnetlink.ts';

/** How a queue hands out packets. */
export type QueueParameters = {
	/** How much of each packet is copied, from the IP header on. */
	readonly copyBytes: number;
	/** Packets that may wait. */
	readonly lengthMax: number;
	/** NFQA_CFG_F_…: those that shall be on. */
	readonly flags: number;
};

/** Makes the queue and takes it; EBUSY if another program has it. It is gone with the socket. */
export function bindQueue(queue: number): NetlinkRequest {
	return config(queue, command(NFQNL_CFG_CMD_BIND), `take queue ${queue}`);
}

/** What of each packet is copied, how many wait, and what happens to those that find no room. */
export function setQueueParameters(queue: number, parameters: QueueParameters): NetlinkRequest {
	return config(queue, (writer) => writeParameters(writer, parameters), `set up queue ${queue}`);
}

/** The parameters of a CONFIG message, as {@link setQueueParameters} writes them. @throws OctroiError `netlink_malformed` */
export function decodeQueueParameters(payload: Buffer): QueueParameters {
	const parameters = { copyBytes: 0, lengthMax: 0, flags: 0 };
	const message = { buffer: payload, type: NFQNL_MSG_CONFIG, flags: 0, sequence: 0, start: 0, end: payload.length };
	const cursor = nfnetlinkAttributes(message);
	while (cursor.next()) {
		if (cursor.type === NFQA_CFG_PARAMS) parameters.copyBytes = cursor.value().readUInt32BE();
		else if (cursor.type === NFQA_CFG_QUEUE_MAXLEN) parameters.lengthMax = cursor.u32be();
		else if (cursor.type === NFQA_CFG_FLAGS) parameters.flags = cursor.u32be();
	}
	return parameters;
}

function writeParameters(writer: AttributeWriter, { copyBytes, lengthMax, flags }: QueueParameters): void {
	// struct nfqnl_msg_config_params, packed: range u32 in network order, mode u8.
	const range = Buffer.alloc(5);
	range.writeUInt32BE(copyBytes);
	range[4] = NFQNL_COPY_PACKET;
	writer.bytes(NFQA_CFG_PARAMS, range).u32be(NFQA_CFG_QUEUE_MAXLEN, lengthMax);
	writer.u32be(NFQA_CFG_FLAGS, flags).u32be(NFQA_CFG_MASK, flags);
}

/** struct nfqnl_msg_config_cmd: command u8, padding u8, protocol family u16 (unused since Linux 3.8). */
function command(number: number): (writer: AttributeWriter) => void {
	return (writer) => writer.bytes(NFQA_CFG_CMD, Buffer.from([number, 0, 0, 0]));
}

function config(queue: number, write: (writer: AttributeWriter) => void, what: string): NetlinkRequest {
	const writer = new AttributeWriter(nfgenmsg(AF_UNSPEC, queue), 64);
	write(writer);
	return { type: NFQNL_MSG_CONFIG, flags: 0, payload: writer.payload(), what };
}
