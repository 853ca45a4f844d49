import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '../../../carrier/database/open-database.ts';
import { KeyRing } from '../../../carrier/key/key-ring.ts';
import { silentLog } from '../../../carrier/log.ts';
import { verify } from '../../../carrier/verify.ts';
import { type Mosquitto, startMosquitto } from '../../carrier/mosquitto.ts';
import { type PostgresServer, startPostgres } from '../../carrier/postgres-server.ts';
import { runProgram } from '../namespace/program.ts';
import { processorMs } from '../processor-time.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';

const FLEET = 2000;
const FLEET_SHORT = 200;
const PROCESSES = 2;
const ROUNDS = 3;
/** Access points of the load, batches that each has under way (the agent's window is 8), records of a batch. */
const LOAD = { accessPoints: 64, window: 4, records: 100, seconds: 10 };
/** As access points send that report often and have few guests. */
const SMALL = { accessPoints: 64, window: 8, records: 5, seconds: 10 };
const GENTLE = { accessPoints: 40, records: 10, intervalMs: 500, seconds: 10 };
const SETTLE_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 60_000;

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
};
type World = { broker: Mosquitto; server: PostgresServer; directory: string; key: string; databases: number };

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
		not_connected: { title: 'access points that could not connect', bound: { equals: 0 } },
		fleet_difference_bytes: { title: "the platform's usage − what the access points charged", bound: { equals: 0 } },
		fleet_waiting: { title: 'reports that were not acknowledged at the end', bound: { equals: 0 } },
		fleet_drain_seconds: {
			title: 'from a charge at every access point until the last acknowledgement',
			bound: { atMost: 60 },
		},
		postgres_1_records_per_second: { title: 'PostgreSQL, durable commits, 1 worker', bound: { atLeast: 5000 } },
		postgres_2_records_per_second: { title: '2 workers', bound: { atLeast: 5000 }, longOnly: true },
		postgres_4_records_per_second: { title: '4 workers', bound: { atLeast: 5000 }, longOnly: true },
		growth_2: {
			title: '2 workers ÷ 1, where load, broker, database and workers share 2 processors',
			bound: { atLeast: 0.7 },
			longOnly: true,
		},
		growth_4: { title: '4 workers ÷ 1', bound: { atLeast: 0.7 }, longOnly: true },
		small_batches_per_second: { title: 'batches of 5 records, 1 worker', bound: { atLeast: 1000 }, longOnly: true },
		batch_of_100_worker_us: { title: 'processor time of a batch of 100 records, worker', bound: { atMost: 10_000 } },
		batch_of_100_database_us: { title: 'the same, database', bound: { atMost: 10_000 } },
		batch_of_5_worker_us: { title: 'of a batch of 5 records, worker', bound: { atMost: 1000 }, longOnly: true },
		batch_of_5_database_us: { title: 'the same, database', bound: { atMost: 1000 }, longOnly: true },
		pglite_records_per_second: { title: 'PGlite, in the one process', bound: { atLeast: 3000 } },
		publish_to_committed_p99_ms: {
			title: 'publish → acknowledged after the commit, 99 of 100, at 800 records a second',
			bound: { atMost: 250 },
		},
		lost_records: { title: 'acknowledged − stored, all runs', bound: { equals: 0 } },
		broken_invariants: { title: 'of octroi-carrier verify, all runs', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		await runProgram('ip', ['link', 'set', 'lo', 'up']);
		const directory = mkdtempSync(join(tmpdir(), 'octroi-fleet-'));
		const { kid, x } = new KeyRing(join(directory, 'keys')).create('first');
		const broker = await startMosquitto();
		const server = await startPostgres({ durable: true });
		const world: World = { broker, server, directory, key: `${kid}:${x}`, databases: 0 };
		try {
			const runs = isShort ? [1] : [1, 2, 4];
			const reported = await report(world, isShort ? FLEET_SHORT : FLEET, progress);
			const rates: Record<string, number> = {};
			const sums = { lost_records: 0, broken_invariants: reported.broken };
			for (const workers of runs) {
				const run = await press(world, { workers, load: LOAD, isEmbedded: false }, progress);
				rates[`postgres_${workers}_records_per_second`] = run.perSecond;
				if (workers === 1) Object.assign(rates, costOf('batch_of_100', run.batchUs));
				sums.lost_records += run.lost;
				sums.broken_invariants += run.broken;
			}
			const gentle = await press(world, { workers: 1, load: { ...GENTLE, window: 1 }, isEmbedded: false }, progress);
			const small = isShort ? undefined : await press(world, { workers: 1, load: SMALL, isEmbedded: false }, progress);
			const embedded = await press(world, { workers: 1, load: LOAD, isEmbedded: true }, progress);
			for (const run of [gentle, embedded, ...(small === undefined ? [] : [small])]) {
				sums.lost_records += run.lost;
				sums.broken_invariants += run.broken;
			}
			const growth = (workers: number) =>
				(rates[`postgres_${workers}_records_per_second`] as number) / (rates.postgres_1_records_per_second as number);
			return {
				...reported.figures,
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
		return { figures, broken: await brokenIn(database) };
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
		load: { accessPoints: number; window: number; records: number; seconds: number; intervalMs?: number };
		isEmbedded: boolean;
	},
	progress: Progress,
) {
	const fresh = isEmbedded
		? await embeddedDatabase(world, load.accessPoints)
		: await freshDatabase(world, load.accessPoints);
	// The embedded database belongs to one process: it is looked at before and after.
	if (isEmbedded) await fresh.database.close();
	const workers = await Promise.all(Array.from({ length: count }, async () => await startWorker(world, fresh.place)));
	const idleMs = childrenOf(world.server.pid).reduce((sum, pid) => sum + processorMs(pid), 0);
	const words = [world.broker.url, load.accessPoints, load.window, load.records, load.intervalMs ?? 0, load.seconds];
	const result = JSON.parse(
		await runProgram(process.execPath, [join(PROJECT_ROOT, 'build/test/lab/fleet/load.js'), ...words.map(String)]),
	) as LoadResult;
	await delay(1000);
	// The processes are new: what they had is what the load took, and their start (some 0.6 s of a worker).
	const workerMs = workers.reduce((sum, { pid }) => sum + processorMs(pid as number), 0);
	const databaseMs = isEmbedded
		? 0
		: childrenOf(world.server.pid).reduce((sum, pid) => sum + processorMs(pid), 0) - idleMs;
	await stopAll(workers);
	const database = isEmbedded ? await openDatabase(fresh.place, silentLog) : fresh.database;
	try {
		const [row] = await database.query<{ count: number }>('SELECT count(*) AS count FROM usage_record');
		const perSecond = Math.round(result.acknowledgedRecords / result.elapsedSeconds);
		const what = `${isEmbedded ? 'PGlite' : 'PostgreSQL'}, ${count} workers`;
		progress(
			`${what}: ${perSecond} records/s, ${result.batches} batches, median ${result.medianMs.toFixed(0)} ms, p99 ${result.p99Ms.toFixed(0)} ms`,
		);
		// What was committed and whose acknowledgement was still under way is no loss.
		const lost = Math.max(0, result.acknowledgedRecords - (row?.count ?? 0));
		const eachUs = (ms: number) => Math.round((ms * 1000) / result.batches);
		progress(`processor time of a batch: worker ${eachUs(workerMs)} µs, database ${eachUs(databaseMs)} µs`);
		const batchUs = { worker: eachUs(workerMs), database: eachUs(databaseMs) };
		return { perSecond, p99Ms: result.p99Ms, batchUs, lost, broken: await brokenIn(database) };
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

/** The real program in a process of its own. With the embedded database it has to be `serve`. */
async function startWorker(world: World, place: { url: string } | { directory: string }): Promise<ChildProcess> {
	const config = join(world.directory, `config-${process.hrtime.bigint()}.json`);
	const tokens = join(world.directory, 'tokens');
	writeFileSync(tokens, '');
	const broker = { url: world.broker.url };
	writeFileSync(
		config,
		JSON.stringify({
			version: 1,
			database: place,
			broker,
			keys: join(world.directory, 'keys'),
			http: { port: 0, tokens },
		}),
	);
	const words = [join(PROJECT_ROOT, 'build/carrier/main.js'), 'url' in place ? 'worker' : 'serve', '--config', config];
	const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	let isRunning = false;
	child.stdout?.on('data', (text) => {
		said += text;
		// Looked for before it is cut: a line for each access point of an earlier run may follow at once.
		isRunning ||= said.includes('the platform runs');
		said = said.slice(-4000);
	});
	await until('a worker to run', START_TIMEOUT_MS, () => {
		if (child.exitCode !== null) throw new Error(`the worker ended at its start: ${said}`);
		return isRunning;
	});
	return child;
}

async function stopAll(children: readonly ChildProcess[]): Promise<void> {
	await Promise.all(
		children.map(async (child) => {
			const ended = new Promise((done) => child.once('exit', done));
			child.kill('SIGTERM');
			await ended;
		}),
	);
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
