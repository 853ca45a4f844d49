import { createSocket, type Socket } from 'node:dgram';
import { DATAGRAM_BYTES_DEFAULT, type FlowReport, type FlowRequest, unheldBytes } from './flow-request.ts';
import { Pace } from './pace.ts';
import { payload } from './payload.ts';

/** Type and flow id in front of each datagram; they are part of its payload's length. */
export const DATAGRAM_HEADER_BYTES = 5;
/** Datagrams in the air to the kernel at once: enough to keep it busy, few enough that no queue of the path overflows. */
const DATAGRAMS_PER_TURN = 16;
/** Ask the kernel for room, so that a receiver that is late loses little; only the application's count depends on it. */
const SOCKET_BUFFER_BYTES = 4 << 20;

/** First byte of a datagram. */
export const DATAGRAM = { request: 0x52, data: 0x44, stop: 0x53 } as const;

/** A datagram socket with room; `address` makes it a server's. */
export async function openSocket(host: string, bind?: { address: string; port: number }): Promise<Socket> {
	const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
	await new Promise<void>((resolve, reject) => {
		socket.once('error', reject);
		socket.bind(bind?.port ?? 0, bind?.address, () => {
			socket.off('error', reject);
			resolve();
		});
	});
	socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
	return socket;
}

/** Sends until the amount is reached or `isStopped`. Datagrams that the network refuses count as sent: nobody repeats them. */
export async function sendDatagrams(
	request: FlowRequest,
	report: FlowReport,
	path: { socket: Socket; address: string; port: number; isStopped: () => boolean },
): Promise<void> {
	const pace = new Pace(request);
	const total = request.bytes ?? Number.POSITIVE_INFINITY;
	const datagramBytes = request.datagramBytes ?? DATAGRAM_BYTES_DEFAULT;
	while (report.sentBytes < total && !path.isStopped()) {
		const turn: Promise<void>[] = [];
		for (let count = 0; count < DATAGRAMS_PER_TURN && report.sentBytes < total; count++) {
			const wanted = unheldBytes(request, report, datagramBytes);
			const size = Math.max(DATAGRAM_HEADER_BYTES, wanted);
			if (wanted === 0 || pace.take(size) === 0) break;
			report.sentBytes += size;
			turn.push(sendOne(path, datagram(DATAGRAM.data, request.id, payload(0, size - DATAGRAM_HEADER_BYTES))));
		}
		if (turn.length === 0) await pace.next();
		else await Promise.all(turn);
		// A send that the kernel takes at once calls back before the event loop turns: without this nothing else would ever run.
		await new Promise((resolve) => setImmediate(resolve));
	}
}

export function datagram(type: number, id: number, body: Buffer): Buffer {
	const header = Buffer.alloc(DATAGRAM_HEADER_BYTES);
	header.writeUInt8(type, 0);
	header.writeUInt32BE(id, 1);
	return Buffer.concat([header, body]);
}

/** Hands one datagram to the kernel. Refusals (EPERM, ECONNREFUSED from an ICMP error) are the network's loss, not the tool's end. */
export async function sendOne(path: { socket: Socket; address: string; port: number }, message: Buffer): Promise<void> {
	await new Promise<void>((resolve) => {
		try {
			path.socket.send(message, path.port, path.address, () => resolve());
		} catch {
			resolve(); // the socket was closed by a stop between two datagrams
		}
	});
}
