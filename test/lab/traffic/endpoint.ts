import { createSocket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { createInterface } from 'node:readline';
import { TrafficClient } from './client.ts';
import type { EndpointCommand } from './endpoint-command.ts';
import { TrafficServer } from './server.ts';

/** RFC 863. */
const DISCARD_PORT = 9;

/**
 * One end of the lab's traffic: `endpoint.js client GREETED…`, or `endpoint.js server PORT ADDRESS…`.
 * Takes one JSON object a line on stdin, answers each with one on stdout; ends with its stdin.
 */
async function main(role: string | undefined, rest: string[]): Promise<void> {
	const end = role === 'server' ? new TrafficServer() : new TrafficClient();
	if (end instanceof TrafficServer) await end.listen(rest.slice(1), Number(rest[0]));
	else for (const address of rest) await greet(address);
	answer({ request: 0 });
	for await (const line of createInterface({ input: process.stdin })) {
		const command = JSON.parse(line) as EndpointCommand;
		if (command.command === 'stop') end.stop(command.id);
		if (command.command === 'hold') end.hold(command.id, command.atBytes);
		if (command.command === 'start' && end instanceof TrafficClient) await end.start(command.order);
		answer({ request: command.request, flows: command.command === 'report' ? end.reports() : [] });
	}
	process.exit(0);
}

/** A datagram that nobody takes. */
async function greet(address: string): Promise<void> {
	const socket = createSocket(isIPv4(address) ? 'udp4' : 'udp6');
	socket.on('error', () => undefined);
	await new Promise<void>((resolve) => socket.send('', DISCARD_PORT, address, () => resolve()));
	socket.close();
}

function answer(value: object): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

await main(process.argv[2], process.argv.slice(3));
