import type { Socket as DatagramSocket, RemoteInfo } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { type FlowReport, type FlowRequest, newReport, noteReceived } from './flow-request.ts';
import { followEnd, receiveStream, sendStream } from './tcp-stream.ts';
import { DATAGRAM, DATAGRAM_HEADER_BYTES, datagram, openSocket, sendDatagrams, sendOne } from './udp-stream.ts';

/** The first line of a connection is a small JSON object; more is not ours. */
const REQUEST_BYTES_MAX = 4096;
const NEWLINE = 10;

type ServerFlow = { request?: FlowRequest; report: FlowReport; stop: () => void };

/** The far end of everybody's flows: one process, all server addresses. */
export class TrafficServer {
	readonly #flows = new Map<number, ServerFlow>();

	/** Resolves when all addresses are listened on. A datagram socket for each: an answer must come from the address that was asked. */
	async listen(addresses: string[], port: number): Promise<void> {
		const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
		await new Promise<void>((resolve) => server.listen(port, '::', resolve));
		for (const address of addresses) {
			const socket = await openSocket(address, { address, port });
			socket.on('error', () => {}); // an ICMP error for one client is not the others' business
			socket.on('message', (message, from) => this.#receive(socket, message, from));
		}
	}

	stop(id: number): void {
		const flow = this.#flows.get(id);
		if (flow === undefined) return;
		if (flow.report.state === 'open') flow.report.state = 'stopped';
		flow.stop();
	}

	/** A flow of which this is the sender may send so much in all, and then waits; without a bound it goes on. */
	hold(id: number, atBytes: number | undefined): void {
		const request = this.#flows.get(id)?.request;
		if (request !== undefined) request.holdAtBytes = atBytes;
	}

	reports(): FlowReport[] {
		return [...this.#flows.values()].map((flow) => flow.report);
	}

	#accept(socket: Socket): void {
		let head = Buffer.alloc(0);
		socket.on('error', () => socket.destroy());
		const onHead = (data: Buffer) => {
			head = Buffer.concat([head, data]);
			const end = head.indexOf(NEWLINE);
			if (end === -1) {
				if (head.length > REQUEST_BYTES_MAX) socket.destroy();
				return;
			}
			socket.off('data', onHead);
			this.#serve(socket, JSON.parse(head.toString('utf8', 0, end)) as FlowRequest, head.subarray(end + 1));
		};
		socket.on('data', onHead);
	}

	#serve(socket: Socket, request: FlowRequest, rest: Buffer): void {
		const report = newReport(request.id);
		report.state = 'open';
		this.#flows.set(request.id, { request, report, stop: () => socket.resetAndDestroy() });
		followEnd(socket, report);
		socket.on('end', () => socket.end());
		if (request.direction === 'down') {
			socket.resume();
			sendStream(socket, request, report);
		} else {
			if (rest.length > 0) receiveStream(socket, report, rest);
			socket.on('data', (data) => receiveStream(socket, report, data));
		}
	}

	#receive(socket: DatagramSocket, message: Buffer, from: RemoteInfo): void {
		if (message.length < DATAGRAM_HEADER_BYTES) return;
		const id = message.readUInt32BE(1);
		const type = message.readUInt8(0);
		if (type === DATAGRAM.stop) {
			this.stop(id);
		} else if (type === DATAGRAM.request && !this.#flows.has(id)) {
			this.#stream(socket, JSON.parse(message.toString('utf8', DATAGRAM_HEADER_BYTES)) as FlowRequest, from);
		} else if (type === DATAGRAM.data) {
			let flow = this.#flows.get(id);
			if (flow === undefined) {
				flow = { report: { ...newReport(id), state: 'open' }, stop: () => {} };
				this.#flows.set(id, flow);
			}
			noteReceived(flow.report, message.length);
		}
	}

	async #stream(socket: DatagramSocket, request: FlowRequest, from: RemoteInfo): Promise<void> {
		const report: FlowReport = { ...newReport(request.id), state: 'open' };
		this.#flows.set(request.id, { request, report, stop: () => {} });
		const path = { socket, address: from.address, port: from.port, isStopped: () => report.state === 'stopped' };
		await sendDatagrams(request, report, path);
		if (report.state === 'open') report.state = 'finished';
		await sendOne(path, datagram(DATAGRAM.stop, request.id, Buffer.alloc(0)));
	}
}
