import type { Socket } from 'node:net';
import { type FlowReport, type FlowRequest, noteReceived, unheldBytes } from './flow-request.ts';
import { Pace } from './pace.ts';
import { CHUNK_BYTES, isPayload, payload } from './payload.ts';

/** Sends the payload that the request asks for, then closes this direction. A stall waits; it never gives up by itself. */
export async function sendStream(socket: Socket, request: FlowRequest, report: FlowReport): Promise<void> {
	const pace = new Pace(request);
	const total = request.bytes ?? Number.POSITIVE_INFINITY;
	while (report.sentBytes < total && !socket.destroyed) {
		const wanted = unheldBytes(request, report, CHUNK_BYTES);
		if (wanted === 0 || pace.take(wanted) === 0) {
			await pace.next();
			continue;
		}
		const room = socket.write(payload(report.sentBytes, wanted));
		report.sentBytes += wanted;
		if (!room) await drained(socket);
	}
	if (!socket.destroyed) socket.end();
}

/** Counts and checks what arrives: every byte, in order, once. A wrong byte fails the flow. */
export function receiveStream(socket: Socket, report: FlowReport, data: Buffer): void {
	if (!isPayload(data, report.receivedBytes)) {
		report.state = 'failed';
		report.error = `payload differs after ${report.receivedBytes} bytes`;
		socket.destroy();
		return;
	}
	noteReceived(report, data.length);
}

/** Follows the socket's end into the report. */
export function followEnd(socket: Socket, report: FlowReport): void {
	socket.on('error', (error: NodeJS.ErrnoException) => {
		if (report.state === 'failed' || report.state === 'stopped') return;
		report.state = 'failed';
		report.error = error.code ?? error.message;
	});
	socket.on('close', () => {
		if (report.state === 'open') report.state = 'finished';
	});
}

async function drained(socket: Socket): Promise<void> {
	await new Promise<void>((resolve) => {
		const go = () => {
			socket.off('drain', go);
			socket.off('close', go);
			resolve();
		};
		socket.on('drain', go);
		socket.on('close', go);
	});
}
