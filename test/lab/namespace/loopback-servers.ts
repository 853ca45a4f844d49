import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const READY = 'ready for servers';

/** Listens on 127.0.0.1 at each port, or at a free one where that is taken. Accepts nothing: it is to be handed on. */
export async function openLoopbackServers(ports: readonly number[]): Promise<Server[]> {
	return await Promise.all(ports.map(async (port) => (await listen(port)) ?? ((await listen(0)) as Server)));
}

/** Hands listening servers to a process that calls {@link takeServers}, as soon as it does, and closes our own ends. */
export function giveServers(child: ChildProcess, servers: readonly Server[]): void {
	child.on('message', (message) => {
		if (message !== READY) return;
		for (const [index, server] of servers.entries()) {
			child.send({ index, port: portOf(server) }, server, () => server.close());
		}
	});
}

/** The servers that the process above us has opened, in order. They still belong to the network in which they were opened. */
export async function takeServers(count: number): Promise<{ port: number; server: Server }[]> {
	if (process.send === undefined) throw new Error('this process was started without a channel to the one above it');
	const taken: { port: number; server: Server }[] = [];
	await new Promise<void>((resolve) => {
		let left = count;
		const take = (message: unknown, server: unknown) => {
			const { index, port } = message as { index: number; port: number };
			taken[index] = { port, server: server as Server };
			left -= 1;
			if (left > 0) return;
			process.off('message', take);
			resolve();
		};
		process.on('message', take);
		process.send?.(READY);
	});
	return taken;
}

async function listen(port: number): Promise<Server | undefined> {
	// Whoever comes too early is refused, and does not wait for ever.
	const server = createServer((socket) => socket.destroy()).listen({ port, host: '127.0.0.1' });
	try {
		await once(server, 'listening');
		return server;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && port !== 0) return undefined;
		throw error;
	}
}

function portOf(server: Server): number {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
	return address.port;
}
