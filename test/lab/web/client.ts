import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A browser in small. One JSON object a line in, `{ kind, host, port, source? }`, one a line out, `{ outcome, ms }`.
 * `get` opens a connection and asks; `again` asks on the last one that was answered; `datagram` sends one and listens.
 * The outcome is the word that the server answers with, or the code of the error, or `silence`.
 */
export type Probe = {
	kind: 'get' | 'again' | 'datagram';
	host?: string;
	port?: number;
	source?: string;
	/** Leaves the connection open, for `again`. The portal allows an address a few of them. */
	keep?: boolean;
	/** So long nothing is an answer too. Whoever means an answer waits for it. */
	silenceMs?: number;
};
export type ProbeAnswer = { outcome: string; ms: number };

const SILENCE_MS = 1500;
let last: Socket | undefined;

async function probe({
	kind,
	host = '',
	port = 80,
	source,
	keep = false,
	silenceMs = SILENCE_MS,
}: Probe): Promise<string> {
	return await new Promise((resolve) => {
		const onError = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
		setTimeout(() => resolve('silence'), silenceMs);
		if (kind === 'datagram') {
			const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
			socket.on('error', onError).on('message', (message) => resolve(message.toString()));
			socket.bind(0, source, () => socket.connect(port, host, () => socket.send('hello')));
			return;
		}
		if (kind === 'get') {
			last = connect({ host, port, ...(source === undefined ? {} : { localAddress: source }) });
			last.on('error', () => undefined);
		}
		const socket = last as Socket;
		const onClose = () => resolve('closed');
		socket.once('error', onError).once('close', onClose);
		socket.once('data', (data) => {
			resolve(wordOf(data.toString()));
			// A connection that is kept is asked many times.
			socket.off('error', onError).off('close', onClose);
			if (!keep) socket.destroy();
		});
		socket.write('GET / HTTP/1.1\r\nHost: lab.example\r\n\r\n');
	});
}

/** The portal shows the way to itself; every other server of the lab says its own name. */
function wordOf(answer: string): string {
	if (/^HTTP\/1\.1 302 .*\r\nLocation: http:\/\/[^/\r]+:2050\/\r\n/s.test(answer)) return 'portal';
	return answer.split('\r\n\r\n')[1]?.split('\r\n').at(-1) || 'answer';
}

for await (const line of createInterface({ input: process.stdin })) {
	const began = performance.now();
	const outcome = await probe(JSON.parse(line) as Probe);
	process.stdout.write(`${JSON.stringify({ outcome, ms: performance.now() - began })}\n`);
}
process.exit(0);
