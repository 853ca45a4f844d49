import { createServer } from 'node:net';

/** Where the tests listen: nobody outside of this machine can ask. */
export const LOOPBACK = '127.0.0.1';

/** A port that nobody else has now. */
export async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve) => probe.listen(0, LOOPBACK, resolve));
	const { port } = probe.address() as { port: number };
	await new Promise((resolve) => probe.close(resolve));
	return port;
}
