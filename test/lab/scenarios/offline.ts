import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AccountId } from '../../../agent/core/units.ts';
import { UP_BYTES_MAX } from '../../../protocol/limits.ts';
import { AccessPoint } from '../../agent/sync/carrier-world.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakePlatform } from '../../fakes/fake-platform.ts';
import { LabBroker } from '../lab-broker.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
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
const TABLES = ['outbox', 'unreported', 'reported', 'event', 'batch', 'inbox', 'sqlite_autoindex_event_1'];

type Moved = { up: number; down: number };

/** The real ledger and line; the clock is made, the stations only have counters. What they use is counted here, apart. */
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
		reported_bytes: { title: 'size of all reports', bound: { atMost: 200 * UP_BYTES_MAX } },
		drain_ms: { title: 'from the connection to the last acknowledgement', bound: { atMost: 60_000 } },
		difference_bytes: { title: "the platform's usage − counted here", bound: { equals: 0 } },
		direction_difference_bytes: { title: 'the same by station and direction, absolute', bound: { equals: 0 } },
		events_difference: { title: 'events at the platform − events here', bound: { equals: 0 } },
		out_of_order: { title: 'records or events that came before older ones', bound: { equals: 0 } },
		conflicts: { title: 'batches that came twice with other contents', bound: { equals: 0 } },
		left: { title: 'what waits afterwards', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		const days = isShort ? DAYS_SHORT : DAYS;
		const directory = join(LAB_DIRECTORY, 'offline');
		rmSync(directory, { recursive: true, force: true });
		mkdirSync(directory, { recursive: true });
		const broker = new LabBroker();
		const ap = new AccessPoint(join(directory, 'ledger.db'), { url: broker.url }, { clock: new FakeClock() });
		await ap.sync.start();
		const lived = await live(ap, { days, progress });
		const outbox_bytes = sizeOf(ap.path);
		progress(`${lived.sessions} sessions, ${lived.charges} charges; the outbox has ${outbox_bytes} bytes`);
		await broker.start();
		const platform = await FakePlatform.connect(broker.socketUrl);
		try {
			while (!ap.sync.figures.connected) await ap.pass(1000);
			const start = performance.now();
			const waits = () => Object.values(ap.sync.figures.backlog).reduce((sum, count) => sum + count, 0);
			while (waits() > 0) await ap.pass(1000);
			const drain_ms = Math.round(performance.now() - start);
			return {
				...{ days, sessions: lived.sessions, charges: lived.charges, outbox_bytes, drain_ms, left: waits() },
				outbox_bytes_a_session: Math.round(outbox_bytes / lived.sessions),
				...compare(platform, lived),
			};
		} finally {
			await ap.sync.stop();
			platform.close();
			await broker.kill();
			ap.ledger.close();
		}
	},
};

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

function compare(platform: FakePlatform, lived: Lived) {
	const { records, conflicts } = platform;
	let counted = 0;
	let direction_difference_bytes = 0;
	for (const [guest, { up, down }] of lived.moved) {
		counted += up + down;
		const own = records.filter(({ account }) => account === guest);
		const sum = (field: 'upBytes' | 'downBytes') => own.reduce((total, record) => total + record[field], 0);
		direction_difference_bytes += Math.abs(sum('upBytes') - up) + Math.abs(sum('downBytes') - down);
	}
	const numbers = records.map(({ session }) => Number(session.slice(2)));
	const moments = platform.batches.flatMap(({ events }) => events.map(({ at }) => at));
	const falls = (list: readonly number[]) => list.filter((value, index) => value < (list[index - 1] ?? 0)).length;
	return {
		batches: platform.batches.length,
		reported_bytes: platform.batches.reduce((sum, batch) => sum + JSON.stringify(batch).length, 0),
		difference_bytes: platform.bytesOf() - counted,
		direction_difference_bytes,
		events_difference: platform.events.size - lived.events,
		out_of_order: falls(numbers) + falls(moments),
		conflicts,
	};
}
