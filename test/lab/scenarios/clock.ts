import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { MovedClock } from '../clock/moved-clock.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const BYTES = 1000 * MEBIBYTE;
const PLANS = [{ name: 'day', title: 'A day', bytes: BYTES, validForSeconds: DAY_MS / 1000 }];
/** So long the power is off. */
const OFF_MS = HOUR_MS;
/** An agent stores its clock so often: a power cut gives so much of a validity back, where no date is known. */
const STORED_MS = 600_000;
/** Before and behind an end, to see that it is one. A settle and a look at the clock come in between. */
const AROUND_MS = 30 * SECOND_MS;

/** What the clock of a router says when it starts. */
const STARTS = {
	'1970': () => 20 * SECOND_MS,
	'10 days behind': (realMs: number) => realMs - 10 * DAY_MS,
	'a year ahead': (realMs: number) => realMs + YEAR_MS,
	right: (realMs: number) => realMs,
} as const;
type Start = keyof typeof STARTS;

/** Without one the next boot starts where this one did; with one it goes on, wrong as it is. */
type Battery = 'none' | 'there' | 'believed';
/** What happens between the sale and the time server. */
type Between = 'nothing' | 'restart' | 'kill' | 'power cut';

type Case = {
	readonly start: Start;
	readonly battery: Battery;
	/** When the time server is heard after the sale; `before`: when the agent starts it was heard already. */
	readonly ntpMs: number | 'before' | 'never';
	readonly between: Between;
};

const NTP = ['before', 0, 60 * SECOND_MS, 2 * HOUR_MS, 'never'] as const;
const BETWEEN = ['nothing', 'restart', 'power cut'] as const;

const CASES: readonly Case[] = (Object.keys(STARTS) as Start[]).flatMap((start) => [
	...(['none', 'there', 'believed'] as const).flatMap((battery) =>
		NTP.flatMap((ntpMs) => BETWEEN.map((between): Case => ({ start, battery, ntpMs, between }))),
	),
	{ start, battery: 'none', ntpMs: 2 * HOUR_MS, between: 'kill' } as const,
]);

const CASES_SHORT: readonly Case[] = [
	{ start: '10 days behind', battery: 'none', ntpMs: 60 * SECOND_MS, between: 'restart' },
	{ start: '1970', battery: 'none', ntpMs: 2 * HOUR_MS, between: 'power cut' },
	{ start: 'a year ahead', battery: 'there', ntpMs: 2 * HOUR_MS, between: 'kill' },
	{ start: 'a year ahead', battery: 'none', ntpMs: 'before', between: 'power cut' },
	{ start: '10 days behind', battery: 'none', ntpMs: 'never', between: 'power cut' },
];

const FIGURES: FigureRules = {
	cases: {
		title: 'starts × batteries × time servers × what happens in between',
		bound: { atLeast: CASES_SHORT.length },
	},
	cases_long: { title: 'the same', bound: { equals: CASES.length }, longOnly: true },
	credit_lost_bytes: {
		title: 'expired before it was due, or not to be spent until then, by the books',
		bound: { equals: 0 },
	},
	validity_off_ms: {
		title:
			'a date in the ledger once the date is known − the sale and 24 hours, beyond what the sale itself took: largest',
		bound: { atMost: 1000 },
		anywhere: 'both ends are read from clocks that the scenario moves, and how long the sale takes is left out',
	},
	gift_off_ms: {
		title: 'the same of a gift, which comes back when nobody claims it',
		bound: { atMost: 1000 },
		anywhere: 'as above',
	},
	ended_early: { title: 'a date, or an end, before the sale and 24 hours', bound: { equals: 0 } },
	ended_late: {
		title: 'an end later than that, where the power was not off without a date',
		bound: { equals: 0 },
	},
	beyond_power_cut: {
		title: 'an end later than the time without power, and what is stored every ten minutes, where it was',
		bound: { equals: 0 },
	},
	false_dates: { title: 'dates that were shown while none was known', bound: { equals: 0 } },
	harmful_advice: { title: 'warnings and lines of the log that advise a restart', bound: { equals: 0 } },
	unwarned: { title: 'agents without a date that do not say so', bound: { equals: 0 } },
	set_by_hand_lost: {
		title: 'a clock set ten days ahead and a year back by hand, then a restart: dates that moved, credit that expired',
		bound: { equals: 0 },
	},
	verify_failures: { title: 'ledgers that do not verify', bound: { equals: 0 } },
};

type Verdict = {
	lostBytes: number;
	offMs: number;
	giftOffMs: number;
	early: number;
	late: number;
	beyondCut: number;
	falseDates: number;
	harmful: number;
	unwarned: number;
	broken: number;
};

/** A router whose clock is wrong at its start sells, learns the date, restarts, and loses its power. */
export const clock: Scenario = {
	name: 'clock',
	title: 'clocks that start in 1970, behind, or a year ahead: nothing is lost, and a day is a day',
	figures: FIGURES,
	async run({ isShort, progress }) {
		const cases = isShort ? CASES_SHORT : CASES;
		return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
			await MovedClock.prepare();
			const verdicts: Verdict[] = [];
			for (const [index, one] of cases.entries()) {
				const verdict = await judge(lab, one, `case-${index}`);
				verdicts.push(verdict);
				progress(`${one.start}, battery ${one.battery}, NTP ${one.ntpMs}, ${one.between}: ${JSON.stringify(verdict)}`);
			}
			const byHand = await setByHand(lab);
			await MovedClock.stop();
			const sum = (pick: (verdict: Verdict) => number) => verdicts.reduce((total, one) => total + pick(one), 0);
			return {
				cases: cases.length,
				...(isShort ? {} : { cases_long: cases.length }),
				credit_lost_bytes: sum(({ lostBytes }) => lostBytes),
				validity_off_ms: Math.max(...verdicts.map(({ offMs }) => offMs)),
				gift_off_ms: Math.max(...verdicts.map(({ giftOffMs }) => giftOffMs)),
				ended_early: sum(({ early }) => early),
				ended_late: sum(({ late }) => late),
				beyond_power_cut: sum(({ beyondCut }) => beyondCut),
				false_dates: sum(({ falseDates }) => falseDates),
				harmful_advice: sum(({ harmful }) => harmful),
				unwarned: sum(({ unwarned }) => unwarned),
				set_by_hand_lost: byHand,
				verify_failures: sum(({ broken }) => broken),
			};
		});
	},
};

/** One router: its agent, its clocks, and what it sold. */
class Router {
	readonly clock: MovedClock;
	readonly agent: AgentHandle;
	readonly #lab: Lab;
	/** The sale, between these. */
	soldMs = { from: 0, to: 0 };
	giftMs = { from: 0, to: 0 };

	private constructor(lab: Lab, moved: MovedClock, agent: AgentHandle) {
		this.#lab = lab;
		this.clock = moved;
		this.agent = agent;
	}

	static async start(lab: Lab, moved: MovedClock, believe: 'synchronised' | 'battery'): Promise<Router> {
		const codes = { giftValidForSeconds: DAY_MS / 1000 };
		const agent = await lab.startAgent({ plans: PLANS, codes, clock: { believe } }, moved.environment);
		return new Router(lab, moved, agent);
	}

	/** A package and a gift of it, and a station that spends. */
	async sell(): Promise<void> {
		await this.agent.ask('account.create', { account: 'ann' });
		this.soldMs.from = this.clock.realMs;
		await this.agent.topUp('ann', 'day', 'sale');
		this.soldMs.to = this.clock.realMs;
		this.giftMs.from = this.clock.realMs;
		await this.agent.ask('account.gift', { account: 'ann', unit: 'byte', amount: MEBIBYTE, gift: 'gift-1' });
		this.giftMs.to = this.clock.realMs;
		await this.agent.ask('station.attach', { mac: this.#lab.station(1).mac, account: 'ann' });
	}

	async happens(between: Between): Promise<void> {
		if (between === 'nothing') return;
		if (between === 'restart') await this.agent.stop();
		else await this.agent.kill('SIGKILL');
		if (between === 'power cut') await this.#lab.router.nft('table inet octroi\ndelete table inet octroi\n');
		await this.agent.start();
	}

	/** What the books say that has expired. */
	expiredBytes(): number {
		return this.#reader().moved(['expired']).get('ann') ?? 0;
	}

	/** What the account may spend now. */
	async usableBytes(): Promise<number> {
		const { usable } = await this.agent.ask<{ usable: { byte: number } }>('account.show', { account: 'ann' });
		return usable.byte;
	}

	expiryMs(): number {
		return this.#reader().count("SELECT expires_at_wall_ms FROM package WHERE id = 'sale'");
	}

	giftEndMs(): number {
		return this.#reader().count("SELECT valid_until_wall_ms FROM gift WHERE id = 'gift-1'");
	}

	/** Resolves when it has stored its clock once more. */
	async stored(): Promise<void> {
		const seen = () => this.#reader().count('SELECT seen_ms FROM clock');
		const before = seen();
		await until('the clock to be stored', HANG_MS, () => seen() > before);
	}

	async warnings(): Promise<string[]> {
		return (await this.agent.ask<{ warnings: string[] }>('status')).warnings;
	}

	async knowsDate(): Promise<boolean> {
		return !(await this.warnings()).some((sentence) => sentence.includes('the date is not known'));
	}

	/** Dates that it shows, of the package, the gift and whatever else, in the form for people and in that for programs. */
	async shownDates(): Promise<number> {
		const shown = [
			await this.agent.octroi('account', 'show', 'ann'),
			await this.agent.octroi('gift', 'list', 'ann'),
		].map((one) => JSON.stringify(one));
		return shown.filter((text) => /"(?:expiresAt|validUntilWallMs|nextWallMs)"/.test(text)).length;
	}

	/** Sentences that tell somebody to restart something. */
	async harmfulAdvice(): Promise<number> {
		const log = readFileSync(this.agent.logFile, 'utf8').split('\n');
		return [...(await this.warnings()), ...log].filter((text) => /restart the agent|start the agent again/i.test(text))
			.length;
	}

	#reader(): LedgerReader {
		return new LedgerReader(this.agent.database);
	}
}

async function judge(lab: Lab, { start, battery, ntpMs, between }: Case, name: string): Promise<Verdict> {
	const moved = new MovedClock(name);
	moved.boot({ wallMs: STARTS[start], offMs: 0 });
	if (ntpMs === 'before') moved.synchronise();
	const router = await Router.start(lab, moved, battery === 'believed' ? 'battery' : 'synchronised');
	await router.sell();
	const isKnownAtSale = await router.knowsDate();
	const verdict = await withoutDate(router, isKnownAtSale, battery);

	const waitMs = typeof ntpMs === 'number' ? ntpMs : 2 * HOUR_MS;
	// What is skipped at once would not be stored in between, as it is every ten minutes.
	const stored = between === 'power cut' && waitMs / 2 > STORED_MS ? router.stored() : undefined;
	moved.pass(waitMs / 2);
	const aheadMs = moved.wallMs - moved.realMs;
	if (between === 'power cut') {
		await stored;
		const next = battery === 'none' ? STARTS[start] : (realMs: number) => realMs + aheadMs;
		moved.boot({ wallMs: next, offMs: OFF_MS });
	}
	await router.happens(between);
	moved.pass(waitMs / 2);
	if (ntpMs !== 'never') {
		moved.synchronise();
		await until('the date to be known', HANG_MS, async () => {
			await router.usableBytes();
			return (await router.knowsDate()) && Math.abs(router.expiryMs() - moved.realMs) < 3 * DAY_MS;
		});
	}
	const isCutWithoutDate = between === 'power cut' && !isKnownAtSale;
	verdict.lostBytes += router.expiredBytes();
	// Without a date there is a remaining time: what the ledger has, less what it is by the clock of validities, is asked of the agent.
	if (ntpMs !== 'never') judgeDates(router, verdict, isCutWithoutDate);
	await judgeEnd(router, verdict, { isCut: between === 'power cut' && (ntpMs === 'never' || isCutWithoutDate) });
	verdict.harmful += await router.harmfulAdvice();
	await router.agent.stop();
	try {
		await router.agent.verifyLedger();
	} catch {
		verdict.broken += 1;
	}
	return verdict;
}

/** What it says while no date is known. */
async function withoutDate(router: Router, isKnown: boolean, battery: Battery): Promise<Verdict> {
	return {
		lostBytes: 0,
		offMs: 0,
		giftOffMs: 0,
		early: 0,
		late: 0,
		beyondCut: 0,
		broken: 0,
		harmful: 0,
		falseDates: isKnown ? 0 : await router.shownDates(),
		unwarned: battery !== 'believed' && !isKnown && (await router.warnings()).length === 0 ? 1 : 0,
	};
}

/** The dates in the file, against the sale. */
function judgeDates(router: Router, verdict: Verdict, isCutWithoutDate: boolean): void {
	const off = (dateMs: number, { from, to }: { from: number; to: number }) =>
		dateMs < from + DAY_MS ? dateMs - (from + DAY_MS) : Math.max(0, dateMs - (to + DAY_MS));
	const sale = off(router.expiryMs(), router.soldMs);
	const gift = off(router.giftEndMs(), router.giftMs);
	if (Math.min(sale, gift) < -SECOND_MS) verdict.early += 1;
	if (isCutWithoutDate) {
		if (Math.max(sale, gift) > OFF_MS + STORED_MS + AROUND_MS) verdict.beyondCut += 1;
		return;
	}
	verdict.offMs = Math.abs(sale);
	verdict.giftOffMs = Math.abs(gift);
}

/** It can be spent until the end, and not afterwards. */
async function judgeEnd(router: Router, verdict: Verdict, { isCut }: { isCut: boolean }): Promise<void> {
	const { clock: moved, soldMs } = router;
	moved.pass(soldMs.from + DAY_MS - AROUND_MS - moved.realMs);
	const before = await router.usableBytes();
	if (moved.realMs < soldMs.from + DAY_MS) {
		verdict.lostBytes += router.expiredBytes();
		if (before === 0) verdict.early += 1;
	}
	moved.pass(2 * AROUND_MS + (isCut ? OFF_MS + STORED_MS : 0));
	// What a grant reserves is to be spent until it is settled: an event, of which the time says nothing.
	const end = performance.now() + HANG_MS;
	while ((await router.usableBytes()) > 0) {
		if (performance.now() > end) {
			verdict[isCut ? 'beyondCut' : 'late'] += 1;
			return;
		}
		await delay(100);
	}
}

/** The date is known; then somebody sets the clock by hand. @returns what moved or was lost by it */
async function setByHand(lab: Lab): Promise<number> {
	const moved = new MovedClock('by-hand');
	moved.boot({ wallMs: STARTS['1970'], offMs: 0 });
	moved.synchronise();
	const router = await Router.start(lab, moved, 'synchronised');
	await router.sell();
	const date = router.expiryMs();
	let lost = 0;
	for (const byMs of [10 * DAY_MS, -YEAR_MS]) {
		moved.setByHand(moved.realMs + byMs);
		await router.usableBytes();
		await router.happens('restart');
		if ((await router.usableBytes()) === 0 || router.expiredBytes() > 0 || router.expiryMs() !== date) lost += 1;
		lost += await router.harmfulAdvice();
	}
	await router.agent.stop();
	return lost;
}
