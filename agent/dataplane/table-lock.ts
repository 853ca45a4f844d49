import { createServer, type Server } from 'node:net';
import { OctroiError } from '../core/octroi-error.ts';

/**
 * An abstract Unix socket belongs to one network namespace, as our table does, and ends with the process that holds it,
 * however it ends: exactly the life of the lock that keeps a second agent away from the table (unix(7)).
 */
const NAME = '\0octroi-table';

/** Only one agent may own the table of a network namespace. */
export class TableLock {
	#server: Server | undefined;

	/** @throws OctroiError `agent_running`, `permission_denied` */
	async take(): Promise<void> {
		const server = createServer((connection) => connection.destroy());
		await new Promise<void>((resolve, reject) => {
			server.once('error', (cause) => reject(refusal(cause)));
			server.listen(NAME, resolve);
		});
		server.unref();
		this.#server = server;
	}

	/** May be called twice. */
	release(): void {
		this.#server?.close();
		this.#server = undefined;
	}
}

function refusal(cause: NodeJS.ErrnoException): OctroiError {
	if (cause.code === 'EADDRINUSE') {
		return new OctroiError('agent_running', 'another agent meters in this network namespace already', {
			fix: 'stop it first, or look at it: octroi status',
			cause,
		});
	}
	return new OctroiError('permission_denied', `cannot take the lock of the table: ${cause.message}`, {
		fix: 'allow the agent to open Unix sockets',
		cause,
	});
}
