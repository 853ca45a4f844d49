import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type Server, Socket } from 'node:net';
import { giveServers, openLoopbackServers } from './loopback-servers.ts';
import { programPath } from './program-path.ts';

/** Tells the inner process that it is the inner one. */
const INSIDE_VARIABLE = 'OCTROI_LAB_INSIDE';
/** The pipe whose end means that the outer process is gone. */
const LIFELINE_DESCRIPTOR = 3;
/** Everything of one lab lies here, on a private tmpfs: it is gone with the lab. */
export const LAB_DIRECTORY = '/run/lab';

/** As shells say it: 128 and the number of the signal. */
const STATUS_INTERRUPTED = 130;
const STATUS_KILLED = 137;

const PROGRAM_PATH = programPath(process.env.PATH);

const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const AS_ORDINARY_USER = ['--user', '--map-root-user'];

/** How the lab got its rights: as the machine's root (loop mounts work), or as root of a user namespace. */
export type Privilege = 'root' | 'user-namespace';

/**
 * Runs `inside` in private mount, network and process namespaces, by executing this program once more in them.
 * When the lab ends, however it ends, the kernel removes what it made: the process namespace takes every process
 * with it, the last process takes the namespaces and the tmpfs on /run where their names are.
 *
 * Ways to die, and what carries them: Ctrl-C reaches the inner process by the terminal; SIGTERM of the outer process, its
 * SIGKILL or crash close the lifeline pipe; SIGKILL of `unshare` kills its child (`--kill-child`).
 *
 * @param loopbackPorts of the machine, on which `inside` wants to be reached: it takes them with `takeServers`
 */
export async function inPrivateNamespaces(
	inside: (privilege: Privilege) => Promise<number>,
	loopbackPorts: readonly number[] = [],
): Promise<void> {
	const privilege = process.env[INSIDE_VARIABLE];
	if (privilege === undefined) {
		process.exitCode = await runOutside(loopbackPorts);
		return;
	}
	holdLifeline();
	coverRun();
	process.exit(await inside(privilege as Privilege));
}

/** Only root of the machine may mount a loop device. */
export function currentPrivilege(): Privilege {
	return process.env[INSIDE_VARIABLE] === 'root' ? 'root' : 'user-namespace';
}

async function runOutside(loopbackPorts: readonly number[]): Promise<number> {
	const chosen = choosePrivilege();
	if ('missing' in chosen) {
		process.stderr.write(`${chosen.missing}\n`);
		return 6;
	}
	const servers: Server[] = await openLoopbackServers(loopbackPorts);
	const lab = spawn('unshare', [...chosen.options, process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
		stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
		env: { ...process.env, PATH: PROGRAM_PATH, [INSIDE_VARIABLE]: chosen.privilege },
	});
	giveServers(lab, servers);
	const lifeline = lab.stdio[LIFELINE_DESCRIPTOR];
	// unshare blocks SIGINT and SIGTERM; the terminal's Ctrl-C reaches the inner process by itself, the others by the lifeline.
	process.on('SIGINT', () => {});
	for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => lifeline?.destroy());
	lifeline?.on('error', () => {});
	const status = await new Promise<number>((resolve, reject) => {
		lab.once('error', reject);
		lab.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : STATUS_KILLED));
	});
	for (const server of servers) server.close();
	if (status === STATUS_INTERRUPTED) {
		process.stderr.write('\nStopped. The namespaces, processes and files of the lab are gone with it.\n');
	}
	return status;
}

function choosePrivilege(): { privilege: Privilege; options: string[] } | { missing: string } {
	const attempts: { privilege: Privilege; options: string[] }[] = [
		{ privilege: 'user-namespace', options: [...AS_ORDINARY_USER, ...NAMESPACES] },
	];
	if (process.getuid?.() === 0) attempts.unshift({ privilege: 'root', options: NAMESPACES });
	let reason = '';
	for (const attempt of attempts) {
		// A network namespace that may not be configured is of no use: bring its loopback up to prove it.
		const trial = spawnSync('unshare', [...attempt.options, 'ip', 'link', 'set', 'lo', 'up'], {
			encoding: 'utf8',
			env: { ...process.env, PATH: PROGRAM_PATH },
		});
		if (trial.status === 0) return attempt;
		reason = (trial.error?.message ?? trial.stderr).trim().split('\n')[0] ?? '';
	}
	return {
		missing: `The lab needs private network namespaces and this machine gives none (${reason}). Run it as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000, and kernel.apparmor_restrict_unprivileged_userns=0 where it exists.`,
	};
}

/** As process 1 of its namespace a process ignores every signal that it does not handle; so these are handled. */
function holdLifeline(): void {
	const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
	for (const [signal, number] of Object.entries(numbers)) process.on(signal, () => process.exit(128 + number));
	const lifeline = new Socket({ fd: LIFELINE_DESCRIPTOR, readable: true, writable: false });
	lifeline.on('error', () => {});
	lifeline.on('close', () => process.exit(137));
	lifeline.resume();
	lifeline.unref();
}

/** The names of network namespaces live in /run/netns: on a tmpfs of our own they are nobody else's. */
function coverRun(): void {
	const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'octroi-lab', '/run'], { encoding: 'utf8' });
	if (mounted.status !== 0) throw new Error(`cannot mount a tmpfs over /run: ${mounted.stderr}`);
	mkdirSync(LAB_DIRECTORY);
	mkdirSync('/run/netns');
}
