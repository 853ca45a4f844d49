import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** With 25 ms between them: two minutes and more, for a machine with much to do. */
const START_ATTEMPTS_MAX = 4800;
const PORT = 6432;

/** Debian's PgBouncer as a process of our own, on a Unix socket, before a server on another one. */
export type PgBouncer = {
	url(database: string): string;
	stop(): Promise<void>;
};

/** @param options.mode as the pooler calls it; `connections` to the server, for all clients together */
export async function startPgBouncer(
	server: { readonly directory: string },
	{ mode, connections }: { readonly mode: 'session' | 'transaction' | 'statement'; readonly connections: number },
): Promise<PgBouncer> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-pgbouncer-'));
	const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' })));
	const user = process.getuid?.() === 0 ? { uid: uid as number, gid: gid as number } : {};
	if (user.uid !== undefined) chownSync(directory, user.uid, user.gid as number);
	chmodSync(directory, 0o755);
	const config = join(directory, 'pgbouncer.ini');
	writeFileSync(join(directory, 'users'), '"octroi" ""\n');
	writeFileSync(
		config,
		[
			'[databases]',
			`* = host=${server.directory}`,
			'[pgbouncer]',
			...['listen_addr =', `listen_port = ${PORT}`, `unix_socket_dir = ${directory}`],
			...['auth_type = trust', `auth_file = ${join(directory, 'users')}`],
			...[`pool_mode = ${mode}`, `default_pool_size = ${connections}`, ''],
		].join('\n'),
	);
	const words = ['--pdeathsig', 'KILL', '/usr/sbin/pgbouncer', '-q', config];
	const child = spawn('setpriv', words, { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'ignore'] });
	for (let attempt = 0; !existsSync(join(directory, `.s.PGSQL.${PORT}`)); attempt++) {
		if (child.exitCode !== null || attempt >= START_ATTEMPTS_MAX) throw new Error('PgBouncer does not start');
		await delay(25);
	}
	return {
		url: (database) => `postgres://octroi@/${database}?host=${encodeURIComponent(directory)}&port=${PORT}`,
		async stop() {
			if (child.exitCode === null && child.signalCode === null) {
				const exit = once(child, 'exit');
				child.kill('SIGKILL');
				await exit;
			}
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
