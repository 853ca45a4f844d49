import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where Debian puts the newest server's programs. */
const PROGRAMS = ['/usr/lib/postgresql/17/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/15/bin'];
/** With 25 ms between them, and what a look takes: two minutes and more, for a machine with much to do. */
const START_ATTEMPTS_MAX = 4800;

/** A PostgreSQL server of our own: an unprivileged process, in a directory of its own, on a Unix socket. */
export type PostgresServer = {
	readonly directory: string;
	readonly pid: number;
	/** Of a database in it, which must exist. */
	url(database: string): string;
	stop(): Promise<void>;
};

/** `durable`: as in service, every commit waits for the disk. Otherwise as tests need it. */
export async function startPostgres({ durable = false }: { durable?: boolean } = {}): Promise<PostgresServer> {
	const programs = PROGRAMS.find(existsSync);
	if (programs === undefined) throw new Error('no PostgreSQL server: install Debian’s postgresql');
	const directory = mkdtempSync(join(tmpdir(), 'octroi-postgres-'));
	// A server refuses to run as root.
	const user = process.getuid?.() === 0 ? unprivileged() : undefined;
	if (user !== undefined) chownSync(directory, user.uid, user.gid);
	chmodSync(directory, 0o755);
	const data = join(directory, 'data');
	execFileSync(
		join(programs, 'initdb'),
		['-D', data, '-U', 'octroi', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
		{
			...user,
			cwd: directory,
			stdio: ['ignore', 'ignore', 'inherit'],
		},
	);
	const settings = [
		['listen_addresses', ''],
		['unix_socket_directories', directory],
		['max_connections', '200'],
		['shared_buffers', '128MB'],
		...(durable
			? [['max_wal_size', '4GB']]
			: [
					['fsync', 'off'],
					['synchronous_commit', 'off'],
					['full_page_writes', 'off'],
				]),
	].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	// A test that dies takes its server with it.
	const words = ['--pdeathsig', 'QUIT', join(programs, 'postgres'), '-D', data, ...settings];
	const server = spawn('setpriv', words, {
		...user,
		cwd: directory,
		stdio: ['ignore', 'ignore', 'ignore'],
	});
	const url = (database: string) => `postgres://octroi@/${database}?host=${encodeURIComponent(directory)}`;
	await untilReady(server, join(programs, 'pg_isready'), directory);
	return {
		directory,
		pid: server.pid as number,
		url,
		async stop() {
			const ended = new Promise((done) => server.once('exit', done));
			if (server.exitCode === null && server.signalCode === null) {
				server.kill('SIGQUIT');
				await ended;
			}
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

async function untilReady(server: ChildProcess, program: string, directory: string): Promise<void> {
	for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt++) {
		if (server.exitCode !== null) throw new Error('the PostgreSQL server ended at its start');
		try {
			execFileSync(program, ['-q', '-h', directory]);
			return;
		} catch {
			await delay(25); // not yet
		}
	}
	throw new Error('the PostgreSQL server does not answer');
}

function unprivileged(): { uid: number; gid: number } {
	const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' })));
	return { uid: uid as number, gid: gid as number };
}
