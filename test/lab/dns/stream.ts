/** Before each message on TCP stands its length (RFC 1035, 4.2.2). */
const LENGTH_BYTES = 2;

export function framed(message: Buffer): Buffer {
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt16BE(message.length);
	return Buffer.concat([length, message]);
}

/** Takes the pieces of a connection and hands on whole messages. */
export function messagesOf(take: (message: Buffer) => void): (bytes: Buffer) => void {
	let received = Buffer.alloc(0);
	return (bytes) => {
		received = Buffer.concat([received, bytes]);
		while (received.length >= LENGTH_BYTES && received.length >= LENGTH_BYTES + received.readUInt16BE()) {
			const end = LENGTH_BYTES + received.readUInt16BE();
			take(received.subarray(LENGTH_BYTES, end));
			received = received.subarray(end);
		}
	};
}
