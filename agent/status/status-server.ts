import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { CommandSocket } from './command-socket.ts';
import type { AgentCommands } from './commands.ts';
import { groupIdOf } from './group-id.ts';
import type { StatusStream } from './status-stream.ts';

export type StatusServerOptions = {
	commands: AgentCommands;
	/** Path of the socket for all commands, mode 0600. */
	control: string;
	/** Path of the socket for commands that only read, mode 0660. */
	status: string;
	/** The group that may open it; absent, or of no group of the system: that of the process. */
	statusGroup?: string;
	/** What `watch` streams, on both. */
	stream?: StatusStream;
	clock: Clock;
	log: Log;
};

/** Serves the agent's commands on two Unix sockets. The form of the lines is in `protocol.ts`. */
export class StatusServer {
	readonly #sockets: readonly CommandSocket[];

	constructor({ commands, control, status, statusGroup, stream, clock, log }: StatusServerOptions) {
		const groupId = statusGroup === undefined ? undefined : groupIdOf(statusGroup);
		const shared = { commands, stream, clock, log };
		this.#sockets = [
			new CommandSocket({ ...shared, path: control, access: { mode: 0o600 }, readOnly: false }),
			new CommandSocket({ ...shared, path: status, access: { mode: 0o660, groupId }, readOnly: true }),
		];
	}

	/**
	 * Both sockets or none. May be called twice.
	 *
	 * @throws OctroiError `agent_running` if another agent answers on one of them; `permission_denied`, `invalid_value`
	 */
	async start(): Promise<void> {
		try {
			for (const socket of this.#sockets) {
				await socket.start();
			}
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** Lets answers that are under way end, within a bound. May be called twice. */
	async stop(): Promise<void> {
		for (const socket of this.#sockets.toReversed()) {
			await socket.stop();
		}
	}
}
