import { connect } from 'node:net';
import { type FlowOrder, type FlowReport, newReport, noteReceived } from './flow-request.ts';
import { followEnd, receiveStream, sendStream } from './tcp-stream.ts';
import { DATAGRAM, datagram, openSocket, sendDatagrams, sendOne } from './udp-stream.ts';

/** A UDP request may be lost: it is repeated until data comes. */
const REQUEST_INTERVAL_MS = 200;

type ClientFlow = { order: FlowOrder; report: FlowReport; stop: () => void };

/** The station's end of all its flows. */
export class TrafficClient {
	readonly #flows = new Map<number, ClientFlow>();

	async start(order: FlowOrder): Promise<void> {
		this.#flows.set(order.id, order.protocol === 'tcp' ? startTcp(order) : await startUdp(order));
	}

	stop(id: number): void {
		const flow = this.#flows.get(id);
		if (flow === undefined) return;
		if (flow.report.state === 'open' || flow.report.state === 'connecting') flow.report.state = 'stopped';
		flow.stop();
	}

	/** See the server's. */
	hold(id: number, atBytes: number | undefined): void {
		const flow = this.#flows.get(id);
		if (flow !== undefined) flow.order.holdAtBytes = atBytes;
	}

	reports(): FlowReport[] {
		return [...this.#flows.values()].map((flow) => flow.report);
	}
}

function startTcp(order: FlowOrder): ClientFlow {
	const report = newReport(order.id);
	const socket = connect({ host: order.host, port: order.port });
	const { host: _host, port: _port, ...request } = order;
	socket.once('connect', () => {
		report.state = 'open';
		socket.write(`${JSON.stringify(request)}\n`);
		if (order.direction === 'up') sendStream(socket, order, report);
	});
	if (order.direction === 'down') socket.on('data', (data) => receiveStream(socket, report, data));
	else socket.resume();
	followEnd(socket, report);
	// A reset is one packet; a closed connection would go on retransmitting its end into the scenario's next step.
	return { order, report, stop: () => socket.resetAndDestroy() };
}

async function startUdp(order: FlowOrder): Promise<ClientFlow> {
	const report = newReport(order.id);
	const socket = await openSocket(order.host);
	const path = { socket, address: order.host, port: order.port, isStopped: () => report.state === 'stopped' };
	socket.on('error', (error: NodeJS.ErrnoException) => {
		report.error = error.code ?? error.message;
	});
	const { host: _host, port: _port, ...request } = order;
	const ask = () => sendOne(path, datagram(DATAGRAM.request, order.id, Buffer.from(JSON.stringify(request))));
	const asking = setInterval(
		() => (report.state === 'connecting' ? ask() : clearInterval(asking)),
		REQUEST_INTERVAL_MS,
	);
	socket.on('message', (message) => {
		if (report.state === 'connecting') report.state = 'open';
		if (message.readUInt8(0) === DATAGRAM.stop) {
			if (report.state === 'open') report.state = 'finished';
		} else {
			noteReceived(report, message.length);
		}
	});
	if (order.direction === 'up') {
		clearInterval(asking);
		report.state = 'open';
		sendDatagrams(order, report, path).then(() => {
			if (report.state === 'open') report.state = 'finished';
		});
	} else {
		ask();
	}
	const stop = async () => {
		clearInterval(asking);
		await sendOne(path, datagram(DATAGRAM.stop, order.id, Buffer.alloc(0)));
		socket.close();
	};
	return { order, report, stop };
}
