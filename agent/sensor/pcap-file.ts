import type { CapturedFrame } from './frame-reader.ts';

/** The file format of libpcap, version 2.4, as tcpdump and Wireshark read it (pcap-savefile(5)). */
const MAGIC = 0xa1b2c3d4;
const ETHERNET = 1;
export const FRAME_HEADER_BYTES = 16;

export function pcapFileHeader(snapBytes: number): Buffer {
	const header = Buffer.alloc(24);
	header.writeUInt32LE(MAGIC, 0);
	header.writeUInt16LE(2, 4);
	header.writeUInt16LE(4, 6);
	header.writeUInt32LE(snapBytes, 16);
	header.writeUInt32LE(ETHERNET, 20);
	return header;
}

/** A frame as the file has it; a copy. */
export function pcapFileFrame({ bytes, wireBytes, seconds, microseconds }: CapturedFrame): Buffer {
	const record = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length);
	record.writeUInt32LE(seconds, 0);
	record.writeUInt32LE(microseconds, 4);
	record.writeUInt32LE(bytes.length, 8);
	record.writeUInt32LE(wireBytes, 12);
	bytes.copy(record, FRAME_HEADER_BYTES);
	return record;
}
