import { createHmac, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { checkSymbol, SYMBOLS } from '../../../agent/voucher/alphabet.ts';
import { guessesOf } from '../../agent/voucher/guesser.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { ControlClient } from '../control-client.ts';
import type { FlowProgress } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { median } from '../packet-cost.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes } from '../ways.ts';

const RACERS = 100;
/** See docs/figures.md for what was measured. */
const REDEEM_TO_PING = 12;
const CREATE_TO_FLOOR = 4;
const CODES = 10_000;
const CRASHES = 6;
const CRASHES_SHORT = 2;
const CRASH_CODES = 1000;
const CRASH_CONNECTIONS = 20;
const GIFT_BYTES = 4 << 20;
const ATTACKERS = 50;
const ATTACK_MS = 40_000;
const ATTACK_MS_SHORT = 5000;
const PLAN_BYTES = 10 << 20;
const SET_CARDS = 4;
/** A flow waits here until what comes next may happen: a package is spent by amount, not by time. */
const FIRST_BYTES = 1 << 20;
const STALL_MS = 1000;
const STALL_TIMEOUT_MS = HANG_MS;

type Created = { codes: { serial: number; code: string }[] };
type Progress = (line: string) => void;

/** Codes are redeemed once, whoever asks, how often, and whatever breaks; and guessing them does not pay. */
export const vouchers: Scenario = {
	name: 'vouchers',
	title: 'one code, 100 redeemers; 10,000 codes; a crash in between; a guesser with 50 addresses; one set, four cards',
	figures: {
		redeemed: { title: 'of 100 parallel redemptions of one code, those that redeemed it', bound: { equals: 1 } },
		refused: { title: 'of those, told that it was used', bound: { equals: RACERS - 1 } },
		credited_bytes: { title: 'credited by all of them together', bound: { equals: PLAN_BYTES } },
		returned: {
			title: 'of 100 stations with one code at once, those that joined its account',
			bound: { equals: RACERS - 1 },
		},
		stations_in: { title: 'of those, in at the end', bound: { equals: 1 } },
		redeem_ms: { title: 'one redemption on the control socket, 100 at once, median', kind: 'speed' },
		redeem_to_ping: {
			title: 'the same ÷ a question that only has to be answered, 100 at once, before and after',
			bound: { atMost: REDEEM_TO_PING },
			kind: 'speed',
		},
		create_ms: { title: 'making 10,000 codes, as the client sees it', kind: 'speed' },
		create_to_floor: {
			title: 'the same ÷ as many keyed hashes and rows in one transaction of SQLite, by nothing else',
			bound: { atMost: CREATE_TO_FLOOR },
			kind: 'speed',
		},
		distinct: { title: 'different codes of them', bound: { equals: CODES } },
		stored_bytes_per_code: { title: 'growth of the database, for one code', bound: { atMost: 150 } },
		half_redeemed: {
			title: 'codes redeemed without credit, or credited without redemption, after kills',
			bound: { equals: 0 },
		},
		kills_missed: { title: 'kills that came when all codes were redeemed already', bound: { equals: 0 } },
		asked_again_lost: { title: 'codes that did not work when asked for again after a kill', bound: { equals: 0 } },
		attack_guesses: {
			title: 'guesses of 50 addresses that the agent looked at: five of each, and one more after its first wait',
			bound: { atLeast: 1, atMost: ATTACKERS * 6 },
		},
		attack_answers: {
			title: 'answers that the agent gave them meanwhile, in a second',
			bound: { atLeast: 100 },
			kind: 'speed',
		},
		guesses_first_hour: {
			title:
				'the same on the limiter alone, with the rates for the shortest codes, half of them customers: in the first hour',
			anywhere: 'hours of a clock that the test turns',
			bound: { atMost: 180 },
		},
		guesses_later_hour: { title: 'in a later hour, the most of a day', bound: { atMost: 120 } },
		guesses_endless_hour: { title: 'with a new address whenever one has to wait', bound: { atMost: 120 } },
		gift_over_bytes: {
			title: 'a gift in the middle of a download: delivered to giver and receiver − paid',
			bound: { atMost: 0 },
		},
		gift_giver_over_bytes: { title: 'delivered to the giver − what he kept', bound: { atMost: 0 } },
		gift_unspent_bytes: { title: 'unspent when both stood still', bound: { atMost: 30_000 } },
		set_over_bytes: { title: 'delivered to the cards of a set − paid', bound: { atMost: 0 } },
		set_unspent_bytes: { title: 'of the set, unspent when all stood still', bound: { atMost: 60_000 } },
		set_cards_without_share: { title: 'cards that got nothing of it', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		const guesses = guessesOf({ addresses: ATTACKERS, hours: 24 });
		const endless = guessesOf({ addresses: ATTACKERS, hours: 3, isEndless: true });
		const figures = await withLab({ stations: SET_CARDS }, async (lab) => {
			const agent = await lab.startAgent();
			const race = await raceForOneCode(agent, progress);
			const made = await makeMany(agent, progress);
			const set = await shareOneSet(lab, agent, progress);
			const gift = await giveInBetween(lab, agent, progress);
			const attack = await guess(agent, isShort ? ATTACK_MS_SHORT : ATTACK_MS, progress);
			const crash = await crashWhileRedeeming(agent, isShort ? CRASHES_SHORT : CRASHES, progress);
			await agent.verifyLedger();
			return { ...race, ...made, ...set, ...gift, ...attack, ...crash };
		});
		return {
			...figures,
			guesses_first_hour: guesses[0] ?? Number.NaN,
			guesses_later_hour: Math.max(...guesses.slice(1)),
			guesses_endless_hour: Math.max(...endless.slice(1)),
		};
	},
};

/** 100 connections ask for one code at once: each for an account of its own, and then each as a station without one. */
async function raceForOneCode(agent: AgentHandle, progress: Progress) {
	const [first, second] = await create(agent, 'race', 2);
	for (let racer = 0; racer < RACERS; racer++) await agent.ask('account.create', { account: `racer-${racer}` });
	const times: number[] = [];
	const pings = await pingAtOnce(agent);
	const outcomes = await Promise.all(
		Array.from({ length: RACERS }, (_, racer) =>
			onConnection(agent, async (client) => {
				const start = performance.now();
				const outcome = await outcomeOf(client, { code: first, account: `racer-${racer}` });
				times.push(performance.now() - start);
				return outcome;
			}),
		),
	);
	pings.push(...(await pingAtOnce(agent)));
	const accounts = await agent.ask<{ account: string; balance: { byte: { available: number } } }[]>('account.list');
	const credited = accounts
		.filter(({ account }) => account.startsWith('racer-'))
		.reduce((sum, { balance }) => sum + balance.byte.available, 0);
	const entered = await Promise.all(
		Array.from({ length: RACERS }, (_, racer) =>
			onConnection(agent, (client) => outcomeOf(client, { code: second, mac: madeUpMac(racer) })),
		),
	);
	const inside = (await agent.stations()).filter(({ account }) => account === 'race-2').length;
	const count = (all: string[], outcome: string) => all.filter((one) => one === outcome).length;
	progress(
		`${count(outcomes, 'redeemed')} of ${RACERS} redeemed it; ${count(entered, 'returned')} joined, ${inside} is in`,
	);
	await agent.ask('station.detach', { mac: (await agent.stations()).find(({ account }) => account === 'race-2')?.mac });
	return {
		redeemed: count(outcomes, 'redeemed'),
		refused: count(outcomes, 'not_allowed'),
		credited_bytes: credited,
		returned: count(entered, 'returned'),
		stations_in: inside,
		redeem_ms: Math.round(median(times) * 10) / 10,
		redeem_to_ping: Math.round((median(times) / median(pings)) * 100) / 100,
	};
}

/** As many connections at once ask what only has to be answered. @returns ms of each */
async function pingAtOnce(agent: AgentHandle): Promise<number[]> {
	return await Promise.all(
		Array.from({ length: RACERS }, () =>
			onConnection(agent, async (client) => {
				const start = performance.now();
				await client.ask('ping');
				return performance.now() - start;
			}),
		),
	);
}

/** Keyed hashes and rows as for so many codes, in one transaction, and nothing else. @returns ms */
function bareCodesMs(count: number): number {
	const path = join(LAB_DIRECTORY, 'bare-codes.db');
	const database = new Database(path);
	try {
		database.exec('PRAGMA journal_mode = WAL; CREATE TABLE code (hash BLOB PRIMARY KEY, serial INTEGER) STRICT');
		const insert = database.prepare('INSERT INTO code (hash, serial) VALUES (?, ?)');
		const key = randomBytes(32);
		const start = performance.now();
		database.transaction(() => {
			for (let serial = 0; serial < count; serial++)
				insert.run(createHmac('sha256', key).update(randomCode()).digest(), serial);
		})();
		return performance.now() - start;
	} finally {
		database.close();
		rmSync(path);
	}
}

async function makeMany(agent: AgentHandle, progress: Progress) {
	const before = databaseBytes(agent);
	const start = performance.now();
	const codes = await create(agent, 'many', CODES);
	const create_ms = Math.round(performance.now() - start);
	const stored = (databaseBytes(agent) - before) / CODES;
	progress(`${CODES} codes in ${create_ms} ms, ${stored.toFixed(1)} bytes each`);
	const create_to_floor = Math.round((create_ms / bareCodesMs(CODES)) * 100) / 100;
	return {
		create_ms,
		create_to_floor,
		distinct: new Set(codes).size,
		stored_bytes_per_code: Math.round(stored * 10) / 10,
	};
}

function hasFirstPart({ receivedBytes }: FlowProgress): boolean {
	return receivedBytes >= FIRST_BYTES;
}

/** Four cards of one set download at once, until it is used up. */
async function shareOneSet(lab: Lab, agent: AgentHandle, progress: Progress) {
	const codes = await create(agent, 'family', SET_CARDS, { set: true });
	for (const [index, { mac }] of lab.stations.entries()) {
		await agent.ask('voucher.redeem', { code: codes[index], mac });
	}
	const flows = await Promise.all(
		lab.stations.map((station) =>
			lab.flow(station, { protocol: 'tcp', direction: 'down', bitsPerSecond: 20_000_000, holdAtBytes: FIRST_BYTES }),
		),
	);
	// Each has its first part before the others can have taken all of it.
	const have = async () => (await Promise.all(flows.map((flow) => flow.progress()))).every(hasFirstPart);
	await until('each card to have a part', STALL_TIMEOUT_MS, have);
	for (const flow of flows) await flow.hold();
	await Promise.all(flows.map((flow) => flow.stalled(STALL_MS, STALL_TIMEOUT_MS)));
	const read = await lab.witness.read();
	const delivered = movedBytes(read);
	const shares = read.map(({ up, down }) => up + down);
	for (const flow of flows) await flow.stop();
	progress(`the set: ${shares.join(' + ')} = ${delivered} of ${PLAN_BYTES}`);
	for (const { mac } of lab.stations) await agent.ask('station.detach', { mac });
	return {
		set_over_bytes: delivered - PLAN_BYTES,
		set_unspent_bytes: PLAN_BYTES - delivered,
		set_cards_without_share: shares.filter((share) => share === 0).length,
	};
}

/** A station gives a part of its balance away while it downloads; another one receives it while it has nothing. */
async function giveInBetween(lab: Lab, agent: AgentHandle, progress: Progress) {
	const [first] = await create(agent, 'giver', 1);
	const giver = lab.station(1);
	const receiver = lab.station(2);
	const before = await lab.witness.read();
	await agent.ask('voucher.redeem', { code: first, mac: giver.mac });
	const order = { protocol: 'tcp', direction: 'down', bitsPerSecond: 20_000_000 } as const;
	const flow = await lab.flow(giver, { ...order, holdAtBytes: FIRST_BYTES });
	await until('a part to be delivered', STALL_TIMEOUT_MS, async () => hasFirstPart(await flow.progress()));
	// It runs on while it is given, and not beyond what there is.
	await flow.hold(2 * FIRST_BYTES);
	const { code } = await agent.ask<{ code: string }>('account.gift', {
		account: 'giver-1',
		unit: 'byte',
		amount: GIFT_BYTES,
	});
	await flow.hold();
	await flow.stalled(STALL_MS, STALL_TIMEOUT_MS);
	await agent.ask('voucher.redeem', { code, mac: receiver.mac });
	const other = await lab.flow(receiver, { protocol: 'udp', direction: 'down', bitsPerSecond: 20_000_000 });
	await other.stalled(STALL_MS, STALL_TIMEOUT_MS);
	const after = await lab.witness.read();
	const [given = 0, received = 0] = after.map(
		({ up, down }, index) => up + down - (before[index]?.up ?? 0) - (before[index]?.down ?? 0),
	);
	for (const one of [flow, other]) await one.stop();
	for (const { mac } of [giver, receiver]) await agent.ask('station.detach', { mac });
	progress(`a gift: giver ${given} of ${PLAN_BYTES - GIFT_BYTES}, receiver ${received} of ${GIFT_BYTES}`);
	return {
		gift_over_bytes: given + received - PLAN_BYTES,
		gift_giver_over_bytes: given - (PLAN_BYTES - GIFT_BYTES),
		gift_unspent_bytes: PLAN_BYTES - given - received,
	};
}

/** 50 addresses guess as fast as the agent answers. */
async function guess(agent: AgentHandle, durationMs: number, progress: Progress) {
	const end = performance.now() + durationMs;
	let looked = 0;
	let answers = 0;
	await Promise.all(
		Array.from({ length: ATTACKERS }, (_, attacker) =>
			onConnection(agent, async (client) => {
				while (performance.now() < end) {
					const outcome = await outcomeOf(client, { code: randomCode(), mac: madeUpMac(1000 + attacker) });
					answers += 1;
					if (outcome === 'not_found') looked += 1;
					else await delay(20);
				}
			}),
		),
	);
	progress(`${looked} guesses were looked at in ${durationMs / 1000} s, of ${answers}`);
	return { attack_guesses: looked, attack_answers: Math.round((answers * 1000) / durationMs) };
}

/** Kills the agent while codes are being redeemed, and asks for the same codes again. */
async function crashWhileRedeeming(agent: AgentHandle, crashes: number, progress: Progress) {
	let asked_again_lost = 0;
	let half_redeemed = 0;
	let kills_in_between = 0;
	for (let crash = 0; crash < crashes; crash++) {
		const codes = await create(agent, `crash-${crash}`, CRASH_CODES);
		const before = new Map<string, string>();
		const running = Promise.all(
			sharesOf(codes).map(
				(share) =>
					onConnection(agent, async (client) => {
						for (const code of share) before.set(code, await outcomeOf(client, { code }));
					}).catch(() => undefined), // killed, as it should be
			),
		);
		await until('some codes to be redeemed', STALL_TIMEOUT_MS, async () => before.size >= 1 + crash * 60);
		await agent.kill('SIGKILL');
		await running;
		half_redeemed += halfRedeemed(agent);
		const committed = redeemedCount(agent, `crash-${crash}`);
		await agent.start();
		await onConnection(agent, async (client) => {
			for (const code of codes) {
				const outcome = await outcomeOf(client, { code });
				const isKnown = outcome === 'returned' || (outcome === 'redeemed' && !before.has(code));
				if (!isKnown) asked_again_lost += 1;
			}
		});
		kills_in_between += before.size < CRASH_CODES ? 1 : 0;
		progress(`kill ${crash + 1}: ${before.size} of ${CRASH_CODES} acknowledged, ${committed} redeemed and credited`);
	}
	return { half_redeemed, asked_again_lost, kills_missed: crashes - kills_in_between };
}

function sharesOf(codes: readonly string[]): string[][] {
	return Array.from({ length: CRASH_CONNECTIONS }, (_, own) =>
		codes.filter((_code, index) => index % CRASH_CONNECTIONS === own),
	);
}

function redeemedCount(agent: AgentHandle, batch: string): number {
	return new LedgerReader(agent.database).count(
		`SELECT count(v.account) FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch WHERE b.id = '${batch}'`,
	);
}

/** Read from the file itself, without the ledger's code. */
function halfRedeemed(agent: AgentHandle): number {
	return new LedgerReader(agent.database).count(`
		SELECT count(*) FROM (
			SELECT '~voucher-' || b.id || '-' || v.serial AS id FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch
			WHERE v.account IS NOT NULL AND b.account IS NULL
		) AS r FULL JOIN (SELECT id FROM transfer WHERE id GLOB '~voucher-*') AS t ON t.id = r.id
		WHERE r.id IS NULL OR t.id IS NULL`);
}

async function create(agent: AgentHandle, batch: string, count: number, more: object = {}): Promise<string[]> {
	const created = await agent.ask<Created>('voucher.create', { batch, plan: 'ten-mb', count, ...more });
	return created.codes.map(({ code }) => code);
}

/** A connection of its own. The socket serves 64 at a time: who is turned away comes again. */
async function onConnection<Result>(
	agent: AgentHandle,
	use: (client: ControlClient) => Promise<Result>,
): Promise<Result> {
	for (;;) {
		const client = await ControlClient.connect(join(agent.directory, 'control.sock'));
		try {
			await client.ask('ping');
			return await use(client);
		} catch (error) {
			if (!String(error).includes('was closed')) throw error;
			await delay(10);
		} finally {
			client.close();
		}
	}
}

/** `redeemed`, `returned`, or the code of the error. */
async function outcomeOf(client: ControlClient, request: object): Promise<string> {
	try {
		return ((await client.ask('voucher.redeem', request)) as { answer: string }).answer;
	} catch (error) {
		const code = /^(\w+): /.exec((error as Error).message)?.[1];
		if (code === undefined) throw error;
		return code;
	}
}

/** Well-formed, so that it must be looked up. */
function randomCode(): string {
	const text = `Z${[...randomBytes(8)].map((byte) => SYMBOLS.letters[byte % 32]).join('')}`;
	return text + checkSymbol('letters', text);
}

function madeUpMac(number: number): string {
	const text = number.toString(16).padStart(4, '0');
	return `02:00:5e:40:${text.slice(0, 2)}:${text.slice(2)}`;
}

function databaseBytes(agent: AgentHandle): number {
	return new LedgerReader(agent.database).count(
		'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size',
	);
}
