import type { Clock } from './clock.ts';
import type { WatchedDatabase } from './database/watched-database.ts';

/** How long somebody who asks for our health waits for the database. */
const PROBE_MS = 2000;
/** Messages of access points that wait for longer, though we try to store them: something is wrong, whatever the database says else. */
export const INGEST_LATE_MS = 15_000;

/** How the platform is. It is for everybody who reaches the port: it names nothing of the database. */
export type Health = {
	/** It answers now. */
	readonly database: boolean;
	/** Seconds since it last answered anybody here; null: never. */
	readonly databaseAnsweredSecondsAgo: number | null;
	/** What was wrong with it last, until it answers again. */
	readonly databaseFault?: string;
	readonly broker: boolean;
	/** False: what access points send has not been stored for {@link INGEST_LATE_MS} and more, though we try. */
	readonly ingest: boolean;
};

export type HealthParts = {
	readonly database: WatchedDatabase;
	readonly clock: Clock;
	readonly isConnected: () => boolean;
	/** Since when messages are being stored without success, by the wall clock; undefined: none waits. */
	readonly behindSinceMs: () => number | undefined;
};

/** Asks the database, and looks at what was seen of it before. A connection that answers does not say that all do. */
export async function healthOf({ database, clock, isConnected, behindSinceMs }: HealthParts): Promise<Health> {
	const isThere = await new Promise<boolean>((resolve) => {
		const cancel = clock.after(PROBE_MS, () => resolve(false));
		database
			.query('SELECT 1')
			.then(
				() => resolve(true),
				() => resolve(false),
			)
			.finally(cancel);
	});
	const { answeredAtMs, fault } = database.sight;
	const now = clock.wallMs();
	const since = behindSinceMs();
	return {
		database: isThere,
		databaseAnsweredSecondsAgo:
			answeredAtMs === undefined ? null : Math.max(0, Math.floor((now - answeredAtMs) / 1000)),
		...(fault === undefined ? {} : { databaseFault: fault }),
		broker: isConnected(),
		ingest: since === undefined || now - since < INGEST_LATE_MS,
	};
}
