import { setTimeout as delay } from 'node:timers/promises';
import { type AgentHandle, PLANS } from '../agent-handle.ts';
import { withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { ServedTime } from '../traffic/served-time.ts';

const PAID_SECONDS = 3;
/** Less than a second: what has begun is free where each session is rounded by itself. */
const TURN_MS = 800;
const TURNS = 12;
const RESTARTS = 6;
/** The end of what was paid, and of what comes too late. */
const STAY_MS = (PAID_SECONDS + 2) * 1000;

const CONFIG = {
	tariffs: [{ name: 'by-the-second', microPerMinute: 60, first: 1, step: 1 }],
	plans: [...PLANS, { name: 'money', title: '3 seconds of money', micro: PAID_SECONDS, tariff: 'by-the-second' }],
};

/** Seconds that were bought, as the far end saw them served: a busy machine serves fewer packets in them, never more. */
const BOUGHT = { anywhere: 'time that was bought and served, not time that something took' } as const;
const SECONDS = { ...BOUGHT, bound: { atLeast: 1, atMost: PAID_SECONDS * 1.1 } } as const;
type Progress = (line: string) => void;

/** Time is rounded to whole seconds once for an account, not each time somebody comes or goes. */
export const turns: Scenario = {
	name: 'turns',
	title: `a code of ${PAID_SECONDS} seconds serves ≤ 1.1 × as long to whoever takes turns, comes and goes, or meets restarts`,
	figures: {
		stay_seconds: { ...SECONDS, title: 'served to one device that stays, as the far end saw it' },
		turns_seconds: { ...SECONDS, title: `to two devices that enter the code in turn, every ${TURN_MS} ms` },
		returns_seconds: { ...SECONDS, title: 'to one that leaves and comes back as often' },
		money_seconds: { ...SECONDS, title: 'to two that take turns with money for 3 seconds' },
		gift_seconds: { ...SECONDS, title: 'to one that gives what is left to a new account each time' },
		restart_seconds: { ...SECONDS, title: `to one that stays while the agent is killed ${RESTARTS} times` },
		turns_ratio: {
			...BOUGHT,
			title: 'largest of these ÷ one that stays, at least what was paid',
			bound: { atMost: 1.1 },
		},
		charged_seconds: { ...BOUGHT, title: 'charged to the device that stays', bound: { equals: PAID_SECONDS } },
		overcharged_seconds: { ...BOUGHT, title: 'charged to the others beyond what was paid', bound: { atMost: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 8 }, async (lab) => {
			const agent = await lab.startAgent(CONFIG);
			const served = await ServedTime.start(lab);
			try {
				const codes = await vouchers(agent, 'three-seconds', 3);
				const [coins] = await vouchers(agent, 'money', 1);
				const station = (number: number) => lab.station(number);
				await Promise.all([
					stay(agent, station(1), codes[0] as string),
					takeTurns(agent, [station(2), station(3)], codes[1] as string),
					comeAndGo(agent, station(4)),
					takeTurns(agent, [station(5), station(6)], coins as string),
					giveOn(agent, station(7), codes[2] as string),
				]);
				await stayWhileKilled(agent, station(8), progress);
				const seconds = async (...numbers: number[]) => await served.seconds(numbers);
				const figures = {
					stay_seconds: await seconds(1),
					turns_seconds: await seconds(2, 3),
					returns_seconds: await seconds(4),
					money_seconds: await seconds(5, 6),
					gift_seconds: await seconds(7),
					restart_seconds: await seconds(8),
				};
				await agent.verifyLedger();
				const charged = chargedSeconds(agent);
				const of = (...numbers: number[]) =>
					numbers.reduce((sum, number) => sum + (charged.get(station(number).mac) ?? 0), 0);
				const others = [of(2, 3), of(4), of(5, 6), of(7), of(8)];
				progress(`served ${JSON.stringify(figures)}; charged ${of(1)}, ${others.join(', ')} s`);
				return {
					...figures,
					turns_ratio: Math.max(...Object.values(figures)) / Math.max(PAID_SECONDS, figures.stay_seconds),
					charged_seconds: of(1),
					overcharged_seconds: Math.max(...others) - PAID_SECONDS,
				};
			} finally {
				served.stop();
			}
		});
	},
};

async function vouchers(agent: AgentHandle, plan: string, count: number): Promise<string[]> {
	const created = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
		batch: `turns-${plan}`,
		plan,
		count,
	});
	return created.codes.map(({ code }) => code);
}

async function stay(agent: AgentHandle, { mac }: Station, code: string): Promise<void> {
	await agent.ask('voucher.redeem', { code, mac });
	await delay(STAY_MS);
}

/** Each takes the session along. */
async function takeTurns(agent: AgentHandle, pair: readonly Station[], code: string): Promise<void> {
	for (let turn = 0; turn < TURNS; turn++) {
		await agent.ask('voucher.redeem', { code, mac: pair[turn % pair.length]?.mac });
		await delay(TURN_MS);
	}
}

async function comeAndGo(agent: AgentHandle, { mac }: Station): Promise<void> {
	await agent.admit('returns', 'three-seconds', []);
	for (let turn = 0; turn < TURNS; turn++) {
		await agent.ask('station.attach', { mac, account: 'returns' });
		await delay(TURN_MS);
		await agent.ask('station.detach', { mac });
	}
}

/** What has begun of a second must not stay behind with what cannot pay for it. */
async function giveOn(agent: AgentHandle, { mac }: Station, code: string): Promise<void> {
	let next = code;
	for (let turn = 0; turn < TURNS; turn++) {
		await agent.ask('voucher.redeem', { code: next, mac });
		await delay(TURN_MS);
		const account = (await agent.stations()).find((row) => row.mac === mac)?.account as string;
		await agent.ask('station.detach', { mac });
		const { balance } = await agent.account(account);
		if (balance.second.available === 0) return;
		({ code: next } = await agent.ask<{ code: string }>('account.gift', {
			account,
			unit: 'second',
			amount: balance.second.available,
		}));
	}
}

async function stayWhileKilled(agent: AgentHandle, { mac }: Station, progress: Progress): Promise<void> {
	await agent.admit('restarts', 'three-seconds', [mac]);
	for (let kill = 0; kill < RESTARTS; kill++) {
		await delay(TURN_MS);
		await agent.kill('SIGKILL');
		await agent.start();
	}
	progress(`killed the agent ${RESTARTS} times`);
	await delay(STAY_MS);
}

/** Of all sessions, by hardware address, from the ledger's file. */
function chargedSeconds(agent: AgentHandle): Map<string, number> {
	return new LedgerReader(agent.database).chargedSeconds();
}
