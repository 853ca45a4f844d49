import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ExecutionContext } from 'ava';

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
	const { port } = server.address() as AddressInfo;
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return port;
}

/** Starts a program, and resolves when it says that it is ready. */
async function startProgram(
	t: ExecutionContext,
	program: string,
	options: readonly string[],
	ready: RegExp,
): Promise<ChildProcess> {
	const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] });
	t.teardown(() => child.kill('SIGKILL'));
	let said = '';
	await new Promise<void>((resolve, reject) => {
		const hear = (chunk: Buffer) => {
			said += chunk.toString();
			if (ready.test(said)) resolve();
		};
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		child.on('error', reject);
		child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
	});
	return child;
}

/** Debian's Mosquitto with these lines of configuration, in a folder. */
export function startMosquitto(t: ExecutionContext, folder: string, lines: readonly string[]): Promise<ChildProcess> {
	const path = `${folder}/mosquitto.conf`;
	writeFileSync(path, ['log_dest stderr', 'user root', ...lines].join('\n'));
	return startProgram(t, 'mosquitto', ['-c', path], /running/);
}

/** A broker that knows MQTT 3.1.1 only. */
export function startNats(t: ExecutionContext, folder: string, port: number): Promise<ChildProcess> {
	const path = `${folder}/nats.conf`;
	writeFileSync(
		path,
		`server_name: octroi\nlisten: "127.0.0.1:-1"\njetstream: { store_dir: "${folder}/nats" }\nmqtt: { listen: "127.0.0.1:${port}" }\n`,
	);
	return startProgram(t, 'nats-server', ['-c', path], /Server is ready/);
}

/** An authority, a certificate of the broker for 127.0.0.1, and one of a client. */
export function makeCertificates(folder: string, clientDays = 30): void {
	const openssl = (...options: readonly string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' });
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '4000', '-subj', '/CN=octroi test');
	for (const [name, days] of [
		['broker', 4000],
		['client', clientDays],
	] as const) {
		openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
		writeFileSync(`${folder}/${name}.ext`, 'subjectAltName=IP:127.0.0.1\n');
		const signed = [
			'-CA',
			'ca.pem',
			'-CAkey',
			'ca.key',
			'-CAcreateserial',
			'-days',
			String(days),
			'-extfile',
			`${name}.ext`,
		];
		openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
	}
}
