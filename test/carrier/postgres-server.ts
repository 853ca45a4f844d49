import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where Debian puts the newest server's programs. */
const PROGRAMS = ['/usr/lib/postgresql/17/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/15/bin'];
/** With 25 ms between them, and what a look takes: two minutes and more, for a machine with much to do. */
const START_ATTEMPTS_MAX = 4800;

/** With 100 ms between them. */
const RESTARTS_MAX = 600;

/** A PostgreSQL server of our own: an unprivileged process, in a directory of its own, on a Unix socket. */
export type PostgresServer = {
	readonly directory: string;
	readonly pid: number;
	/** Of a database in it, which must exist. */
	url(database: string): string;
	/** The same by TCP, where the server was started with a port. */
	tcpUrl(database: string): string;
	/** Ends it in this way, and starts it again at once: resolves when it answers. */
	restart(how: Ending): Promise<void>;
	stop(): Promise<void>;
};

/** `fast`, `immediate`: the server's own modes (pg_ctl). `killed`: kill -9, the server has to recover. */
export type Ending = 'fast' | 'immediate' | 'killed';
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;

export type PostgresOptions = {
	/** As in service, every commit waits for the disk. Otherwise as tests need it. */
	readonly durable?: boolean;
	/** On loopback; absent: only a Unix socket. */
	readonly port?: number;
	/** Further settings of the server: `name=value`. */
	readonly settings?: readonly string[];
};

/** Starts Debian's server on a new, empty directory. */
export async function startPostgres({
	durable = false,
	port,
	settings: further = [],
}: PostgresOptions = {}): Promise<PostgresServer> {
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
		['listen_addresses', port === undefined ? '' : '127.0.0.1'],
		...(port === undefined ? [] : [['port', String(port)]]),
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
	]
		.map(([name, value]) => `${name}=${value}`)
		.concat(further)
		.flatMap((setting) => ['-c', setting]);
	// A test that dies takes its server with it.
	const words = ['--pdeathsig', 'QUIT', join(programs, 'postgres'), '-D', data, ...settings];
	const start = async (): Promise<ChildProcess> => {
		const child = spawn('setpriv', words, { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'ignore'] });
		await untilReady(child, join(programs, 'pg_isready'), [
			'-h',
			directory,
			...(port === undefined ? [] : ['-p', String(port)]),
		]);
		return child;
	};
	const host = encodeURIComponent(directory);
	const at = port === undefined ? '' : `&port=${port}`;
	let server = await start();
	return {
		directory,
		get pid() {
			return server.pid as number;
		},
		url: (database) => `postgres://octroi@/${database}?host=${host}${at}`,
		tcpUrl: (database) => `postgres://octroi@127.0.0.1:${port}/${database}`,
		async restart(how) {
			await ended(server, SIGNALS[how]);
			server = await startAgain(start);
		},
		async stop() {
			await ended(server, 'SIGQUIT');
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (server.exitCode !== null || server.signalCode !== null) return;
	const exit = new Promise((done) => server.once('exit', done));
	server.kill(signal);
	await exit;
}

/** Processes of a server that was killed end a moment after it; until then its successor refuses to start. */
async function startAgain(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
	for (let attempt = 0; ; attempt++) {
		try {
			return await start();
		} catch (error) {
			if (attempt >= RESTARTS_MAX) throw error;
			await delay(100);
		}
	}
}

async function untilReady(server: ChildProcess, program: string, place: readonly string[]): Promise<void> {
	for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt++) {
		if (server.exitCode !== null) throw new Error('the PostgreSQL server ended at its start');
		try {
			execFileSync(program, ['-q', ...place]);
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
