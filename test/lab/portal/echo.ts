import { createSocket } from 'node:dgram';

/** Sends every datagram back to whoever sent it, from the address that it was sent to. */
const [port, ...addresses] = process.argv.slice(2) as [string, ...string[]];
for (const address of addresses) {
	const socket = createSocket('udp4');
	socket.on('message', (message, { address: from, port: fromPort }) => socket.send(message, fromPort, from));
	await new Promise<void>((resolve) => socket.bind(Number(port), address, resolve));
}
process.stdout.write('ready\n');
