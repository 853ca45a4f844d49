import {
	chmodSync,
	chownSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	renameSync,
	rmSync,
	unlinkSync,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { OctroiError } from '../core/octroi-error.ts';
import { PROBE_TIMEOUT_MS } from './limits.ts';

/** Who may connect: the mode of the socket's file. */
export type SocketMode = 0o600 | 0o660;
/** Its mode, and the group that 0660 is for; absent: that of the process. */
export type SocketAccess = { readonly mode: SocketMode; readonly groupId?: number | undefined };

/**
 * Binds the server and gives its file the mode before anybody can reach it: the socket is made in a private directory
 * and linked to its place. A file that nobody answers on is replaced.
 *
 * @returns the inode, so that only our own file is removed later
 * @throws OctroiError `agent_running`, `permission_denied`, `invalid_value`
 */
export async function bindSocketFile(server: Server, path: string, { mode, groupId }: SocketAccess): Promise<number> {
	let privateDirectory: string | undefined;
	try {
		mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
		privateDirectory = mkdtempSync(join(dirname(path), '.octroi-'));
		await removeStale(path, privateDirectory);
		const bound = join(privateDirectory, 's');
		await listen(server, bound);
		chmodSync(bound, mode);
		if (groupId !== undefined) chownSync(bound, -1, groupId);
		linkSync(bound, path);
		return lstatSync(path).ino;
	} catch (error) {
		server.close();
		throw explain(error, path);
	} finally {
		if (privateDirectory !== undefined) {
			rmSync(privateDirectory, { recursive: true, force: true });
		}
	}
}

/** Removes the file if it is still the one with that inode. */
export function removeSocketFile(path: string, inode: number): void {
	if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) {
		unlinkSync(path);
	}
}

async function removeStale(path: string, privateDirectory: string): Promise<void> {
	const facts = lstatSync(path, { throwIfNoEntry: false });
	if (facts === undefined) {
		return;
	}
	if (!facts.isSocket()) {
		throw new OctroiError('invalid_value', `${path} exists and is not a socket`, {
			fix: 'move that file away, or configure another path',
		});
	}
	if (await somebodyAnswers(path)) {
		throw agentRunning(path);
	}
	// Renaming takes exactly one inode: if another agent was quicker, what we hold now is its live socket.
	const taken = join(privateDirectory, basename(path).slice(0, 32));
	renameSync(path, taken);
	if (lstatSync(taken).ino !== facts.ino) {
		linkSync(taken, path);
		throw agentRunning(path);
	}
}

function somebodyAnswers(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(path);
		const answer = (answers: boolean) => {
			socket.destroy();
			resolve(answers);
		};
		// A full backlog (the socket's owner hangs) is not a stale file.
		socket.setTimeout(PROBE_TIMEOUT_MS, () => answer(true));
		socket.once('connect', () => answer(true));
		socket.once('error', (error: NodeJS.ErrnoException) =>
			answer(!['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')),
		);
	});
}

function listen(server: Server, path: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(path, () => {
			server.removeListener('error', reject);
			resolve();
		});
	});
}

function agentRunning(path: string): OctroiError {
	return new OctroiError('agent_running', `another agent answers on ${path}`, {
		fix: 'stop it first, or configure other sockets and another database for this one',
	});
}

function explain(error: unknown, path: string): unknown {
	const code = (error as NodeJS.ErrnoException).code;
	if (error instanceof OctroiError) {
		return error;
	}
	if (code === 'EEXIST') {
		return agentRunning(path);
	}
	if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
		return new OctroiError('permission_denied', `the socket ${path} cannot be created: ${code}`, {
			fix: `run the agent as a user who may write to ${dirname(path)}`,
			cause: error,
		});
	}
	return new OctroiError('invalid_value', `the socket ${path} cannot be created: ${code ?? String(error)}`, {
		fix: 'configure a path in an existing directory of a local file system',
		cause: error,
	});
}
