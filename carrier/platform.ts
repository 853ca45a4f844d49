import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Database } from './database/database.ts';
import { type DatabasePlace, openDatabase } from './database/open-database.ts';
import { natureOf } from './database/sqlstates.ts';
import { WatchedDatabase } from './database/watched-database.ts';
import { type Health, healthOf } from './health.ts';
import { KeyRing } from './key/key-ring.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { SlicePolicy } from './slice/slice-policy.ts';
import { Deliveries } from './subscription/deliveries.ts';
import type { BrokerFault } from './worker/broker-fault.ts';
import { type BrokerPlace, type Incoming, type MqttLine, openLine } from './worker/mqtt-line.ts';
import { Sender } from './worker/sender.ts';
import { sharedGroup } from './worker/shared-group.ts';
import { Sweeper } from './worker/sweeper.ts';
import { Worker } from './worker/worker.ts';

export type PlatformOptions = {
	readonly database: DatabasePlace;
	readonly broker: Omit<BrokerPlace, 'clientId' | 'group'>;
	/** Directory of the signing keys. */
	readonly keys: string;
	readonly slices: SlicePolicy;
	/** Hosts of webhooks that may have addresses that are not public. */
	readonly privateHosts?: readonly string[];
	readonly clock: Clock;
	readonly log: Log;
};

/** A running worker of the platform: store, broker, and what is due by the clock. With the HTTP API beside it, it is all of it. */
export type Platform = {
	readonly database: Database;
	readonly keys: KeyRing;
	readonly metrics: Metrics;
	readonly sender: Sender;
	readonly isConnected: () => boolean;
	readonly health: () => Promise<Health>;
	stop(): Promise<void>;
};

/** A database server may start later than we: it is waited for, and not longer than an operator who looks at the start waits. */
const START_PATIENCE_MS = 60_000;
const START_RETRY_MS = 500;

/** Opens the store, then the line; what came before the worker is ready waits at the broker. */
export async function startPlatform({
	database: place,
	broker,
	keys: directory,
	slices,
	privateHosts = [],
	clock,
	log,
}: PlatformOptions): Promise<Platform> {
	const database = new WatchedDatabase(await openPatiently(place, clock, log), clock);
	const keys = new KeyRing(directory);
	const metrics = new Metrics();
	let worker: Worker | undefined;
	let sweeper: Sweeper | undefined;
	const early: Incoming[] = [];
	const lost = new Set<BrokerFault>();
	let line: MqttLine | undefined;
	try {
		// A platform without a key could hear, but never acknowledge.
		await keys.signing();
		const clientId = `octroi-carrier-${randomBytes(8).toString('hex')}`;
		const group = await sharedGroup(database);
		line = await openLine({ ...broker, clientId, group }, clock, log.child({ part: 'broker' }), {
			receive: (incoming) => {
				if (worker === undefined) early.push(incoming);
				else worker.receive(incoming);
			},
			random: Math.random,
			onOpen: () => sweeper?.policiesAreDue(),
			onFault: (what, isNews) => {
				metrics.add('broker_faults', { what });
				if (isNews) lost.add(what);
			},
		});
	} catch (error) {
		await database.close();
		throw error;
	}
	const { publish } = line;
	const sender = new Sender({ database, clock, log: log.child({ part: 'sender' }), metrics, keys, publish });
	worker = new Worker({
		database,
		clock,
		log: log.child({ part: 'worker' }),
		metrics,
		sender,
		slices,
		random: Math.random,
	});
	for (const incoming of early) worker.receive(incoming);
	const deliveries = new Deliveries({
		database,
		clock,
		log: log.child({ part: 'deliveries' }),
		metrics,
		publish,
		privateHosts,
	});
	sweeper = new Sweeper({
		database,
		clock,
		log: log.child({ part: 'sweeper' }),
		metrics,
		sender,
		slices,
		deliveries,
		lost,
	});
	sweeper.start();
	const running = { worker, line, sweeper, deliveries };
	const { isConnected } = line;
	const behindSinceMs = () => running.worker.behindSinceMs;
	return {
		database,
		keys,
		metrics,
		sender,
		isConnected,
		health: async () => await healthOf({ database, clock, isConnected, behindSinceMs }),
		async stop() {
			await running.sweeper.stop();
			await running.worker.stop();
			await running.deliveries.stop();
			await running.line.close();
			await database.close();
		},
	};
}

/** @throws CarrierError `database_failed`, `database_in_use` */
async function openPatiently(place: DatabasePlace, clock: Clock, log: Log): Promise<Database> {
	const untilMs = clock.wallMs() + START_PATIENCE_MS;
	for (;;) {
		try {
			return await openDatabase(place, log);
		} catch (error) {
			if (natureOf((error as Error).cause) !== 'passing' || clock.wallMs() >= untilMs) throw error;
			log.warn({ error: (error as Error).message }, 'the database does not answer yet');
			await new Promise<void>((resume) => clock.after(START_RETRY_MS, resume));
		}
	}
}
