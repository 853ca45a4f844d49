import { offerAddedPlans, openBooks } from './assembly/books.ts';
import { makeCustomers } from './assembly/customers.ts';
import { frontDoors } from './assembly/front-doors.ts';
import type { AgentGiven } from './assembly/given.ts';
import { makeMetering } from './assembly/metering.ts';
import { networkParts } from './assembly/network.ts';
import type { Part } from './core/part.ts';
import { TableLock } from './dataplane/table-lock.ts';

export type AgentParts = AgentGiven & {
	readonly processId: number;
	/** Aborted: the agent lets go and returns. The kernel goes on with what it was granted. */
	readonly stop: AbortSignal;
};

/**
 * The composition root: makes the parts, starts them in the order in which they depend on each other, waits, and stops them
 * in reverse.
 *
 * @throws OctroiError what a part that cannot start throws: `agent_running`, `ledger_*`, `flow_offload_active`,
 * `ruleset_refused`, `feature_missing`, `permission_denied`, `netlink_*`; and `ledger_broken`, whenever an invariant of the
 * books does not hold: the kernel goes on within what it was granted, and the next start proves the books
 */
export async function runAgent({ processId, stop, ...given }: AgentParts): Promise<void> {
	const { config, clock, log } = given;
	const started = { startedAtMs: clock.wallMs(), startedBootMs: clock.bootMs() };
	const running: Part[] = [];
	const start = async (parts: readonly Part[]) => {
		for (const part of parts) {
			await part.start?.();
			running.push(part);
		}
	};
	try {
		const lock = new TableLock();
		await start([{ start: () => lock.take(), stop: () => lock.release() }]);
		const books = openBooks(given);
		await start(books.parts);
		const addedPlans = offerAddedPlans(given, books);
		const metering = makeMetering(given, books);
		await start(metering.parts);
		await start(networkParts(given, books, metering));
		const customers = makeCustomers(given, books, metering);
		await start(customers.parts);
		await start(frontDoors({ ...given, ...books, ...metering, ...customers, ...started, addedPlans, processId }));
		log.info({ control: config.control, status: config.status }, 'ready');
		await aborted(AbortSignal.any([stop, books.broken]));
		if (books.broken.aborted) throw books.broken.reason;
	} finally {
		for (const part of running.toReversed()) await part.stop?.();
	}
}

function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
