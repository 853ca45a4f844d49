import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { createSession } from 'pcap';

/**
 * A machine of the lab that opens flows: `host DEVICE`. One JSON object a line in, one empty line out when it has been sent.
 * `connect` and `datagram` are this kernel's own stack; `frames` are sent as they are, in base64.
 */
export type HostOrder =
	| { kind: 'connect'; host: string; port: number }
	| { kind: 'datagram'; host: string; port: number; data: string; hopLimit?: number }
	| { kind: 'frames'; frames: string[] };

/** An answer, or a refusal, says that the first packet has gone; where none comes, it has gone after this, on a busy machine too. */
const CONNECT_MS = 2000;

// Nothing is to be heard: no frame has this type.
const session = createSession(process.argv[2] as string, { filter: 'ether proto 0x88b5', promiscuous: false });

async function carryOut(order: HostOrder): Promise<void> {
	if (order.kind === 'frames') {
		for (const frame of order.frames) session.inject(Buffer.from(frame, 'base64'));
		return;
	}
	if (order.kind === 'connect') {
		const socket = connect({ host: order.host, port: order.port });
		await new Promise<void>((resolve) => {
			socket.on('error', () => resolve()).on('connect', () => resolve());
			setTimeout(resolve, CONNECT_MS);
		});
		socket.destroy();
		return;
	}
	const socket = createSocket(order.host.includes(':') ? 'udp6' : 'udp4');
	await new Promise<void>((resolve) => {
		socket.on('error', () => resolve());
		socket.bind(0, () => {
			if (order.hopLimit !== undefined) socket.setTTL(order.hopLimit);
			socket.send(Buffer.from(order.data, 'base64'), order.port, order.host, () => resolve());
		});
	});
	socket.close();
}

process.stdout.write('\n');
for await (const line of createInterface({ input: process.stdin })) {
	await carryOut(JSON.parse(line) as HostOrder);
	process.stdout.write('\n');
}
process.exit();
