import type { Logger } from 'pino';

/** Logs are objects with a short constant message; each component takes a child of its own. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(bindings: object): Log };

/** A log that keeps nothing: for tests and for commands that print. */
export const silentLog: Log = {
	debug() {},
	info() {},
	warn() {},
	error() {},
	fatal() {},
	child: () => silentLog,
};
