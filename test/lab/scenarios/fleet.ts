import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type DatabasePlace, openDatabase } from '../../../carrier/database/open-database.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { verify } from '../../../carrier/verify.ts';
import { type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';
import { type PostgresServer, startPostgres } from '../../carrier/postgres-server.ts';
import { comparedWithSent, type SentStream, type StoredFigures } from '../fleet/stored.ts';
import { WorkerProcess } from '../fleet/worker-process.ts';
import { runProgram } from '../namespace/program.ts';
import { processorMs } from '../processor-time.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';

const FLEET = 2000;
const FLEET_SHORT = 200;
const PROCESSES = 2;
const ROUNDS = 3;
/** Access points of the load, batches that each has under way (the agent's window is 8), records of a batch. */
const LOAD = { accessPoints: 64, window: 4, records: 100 };
/** As access points send that report often and have few guests. */
const SMALL = { accessPoints: 64, window: 8, records: 5 };
const GENTLE = { accessPoints: 40, records: 10, intervalMs: 500 };
const LOAD_SECONDS = 10;
const LOAD_SECONDS_SHORT = 3;
/** Of a record of the load. */
const RECORD_BYTES = 1000;
const SETTLE_TIMEOUT_MS = HANG_MS;

function costOf(name: string, { worker, database }: { worker: number; database: number }): Record<string, number> {
	return { [`${name}_worker_us`]: worker, [`${name}_database_us`]: database };
}

type Progress = (line: string) => void;
type LoadResult = {
	acknowledgedRecords: number;
	elapsedSeconds: number;
	batches: number;
	medianMs: number;
	p99Ms: number;
	/** Batches that were said twice. */
	repeated: number;
	streams: SentStream[];
};
type World = {
	broker: Mosquitto;
	server: PostgresServer;
	directory: string;
	key: string;
	databases: number;
	seconds: number;
};

type Pressed = StoredFigures & {
	readonly perSecond: number;
	readonly p99Ms: number;
	readonly batchUs: { readonly worker: number; readonly database: number };
	readonly repeatedSent: number;
	readonly repeated: number;
	readonly broken: number;
};

/** Many access points, a real broker, real databases, workers as processes of their own. */
export const fleet: Scenario = {
	name: 'fleet',
	title:
		'2,000 access points connected and reporting; records a second through 1, 2 and 4 workers; publish to committed',
	figures: {
		connected: {
			title: 'access points with the real ledger and line, connected at once',
			bound: { atLeast: FLEET_SHORT },
		},
		connected_whole_fleet: {
			title: 'the same, in the long form',
			bound: { atLeast: FLEET },
			longOnly: true,
		},
		not_connected: { title: 'access points that could not connect', bound: { equals: 0 } },
		fleet_difference_bytes: { title: "the platform's usage − what the access points charged", bound: { equals: 0 } },
		fleet_waiting: { title: 'reports that were not acknowledged at the end', bound: { equals: 0 } },
		fleet_drain_seconds: {
			title: 'from a charge at every access point until the last acknowledgement',
			bound: { atMost: 60 },
			kind: 'speed',
		},
		postgres_1_records_per_second: {
			title: 'PostgreSQL, durable commits, 1 worker',
			bound: { atLeast: 5000 },
			kind: 'speed',
		},
		postgres_2_records_per_second: { title: '2 workers', bound: { atLeast: 5000 }, longOnly: true, kind: 'speed' },
		postgres_4_records_per_second: { title: '4 workers', bound: { atLeast: 5000 }, longOnly: true, kind: 'speed' },
		growth_2: {
			title: '2 workers ÷ 1, where load, broker, database and workers share 2 processors',
			bound: { atLeast: 0.7 },
			longOnly: true,
			kind: 'speed',
		},
		growth_4: { title: '4 workers ÷ 1', bound: { atLeast: 0.7 }, longOnly: true, kind: 'speed' },
		small_batches_per_second: {
			title: 'batches of 5 records, 1 worker',
			bound: { atLeast: 1000 },
			longOnly: true,
			kind: 'speed',
		},
		batch_of_100_worker_us: {
			title: 'processor time of a batch of 100 records, worker',
			bound: { atMost: 10_000 },
			kind: 'speed',
		},
		batch_of_100_database_us: { title: 'the same, database', bound: { atMost: 10_000 }, kind: 'speed' },
		batch_of_5_worker_us: {
			title: 'of a batch of 5 records, worker',
			bound: { atMost: 1000 },
			longOnly: true,
			kind: 'speed',
		},
		batch_of_5_database_us: { title: 'the same, database', bound: { atMost: 1000 }, longOnly: true, kind: 'speed' },
		pglite_records_per_second: { title: 'PGlite, in the one process', bound: { atLeast: 3000 }, kind: 'speed' },
		publish_to_committed_p99_ms: {
			title: 'publish → acknowledged after the commit, 99 of 100, at 800 records a second',
			bound: { atMost: 250 },
			kind: 'speed',
		},
		lost_records: { title: 'records of acknowledged batches that are not stored, all runs', bound: { equals: 0 } },
		unsent_records: { title: 'stored records that nobody has sent', bound: { equals: 0 } },
		records_twice: {
			title: 'records that are stored or counted twice, and those of batches that are there by half',
			bound: { equals: 0 },
		},
		repeated_sent: { title: 'batches that the load said twice', bound: { atLeast: 3 } },
		repeated_batches: {
			title: 'batches that the platform had already when they came, by its own count',
			bound: { atLeast: 1 },
		},
		broken_invariants: { title: 'of octroi-carrier verify, all runs', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const directory = mkdtempSync(join(tmpdir(), 'octroi-fleet-'));
		const { kid, x } = new KeyRing(join(directory, 'keys')).create('first');
		const broker = await startMosquitto();
		const server = await startPostgres({ durable: true });
		const seconds = isShort ? LOAD_SECONDS_SHORT : LOAD_SECONDS;
		const world: World = { broker, server, directory, key: `${kid}:${x}`, databases: 0, seconds };
		try {
			const runs = isShort ? [1] : [1, 2, 4];
			const reported = await report(world, isShort ? FLEET_SHORT : FLEET, progress);
			const rates: Record<string, number> = {};
			const sums = {
				lost_records: 0,
				unsent_records: 0,
				records_twice: 0,
				repeated_sent: 0,
				repeated_batches: reported.repeated,
				broken_invariants: reported.broken,
			};
			const add = (run: Pressed) => {
				sums.lost_records += run.lost;
				sums.unsent_records += run.unsent;
				sums.records_twice += run.twice;
				sums.repeated_sent += run.repeatedSent;
				sums.repeated_batches += run.repeated;
				sums.broken_invariants += run.broken;
			};
			for (const workers of runs) {
				const run = await press(world, { workers, load: LOAD, isEmbedded: false }, progress);
				rates[`postgres_${workers}_records_per_second`] = run.perSecond;
				if (workers === 1) Object.assign(rates, costOf('batch_of_100', run.batchUs));
				add(run);
			}
			const gentle = await press(world, { workers: 1, load: { ...GENTLE, window: 1 }, isEmbedded: false }, progress);
			const small = isShort ? undefined : await press(world, { workers: 1, load: SMALL, isEmbedded: false }, progress);
			const embedded = await press(world, { workers: 1, load: LOAD, isEmbedded: true }, progress);
			for (const run of [gentle, embedded, ...(small === undefined ? [] : [small])]) add(run);
			const growth = (workers: number) =>
				(rates[`postgres_${workers}_records_per_second`] as number) / (rates.postgres_1_records_per_second as number);
			return {
				...reported.figures,
				...(isShort ? {} : { connected_whole_fleet: reported.figures.connected }),
				...rates,
				...(isShort ? {} : { growth_2: growth(2), growth_4: growth(4) }),
				...(small === undefined
					? {}
					: {
							small_batches_per_second: Math.round(small.perSecond / SMALL.records),
							...costOf('batch_of_5', small.batchUs),
						}),
				pglite_records_per_second: embedded.perSecond,
				publish_to_committed_p99_ms: Math.round(gentle.p99Ms),
				...sums,
			};
		} finally {
			await broker.stop();
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		}
	},
};

/** The whole fleet, with the real ledger and line, charges and reports. */
async function report(world: World, size: number, progress: Progress) {
	const { url, database } = await freshDatabase(world, size);
	const workers = [await startWorker(world, { url })];
	const ledgers = join(world.directory, 'ledgers');
	mkdirSync(ledgers);
	const processes: FleetProcess[] = [];
	const each = Math.ceil(size / PROCESSES);
	for (let first = 0; first < size; first += each) {
		processes.push(
			new FleetProcess([first, Math.min(each, size - first), world.broker.url, world.key, ledgers].map(String)),
		);
	}
	try {
		const start = performance.now();
		const readings = await Promise.all(processes.map(async (one) => await one.next()));
		const connected = readings.reduce((sum, reading) => sum + reading.connected, 0);
		progress(`${connected} access points connected after ${((performance.now() - start) / 1000).toFixed(1)} s`);
		const charged = performance.now();
		for (let round = 0; round < ROUNDS; round++) await Promise.all(processes.map(async (one) => await one.ask('use')));
		let waiting = Number.POSITIVE_INFINITY;
		let used = 0;
		await until(
			'all reports to be acknowledged',
			SETTLE_TIMEOUT_MS,
			async () => {
				const now = await Promise.all(processes.map(async (one) => await one.ask('read')));
				waiting = now.reduce((sum, reading) => sum + reading.waiting, 0);
				used = now.reduce((sum, reading) => sum + reading.usedBytes, 0);
				return waiting === 0;
			},
			200,
		);
		const drain = (performance.now() - charged) / 1000;
		const [row] = await database.query<{ amount: number }>(
			'SELECT coalesce(sum(amount), 0) AS amount FROM usage_record',
		);
		progress(`${used} bytes charged, ${row?.amount} at the platform after ${drain.toFixed(1)} s`);
		const figures = {
			connected,
			not_connected: size - connected,
			fleet_difference_bytes: (row?.amount ?? 0) - used,
			fleet_waiting: waiting,
			fleet_drain_seconds: Math.round(drain * 10) / 10,
		};
		return { figures, broken: await brokenIn(database), repeated: await repeatedAt(workers) };
	} finally {
		await Promise.all(processes.map(async (one) => await one.stop()));
		await stopAll(workers);
		await database.close();
	}
}

/** Batches as fast as they are acknowledged, for so many seconds. */
async function press(
	world: World,
	{
		workers: count,
		load,
		isEmbedded,
	}: {
		workers: number;
		load: { accessPoints: number; window: number; records: number; intervalMs?: number };
		isEmbedded: boolean;
	},
	progress: Progress,
): Promise<Pressed> {
	const fresh = isEmbedded
		? await embeddedDatabase(world, load.accessPoints)
		: await freshDatabase(world, load.accessPoints);
	// The embedded database belongs to one process: it is looked at before and after.
	if (isEmbedded) await fresh.database.close();
	const workers = await Promise.all(Array.from({ length: count }, async () => await startWorker(world, fresh.place)));
	const idleMs = childrenOf(world.server.pid).reduce((sum, pid) => sum + processorMs(pid), 0);
	const words = [world.broker.url, load.accessPoints, load.window, load.records, load.intervalMs ?? 0, world.seconds];
	const result = JSON.parse(
		await runProgram(process.execPath, [join(PROJECT_ROOT, 'build/test/lab/fleet/load.js'), ...words.map(String)]),
	) as LoadResult;
	await delay(1000);
	// The processes are new: what they had is what the load took, and their start (some 0.6 s of a worker).
	const workerMs = workers.reduce((sum, { pid }) => sum + processorMs(pid), 0);
	const databaseMs = isEmbedded
		? 0
		: childrenOf(world.server.pid).reduce((sum, pid) => sum + processorMs(pid), 0) - idleMs;
	const repeated = await repeatedAt(workers);
	await stopAll(workers);
	const database = isEmbedded ? await openDatabase(fresh.place, silentLog) : fresh.database;
	try {
		const perSecond = Math.round(result.acknowledgedRecords / result.elapsedSeconds);
		const what = `${isEmbedded ? 'PGlite' : 'PostgreSQL'}, ${count} workers`;
		progress(
			`${what}: ${perSecond} records/s, ${result.batches} batches, median ${result.medianMs.toFixed(0)} ms, p99 ${result.p99Ms.toFixed(0)} ms`,
		);
		const terms = { records: load.records, amount: RECORD_BYTES };
		const stored = await comparedWithSent(database, result.streams, terms);
		const eachUs = (ms: number) => Math.round((ms * 1000) / result.batches);
		progress(`processor time of a batch: worker ${eachUs(workerMs)} µs, database ${eachUs(databaseMs)} µs`);
		const batchUs = { worker: eachUs(workerMs), database: eachUs(databaseMs) };
		const [{ p99Ms, repeated: repeatedSent }, broken] = [result, await brokenIn(database)];
		return { perSecond, p99Ms, batchUs, ...stored, repeatedSent, repeated, broken };
	} finally {
		await database.close();
	}
}

/** Processes of the database: one for each connection, and those that write. */
function childrenOf(pid: number): number[] {
	return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function freshDatabase(world: World, accessPoints: number) {
	const name = `fleet_${++world.databases}`;
	const administration = await openDatabase({ url: world.server.url('postgres') }, silentLog);
	await administration.query(`CREATE DATABASE ${name}`);
	await administration.close();
	const url = world.server.url(name);
	const database = await openDatabase({ url }, silentLog);
	await addAccessPoints(database, accessPoints);
	return { url, place: { url }, database };
}

async function embeddedDatabase(world: World, accessPoints: number) {
	const place = { directory: join(world.directory, 'pglite') };
	const database = await openDatabase(place, silentLog);
	await addAccessPoints(database, accessPoints);
	return { place, database };
}

async function addAccessPoints(database: Awaited<ReturnType<typeof openDatabase>>, count: number): Promise<void> {
	await database.query(
		"INSERT INTO access_point (ap, title, added_at) SELECT 'ap-' || n, 'simulated', 0 FROM generate_series(0, $1::integer - 1) AS n",
		[count],
	);
}

async function brokenIn(database: Awaited<ReturnType<typeof openDatabase>>): Promise<number> {
	return (await verify(database)).filter(({ broken }) => broken.length > 0).length;
}

async function startWorker({ directory, broker }: World, place: DatabasePlace): Promise<WorkerProcess> {
	return await WorkerProcess.start({ directory, broker: broker.url, place });
}

async function stopAll(workers: readonly WorkerProcess[]): Promise<void> {
	await Promise.all(workers.map(async (worker) => await worker.stop()));
}

async function repeatedAt(workers: readonly WorkerProcess[]): Promise<number> {
	const counts = await Promise.all(workers.map(async (worker) => await worker.repeatedBatches()));
	return counts.reduce((sum, count) => sum + count, 0);
}

type FleetReading = { connected: number; usedBytes: number; waiting: number };

/** A process with a part of the fleet. */
class FleetProcess {
	readonly #child: ChildProcess;
	readonly #lines: AsyncIterator<string>;

	constructor(words: readonly string[]) {
		this.#child = spawn(process.execPath, [join(PROJECT_ROOT, 'build/test/lab/fleet/access-points.js'), ...words], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
	}

	async next(): Promise<FleetReading> {
		const line = await this.#lines.next();
		if (line.done) throw new Error('a part of the fleet ended');
		return JSON.parse(line.value) as FleetReading;
	}

	async ask(word: 'use' | 'read'): Promise<FleetReading> {
		this.#child.stdin?.write(`${word}\n`);
		return await this.next();
	}

	async stop(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		const ended = new Promise((done) => this.#child.once('exit', done));
		this.#child.stdin?.end('stop\n');
		await ended;
	}
}
