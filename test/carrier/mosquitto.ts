import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** With 20 ms between them: two minutes, for a machine with much to do. */
const START_ATTEMPTS_MAX = 6000;

/** Debian's mosquitto as a process of our own, on a port that was free. */
export type Mosquitto = {
	readonly url: string;
	/** The same broker for who has no network in common with us. */
	readonly socket: string;
	readonly pid: number;
	stop(): Promise<void>;
};

/** Where a broker of a test is, and where its files belong. */
export type MosquittoPlace = { readonly directory: string; readonly port: number; readonly socket: string };

/** @param settings its configuration. Absent: everybody may do everything, and much may wait */
export async function startMosquitto(
	settings: (place: MosquittoPlace) => readonly string[] = ({ port, socket }) => [
		...[`listener ${port} 127.0.0.1`, `listener 0 ${socket}`, 'allow_anonymous true'],
		...['max_inflight_messages 1000', 'max_queued_messages 100000', 'persistence false'],
	],
): Promise<Mosquitto> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-mosquitto-'));
	const port = await freePort();
	const config = join(directory, 'mosquitto.conf');
	const socket = join(directory, 'broker.sock');
	const user = process.getuid?.() === 0 ? ['user root'] : [];
	writeFileSync(config, [...user, ...settings({ directory, port, socket }), ''].join('\n'));
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', '/usr/sbin/mosquitto', '-c', config], {
		stdio: ['ignore', 'ignore', 'ignore'],
	});
	for (let attempt = 0; !(await answers(port)); attempt++) {
		if (child.exitCode !== null || attempt >= START_ATTEMPTS_MAX) throw new Error('mosquitto does not start');
		await delay(20);
	}
	return {
		url: `mqtt://127.0.0.1:${port}`,
		socket,
		pid: child.pid as number,
		async stop() {
			const ended = once(child, 'exit');
			if (child.exitCode === null && child.signalCode === null) {
				child.kill('SIGKILL');
				await ended;
			}
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** A port that nobody has. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return port;
}

async function answers(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false; // not yet
	} finally {
		socket.destroy();
	}
}
