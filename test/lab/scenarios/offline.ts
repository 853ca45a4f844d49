import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import pg from 'pg';
import type { AccountId } from '../../../agent/core/units.ts';
import { UP_BYTES_MAX } from '../../../protocol/limits.ts';
import { parseTopic } from '../../../protocol/topics.ts';
import type { Usage } from '../../../protocol/usage.ts';
import { AccessPoint } from '../../agent/sync/carrier-world.ts';
import { startPostgres } from '../../carrier/postgres-server.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { LabBroker } from '../lab-broker.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { PlatformProcess } from '../platform-process.ts';
import { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';

const DAYS = 30;
const DAYS_SHORT = 3;
const STATIONS = 50;
const SESSIONS_A_DAY = 4;
const SESSION_MS = 2 * 3_600_000;
/** A charge of every station that is there: what `sample.commitIntervalMs` is by default. */
const CHARGE_EVERY_MS = 300_000;
const DAY_MS = 86_400_000;
/** The router loses its power twice in the month. */
const RESTARTS = 2;
const AP = 'cafe-7';
/** The clock is made, the platform is real: it takes its time. */
const REAL_MS_A_SECOND = 20;
const TABLES = ['outbox', 'unreported', 'reported', 'event', 'batch', 'inbox', 'sqlite_autoindex_event_1'];

type Moved = { up: number; down: number };

/**
 * The real ledger, line and platform; the clock is made, the stations only have counters. What they use is counted here, apart; what is
 * compared with it is what PostgreSQL has after the platform was killed.
 */
export const offline: Scenario = {
	name: 'offline',
	title: '30 days without the carrier at 50 stations: what waits, how long it takes to drain, nothing lost, order kept',
	figures: {
		days: { title: 'simulated days', bound: { atLeast: DAYS_SHORT } },
		sessions: { title: 'sessions in that time', bound: { atLeast: STATIONS * SESSIONS_A_DAY } },
		charges: { title: 'charges in that time', bound: { atLeast: 1000 } },
		outbox_bytes: { title: 'size of the outbox in the database at the end', bound: { atMost: 2 * 2 ** 20 } },
		outbox_bytes_a_session: { title: 'of it, for each session', bound: { atMost: 100 } },
		batches: { title: 'batches that it took', bound: { atLeast: 1 } },
		reported_bytes: {
			title: 'size of all reports, as somebody at the broker hears them',
			bound: { atMost: 200 * UP_BYTES_MAX },
		},
		drain_ms: {
			title: 'from the connection until the platform has stored and acknowledged all',
			bound: { atMost: 60_000 },
			kind: 'speed',
		},
		difference_bytes: { title: 'stored at the platform, which was killed then − counted here', bound: { equals: 0 } },
		direction_difference_bytes: { title: 'the same by station and direction, absolute', bound: { equals: 0 } },
		events_difference: { title: 'events at the platform − events here', bound: { equals: 0 } },
		gaps: { title: 'batches that are missing between the first and the last', bound: { equals: 0 } },
		not_stored: { title: 'batches that were acknowledged and are not stored', bound: { equals: 0 } },
		out_of_order: { title: 'records or events that came before older ones', bound: { equals: 0 } },
		conflicts: { title: 'batches that came twice with other contents', bound: { equals: 0 } },
		left: { title: 'what waits afterwards', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		const days = isShort ? DAYS_SHORT : DAYS;
		const directory = join(LAB_DIRECTORY, 'offline');
		rmSync(directory, { recursive: true, force: true });
		mkdirSync(directory, { recursive: true });
		const server = await startPostgres({ durable: true });
		const broker = new LabBroker();
		const platform = new PlatformProcess({ database: server.url('postgres'), broker: broker.url });
		await platform.prepare();
		const [kid, x] = platform.key.split(':') as [string, string];
		const settings = { url: broker.url, accessPoint: AP, keys: [{ kid, x }] };
		const ap = new AccessPoint(join(directory, 'ledger.db'), settings, { clock: new FakeClock() });
		await ap.sync.start();
		const lived = await live(ap, { days, progress });
		const outbox_bytes = sizeOf(ap.path);
		progress(`${lived.sessions} sessions, ${lived.charges} charges; the outbox has ${outbox_bytes} bytes`);
		await broker.start();
		const heard = await Listener.start(broker.socketUrl);
		await platform.start();
		await platform.ask('POST', '/v1/access-points', { ap: AP, title: AP });
		const database = new pg.Pool({ connectionString: server.url('postgres'), max: 1 });
		const pass = async () => {
			await ap.pass(1000);
			await delay(REAL_MS_A_SECOND);
		};
		try {
			while (!ap.sync.figures.connected) await pass();
			const start = performance.now();
			const waits = () => Object.values(ap.sync.figures.backlog).reduce((sum, count) => sum + count, 0);
			while (waits() > 0) await pass();
			const drain_ms = Math.round(performance.now() - start);
			const { acknowledged } = ap.sync.figures;
			// What it has only in memory is no store.
			await platform.kill();
			return {
				days,
				sessions: lived.sessions,
				charges: lived.charges,
				outbox_bytes,
				drain_ms,
				left: waits(),
				outbox_bytes_a_session: Math.round(outbox_bytes / lived.sessions),
				reported_bytes: heard.bytes,
				...(await compare(database, lived, acknowledged)),
			};
		} finally {
			await ap.sync.stop();
			heard.stop();
			await database.end();
			await platform.kill();
			await broker.kill();
			await server.stop();
			ap.ledger.close();
		}
	},
};

/** Somebody at the broker who weighs the reports: each batch once. */
class Listener {
	readonly #client: mqtt.MqttClient;
	readonly #sizes = new Map<number, number>();

	private constructor(client: mqtt.MqttClient) {
		this.#client = client;
		client.on('message', (topic, payload) => {
			if (parseTopic(topic)?.kind !== 'usage') return;
			this.#sizes.set((JSON.parse(payload.toString()) as Usage).sequence, payload.length);
		});
	}

	static async start(url: string): Promise<Listener> {
		const client = await mqtt.connectAsync(url, { clientId: 'listener' });
		const listener = new Listener(client);
		await client.subscribeAsync('octroi/1/+/up/usage', { qos: 1 });
		return listener;
	}

	get bytes(): number {
		return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
	}

	stop(): void {
		this.#client.end(true);
	}
}

type Lived = { sessions: number; charges: number; events: number; moved: Map<string, Moved> };

/** A month of guests: each comes and goes, is out of credit once a day, and is topped up. */
async function live(
	ap: AccessPoint,
	{ days, progress }: { days: number; progress: (line: string) => void },
): Promise<Lived> {
	const random = new Random(11);
	const lived: Lived = { sessions: 0, charges: 0, events: 0, moved: new Map() };
	const guests = Array.from({ length: STATIONS }, (_, index) => `guest-${index + 1}`);
	for (const guest of guests) {
		ap.buy(guest, 2 ** 45);
		lived.moved.set(guest, { up: 0, down: 0 });
	}
	for (let day = 1; day <= days; day += 1) {
		for (let visit = 1; visit <= SESSIONS_A_DAY; visit += 1) {
			await stay(ap, { guests, lived, random });
			await ap.pass(DAY_MS / SESSIONS_A_DAY - SESSION_MS);
		}
		for (const guest of guests) {
			for (const isOut of [true, false]) {
				ap.ledger.carrier.noteCredit(guest as AccountId, isOut, { mode: 'nothing' }, ap.moment());
				lived.events += 1;
			}
		}
		if (day % Math.ceil(days / (RESTARTS + 1)) === 0) await ap.restart();
		if (day % 5 === 0) progress(`day ${day}`);
	}
	return lived;
}

async function stay(
	ap: AccessPoint,
	{ guests, lived, random }: { guests: readonly string[]; lived: Lived; random: Random },
) {
	const sessions = guests.map((guest, index) => ({ guest, session: `s-${lived.sessions + index + 1}` }));
	lived.sessions += sessions.length;
	for (const { guest, session } of sessions) ap.open(session, guest);
	for (let passed = 0; passed < SESSION_MS; passed += CHARGE_EVERY_MS) {
		await ap.pass(CHARGE_EVERY_MS);
		const used = sessions.map(({ guest, session }) => {
			const by = { up: random.between(0, 3_000_000), down: random.between(0, 60_000_000) };
			const sum = lived.moved.get(guest) as Moved;
			sum.up += by.up;
			sum.down += by.down;
			return { session, ...by };
		});
		ap.useAll(used);
		lived.charges += used.length;
	}
	for (const { session } of sessions) ap.close(session);
}

/** The pages of the outbox's own tables. */
function sizeOf(path: string): number {
	const database = new Database(path, { readonly: true });
	try {
		const names = TABLES.map(() => '?').join(', ');
		const sum = database.prepare(`SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (${names})`).pluck();
		return sum.get(...TABLES) as number;
	} finally {
		database.close();
	}
}

type StoredRecord = { account: string; session: string; up: number; down: number; received: number; sequence: number };

/** Records are named by their batch and their place in it: that is the order in which they were sent. */
const RECORDS = `SELECT account, session, up_bytes AS up, down_bytes AS down, received_at AS received,
	split_part(id, '.', 2)::bigint AS sequence
	FROM usage_record WHERE ap = $1 AND unit = 'byte' ORDER BY split_part(id, '.', 2)::bigint, split_part(id, '.', 3)::bigint`;
const EVENTS = `SELECT at, received_at AS received FROM event
	WHERE ap = $1 AND kind IN ('credit.out', 'credit.restored') ORDER BY received_at, at`;

async function compare(database: pg.Pool, lived: Lived, acknowledged: number) {
	const rowsOf = async <Row>(sql: string): Promise<Row[]> => {
		const { rows } = await database.query<Record<string, string>>(sql, [AP]);
		const numbers = new Set(['up', 'down', 'received', 'sequence', 'at', 'count']);
		const entries = (row: object) =>
			Object.entries(row).map(([name, value]) => [name, numbers.has(name) ? Number(value) : value]);
		return rows.map((row) => Object.fromEntries(entries(row)) as Row);
	};
	const records = await rowsOf<StoredRecord>(RECORDS);
	const events = await rowsOf<{ at: number; received: number }>(EVENTS);
	const batches = await rowsOf<{ sequence: number }>('SELECT sequence FROM usage_batch WHERE ap = $1');
	const [conflicts] = await rowsOf<{ count: number }>('SELECT count(*) AS count FROM usage_conflict WHERE ap = $1');
	let counted = 0;
	let direction_difference_bytes = 0;
	for (const [guest, { up, down }] of lived.moved) {
		counted += up + down;
		const own = records.filter(({ account }) => account === guest);
		const sum = (field: 'up' | 'down') => own.reduce((total, record) => total + record[field], 0);
		direction_difference_bytes += Math.abs(sum('up') - up) + Math.abs(sum('down') - down);
	}
	const stored = records.reduce((sum, { up, down }) => sum + up + down, 0);
	const falls = (list: readonly number[]) => list.filter((value, index) => value < (list[index - 1] ?? 0)).length;
	const sequences = new Set(batches.map(({ sequence }) => sequence));
	return {
		batches: batches.length,
		difference_bytes: stored - counted,
		direction_difference_bytes,
		events_difference: events.length - lived.events,
		gaps: Math.max(...sequences) - sequences.size,
		not_stored: Array.from({ length: acknowledged }, (_, index) => index + 1).filter((one) => !sequences.has(one))
			.length,
		out_of_order:
			falls(records.map(({ session }) => Number(session.slice(2)))) +
			falls(records.map(({ received }) => received)) +
			falls(events.map(({ at }) => at)),
		conflicts: conflicts?.count ?? Number.NaN,
	};
}
