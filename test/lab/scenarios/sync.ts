import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { AccountId } from '../../../agent/core/units.ts';
import { AccessPoint } from '../../agent/sync/carrier-world.ts';
import { startPostgres } from '../../carrier/postgres-server.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { CutProxy } from '../cut-proxy.ts';
import { Gremlin } from '../gremlin.ts';
import { LabBroker } from '../lab-broker.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import { PlatformProcess } from '../platform-process.ts';
import { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import { WITNESS_RULES, WitnessedAccessPoint } from '../sync/witnessed-access-point.ts';
import { HANG_MS } from '../until.ts';

const ACCESS_POINTS = 3;
const STATIONS = 8;
const SECONDS = 3600;
const SECONDS_SHORT = 400;
/** How long a second of the hour takes here: the broker, the platform and its database are real, and take their time. */
const REAL_MS_A_SECOND = 15;
const CHARGE_EVERY = 5;
const COMMAND_EVERY = 30;
const SESSION_EVERY = 300;
const TOP_UP_BYTES = 1_000_000;
const GIFT_BYTES = 1000;
/** Of the packets on the way. */
const LOSS_PERCENT = 3;
/** Of whoever orders, and asks again: a broker that is gone keeps the platform waiting. */
const PATIENCE = { patienceMs: 5000 } as const;
const HEAL_TIMEOUT_MS = HANG_MS;
const BROKER_PORT = 1883;
/** At once, by one access point's operator. */
const SENDING_MAX = 4;

type World = {
	readonly broker: LabBroker;
	readonly platform: PlatformProcess;
	readonly proxy: CutProxy;
	readonly witnessed: WitnessedAccessPoint;
	readonly gremlin: Gremlin;
	readonly points: readonly Point[];
	readonly random: Random;
	/** Faults that have been made, and what heals by itself later. */
	readonly made: { brokerKills: number; platformKills: number };
	/** What is being started again. */
	starting: Promise<unknown>;
};

/** An access point, and what was used and commanded there, counted apart. */
type Point = {
	readonly ap: AccessPoint;
	readonly name: string;
	readonly used: Map<string, { up: number; down: number }>;
	readonly sessions: Map<string, string>;
	opened: number;
	topUps: number;
	gifts: number;
	/** Commands that the platform has not taken yet. */
	readonly unsent: { id: string; body: object }[];
	/** Ids of those that are being sent. */
	readonly sending: Set<string>;
};

/** Fewer would try little of what a lost batch can do. */
const BATCHES_MIN = 100;
/** Only a line that does not work takes so many times as long for them. */
const HANG_FACTOR = 10;

export const sync: Scenario = {
	name: 'sync',
	title:
		'an hour of made-up counters in fast motion, and real traffic beside it, while everything to the platform fails: nothing lost, nothing twice',
	figures: {
		simulated_seconds: {
			title: 'in fast motion: real ledgers, lines, broker and platform; the counters are made up',
			bound: { atLeast: SECONDS_SHORT },
			anywhere: 'their clock is made',
		},
		used_bytes: { title: 'made up here, and given to the ledgers as readings', bound: { atLeast: 1 } },
		difference_bytes: { title: "the platform's usage − what was made up here", bound: { equals: 0 } },
		split_difference_bytes: {
			title: 'the same by account, access point and direction, absolute',
			bound: { equals: 0 },
		},
		...WITNESS_RULES,
		commands: { title: 'commands that were sent, each at least twice', bound: { atLeast: 50 } },
		batches: { title: 'batches that brought it', bound: { atLeast: BATCHES_MIN } },
		credited_difference: { title: 'credited by top-ups − ordered, bytes', bound: { equals: 0 } },
		moved_difference: { title: 'moved by transfers − ordered, bytes', bound: { equals: 0 } },
		unanswered: { title: 'commands whose answer the platform does not have', bound: { equals: 0 } },
		conflicts: { title: 'batches that the platform has with two contents', bound: { equals: 0 } },
		gaps: { title: 'batches that are missing at the platform', bound: { equals: 0 } },
		left: { title: 'what waits at the access points', bound: { equals: 0 } },
		broken_ledgers: { title: 'ledgers whose books do not hold', bound: { equals: 0 } },
		broker_kills: { title: 'times that the broker was killed', bound: { atLeast: 2 } },
		platform_kills: { title: 'times that the platform was killed while it wrote', bound: { atLeast: 2 } },
		link_cuts: { title: 'times that the link was cut', bound: { atLeast: 2 } },
		packets_lost: { title: 'packets that were dropped on the way', bound: { atLeast: 50 } },
		repeated: { title: 'messages that were said again, late and out of order', bound: { atLeast: 50 } },
	},
	async run({ isShort, progress }) {
		const seconds = isShort ? SECONDS_SHORT : SECONDS;
		const directory = join(LAB_DIRECTORY, 'sync');
		rmSync(directory, { recursive: true, force: true });
		mkdirSync(directory, { recursive: true });
		const server = await startPostgres({ durable: true });
		const broker = await new LabBroker().start();
		await losePackets();
		const platform = new PlatformProcess({ database: server.url('postgres'), broker: broker.url });
		await platform.prepare();
		await platform.start();
		const random = new Random(23);
		const proxy = await CutProxy.start(BROKER_PORT);
		const gremlin = new Gremlin(broker.url, random);
		const points = await startPoints(directory, platform, proxy.url);
		const witnessed = await WitnessedAccessPoint.start(BROKER_PORT, platform);
		const made = { brokerKills: 0, platformKills: 0 };
		const starting = Promise.resolve();
		const world: World = { broker, platform, proxy, witnessed, gremlin, points, random, made, starting };
		const database = new pg.Pool({ connectionString: server.url('postgres'), max: 1 });
		try {
			// On a busy machine broker and platform are longer away, so less comes through in that time: then it goes on.
			const isEnough = async (second: number) =>
				second > seconds && ((await batchCount(database)) >= BATCHES_MIN || second > HANG_FACTOR * seconds);
			for (let second = 1; !(await isEnough(second)); second += 1) {
				await liveSecond(world, second);
				if (second % 300 === 0) progress(`${second} s: ${describe(world)}`);
			}
			await witnessed.finish();
			await heal(world, database);
			progress(`healed: ${describe(world)}`);
			const kernel = await witnessed.compare(database);
			return { simulated_seconds: seconds, ...kernel, ...(await compare(world, database)) };
		} finally {
			await witnessed.stop();
			for (const { ap } of points) await ap.sync.stop();
			for (const { ap } of points) ap.ledger.close();
			gremlin.stop();
			proxy.stop();
			await database.end();
			await platform.kill();
			await broker.kill();
			await server.stop();
		}
	},
};

async function batchCount(database: pg.Pool): Promise<number> {
	const { rows } = await database.query<{ count: string }>('SELECT count(*) FROM usage_batch');
	return Number(rows[0]?.count);
}

async function startPoints(directory: string, platform: PlatformProcess, url: string): Promise<Point[]> {
	const [kid, x] = platform.key.split(':') as [string, string];
	const points: Point[] = [];
	for (let number = 1; number <= ACCESS_POINTS; number += 1) {
		const name = `ap-${number}`;
		await platform.ask('POST', '/v1/access-points', { ap: name, title: name });
		const settings = { url, accessPoint: name, keys: [{ kid, x }], reportSeconds: 5 };
		const ap = new AccessPoint(join(directory, `${name}.db`), settings, { clock: new FakeClock() });
		await ap.sync.start();
		const point: Point = {
			ap,
			name,
			used: new Map(),
			sessions: new Map(),
			opened: 0,
			topUps: 0,
			gifts: 0,
			unsent: [],
			sending: new Set(),
		};
		for (const account of accountsOf(name)) {
			ap.buy(account, 2 ** 40);
			point.used.set(account, { up: 0, down: 0 });
		}
		ap.buy(`${name}-fund`, 1_000_000);
		points.push(point);
	}
	return points;
}

function accountsOf(name: string): string[] {
	return Array.from({ length: STATIONS }, (_, index) => `${name}-${index + 1}`);
}

async function liveSecond(world: World, second: number): Promise<void> {
	const { points, gremlin, platform, proxy, witnessed, random } = world;
	for (const point of points) {
		if (second % SESSION_EVERY === 1) changeSessions(point);
		if (second % CHARGE_EVERY === 0) use(point, random);
		if (second % COMMAND_EVERY === 0) order(point, random);
		send(point, platform);
		await point.ap.pass(1000);
	}
	if (second % 2 === 0) gremlin.repeat();
	for (const way of [proxy, witnessed.proxy]) {
		if (second % 150 === 100) way.cut();
		if (second % 150 === 107) way.heal();
	}
	if (second % 180 === 90) {
		world.made.brokerKills += 1;
		await world.broker.kill();
	}
	if (second % 180 === 105) await world.broker.start();
	if (second % 150 === 60) {
		await world.starting;
		world.made.platformKills += 1;
		// Somewhere in what it does, not between two steps of ours.
		await delay(random.between(0, 30));
		await platform.kill();
		world.starting = platform.start();
	}
	await delay(REAL_MS_A_SECOND);
}

function changeSessions(point: Point): void {
	for (const session of point.sessions.values()) point.ap.close(session);
	for (const account of accountsOf(point.name)) {
		point.opened += 1;
		const session = `${point.name}-s${point.opened}`;
		point.ap.open(session, account);
		point.sessions.set(account, session);
	}
}

function use({ ap, sessions, used }: Point, random: Random): void {
	const uses = [...sessions].map(([account, session]) => {
		const by = { up: random.between(0, 100_000), down: random.between(0, 2_000_000) };
		const sum = used.get(account) as { up: number; down: number };
		sum.up += by.up;
		sum.down += by.down;
		return { session, ...by };
	});
	ap.useAll(uses);
}

/** A top-up, and a transfer: neither may happen twice. */
function order(point: Point, random: Random): void {
	const account = `${point.name}-${random.between(1, STATIONS)}`;
	const terms = { name: 'extra', title: 'Extra', unit: 'byte', amount: TOP_UP_BYTES, atEnd: 'block' };
	point.topUps += 1;
	point.unsent.push({ id: `top-${point.topUps}`, body: { command: 'topup', account, terms } });
	point.gifts += 1;
	const gift = { command: 'transfer', from: `${point.name}-fund`, to: account, unit: 'byte', amount: GIFT_BYTES };
	point.unsent.push({ id: `gift-${point.gifts}`, body: gift });
}

/** Whoever orders asks until the platform has it, and once more. It waits as long as the broker is gone: the hour goes on meanwhile. */
function send(point: Point, platform: PlatformProcess): void {
	const path = `/v1/access-points/${point.name}/commands`;
	const free = point.unsent.filter(({ id }) => !point.sending.has(id)).slice(0, SENDING_MAX - point.sending.size);
	for (const next of free) {
		point.sending.add(next.id);
		platform
			.ask('POST', path, next, PATIENCE)
			.then(() => platform.ask('POST', path, next, PATIENCE))
			.then(() => point.unsent.splice(point.unsent.indexOf(next), 1))
			// It does not run at the moment.
			.catch(() => undefined)
			.finally(() => point.sending.delete(next.id));
	}
}

async function heal(world: World, database: pg.Pool): Promise<void> {
	const { points, platform, proxy, witnessed, broker } = world;
	proxy.heal();
	witnessed.proxy.heal();
	await broker.kill();
	await broker.start();
	await world.starting;
	const end = performance.now() + HEAL_TIMEOUT_MS;
	const isDone = async () => {
		if (points.some(({ ap, unsent }) => unsent.length + waits(ap) > 0)) return false;
		return (await unanswered(points, database)) === 0 && (await witnessed.waits()) === 0;
	};
	while (performance.now() < end && !(await isDone())) {
		for (const point of points) {
			send(point, platform);
			await point.ap.pass(1000);
		}
		await delay(20);
	}
}

function waits({ sync: { figures } }: AccessPoint): number {
	return figures.backlog.batches + figures.backlog.sessions + figures.backlog.events;
}

async function unanswered(points: readonly Point[], database: pg.Pool): Promise<number> {
	const ordered = points.reduce((sum, { topUps, gifts }) => sum + topUps + gifts, 0);
	const sql = "SELECT count(*) FROM down_message WHERE kind = 'command' AND outcome = 'done'";
	const { rows } = await database.query<{ count: string }>(sql);
	return ordered - Number(rows[0]?.count);
}

async function compare({ points, proxy, witnessed, gremlin, made }: World, database: pg.Pool) {
	const figures = {
		used_bytes: 0,
		difference_bytes: 0,
		split_difference_bytes: 0,
		credited_difference: 0,
		moved_difference: 0,
	};
	let commands = 0;
	let broken_ledgers = 0;
	let left = await witnessed.waits();
	for (const point of points) {
		const { ap, name, used, topUps, gifts } = point;
		for (const [account, { up, down }] of used) {
			const { rows } = await database.query(
				`SELECT coalesce(sum(up_bytes), 0)::bigint AS up, coalesce(sum(down_bytes), 0)::bigint AS down,
					coalesce(sum(amount), 0)::bigint AS amount FROM usage_record WHERE account = $1 AND ap = $2 AND unit = 'byte'`,
				[account, name],
			);
			const [found] = rows as [{ up: string; down: string; amount: string }];
			figures.used_bytes += up + down;
			figures.difference_bytes += Number(found.amount) - up - down;
			figures.split_difference_bytes += Math.abs(Number(found.up) - up) + Math.abs(Number(found.down) - down);
		}
		figures.credited_difference += creditedBy(ap) - topUps * TOP_UP_BYTES;
		figures.moved_difference +=
			1_000_000 - (ap.ledger.account(`${name}-fund` as AccountId)?.available.byte ?? 0) - gifts * GIFT_BYTES;
		commands += topUps + gifts;
		left += waits(ap);
		if (!ap.ledger.verify().ok) broken_ledgers += 1;
	}
	const one = async (sql: string) => Number(((await database.query(sql)).rows[0] as { count: string }).count);
	return {
		...figures,
		commands,
		unanswered: await unanswered(points, database),
		broken_ledgers,
		left,
		batches: await batchCount(database),
		conflicts: await one('SELECT count(*) FROM usage_conflict'),
		gaps: await one(`SELECT coalesce(sum(missing), 0) AS count FROM (
			SELECT max(b.sequence) - count(*) AS missing FROM usage_batch b GROUP BY b.ap, b.stream) AS s`),
		broker_kills: made.brokerKills,
		platform_kills: made.platformKills,
		link_cuts: proxy.cuts,
		packets_lost: await packetsLost(),
		repeated: gremlin.repeated,
	};
}

/** What the top-ups of the platform have brought, as the ledger's transfers say. */
function creditedBy({ path }: AccessPoint): number {
	const database = new Database(path, { readonly: true });
	try {
		const sum = "SELECT coalesce(sum(amount), 0) FROM transfer WHERE reason = 'topup' AND id LIKE 'top-%'";
		return database.prepare(sum).pluck().get() as number;
	} finally {
		database.close();
	}
}

/** On the way to the broker and back; TCP sends them again, late. */
async function losePackets(): Promise<void> {
	const drop = `numgen random mod 100 < ${LOSS_PERCENT} counter drop`;
	const ruleset = `table inet lossy {
		chain input {
			type filter hook input priority 0;
			tcp dport ${BROKER_PORT} ${drop}
			tcp sport ${BROKER_PORT} ${drop}
		}
	}`;
	await runProgram('nft', ['-f', '-'], ruleset);
}

async function packetsLost(): Promise<number> {
	const text = await runProgram('nft', ['list', 'table', 'inet', 'lossy']);
	return [...text.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

function describe({ points, made, platform, gremlin }: World): string {
	const waiting = points.map(({ ap, unsent }) => `${waits(ap)}+${unsent.length}`).join(' ');
	return `waiting ${waiting}; broker killed ${made.brokerKills}, platform ${made.platformKills} (${platform.starts} starts), repeated ${gremlin.repeated}`;
}
