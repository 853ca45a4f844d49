import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccountRow, HistoryRow, UsageRecord } from '../../../agent/status/protocol.ts';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { dryOrEnded } from '../dry-or-ended.ts';
import type { Flow } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import type { CustomerAnswer, CustomerOrder } from '../portal/customer.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
const PER_MEBIBYTE = 20_000;
const COINS = 200_000;
const PRICE = 90_000;
const PLAN_BYTES = 12 * MEBIBYTE;
const GIVEN = 40_000;
const ACCOUNT = 'ann-1';
const BITS_PER_SECOND = 10_000_000;
/** The download waits here until the plan is bought, and goes on to the next place while somebody listens: none of the money is gone. */
const HOLD_AT_BYTES = 2 * MEBIBYTE;
const HOLD_STEP_BYTES = MEBIBYTE / 8;
const HOLD_AT_BYTES_MAX = 8 * MEBIBYTE;
const HOLD_STEP_MS = 250;
/** Different ones: what is left has changed. */
const LIVE_MESSAGES = 2;
const TIMEOUT_MS = HANG_MS;
/** The last packet that would not fit, and those that answer it. */
const REST_BYTES_MAX = 3000;

const PRODUCTS = {
	currency: 'EUR',
	tariffs: [{ name: 'data', microPerMebibyte: PER_MEBIBYTE }],
	plans: [
		{ name: 'coins', title: '0.20', micro: COINS, tariff: 'data' },
		{ name: 'twelve', title: '12 MiB', bytes: PLAN_BYTES, priceMicro: PRICE },
	],
};

type Cost = { metered: boolean; paidBy: string; price: { micro: number; per: number }; walletMicro?: number };

/** A customer buys from the wallet, and gives money away, on the portal's pages and in the middle of a download. */
export const shop: Scenario = {
	name: 'shop',
	title:
		'on the portal, while a download runs: a plan is bought from the wallet, money is given; to the byte and the millionth',
	figures: {
		...COMPARISON_RULES,
		same_connection: { title: 'the download goes on in its connection', bound: { equals: 1 } },
		bought_once: { title: 'the same form sent five times at once: plans that were paid', bound: { equals: 1 } },
		cost_changes: {
			title: 'the interface for programs: paid by the wallet, then by the package',
			bound: { equals: 1 },
		},
		live_messages: { title: 'messages of the stream while the download runs', bound: { atLeast: LIVE_MESSAGES } },
		given_above_bytes: { title: 'delivered for given money − what it pays for', bound: { atMost: 0 } },
		given_unspent_bytes: { title: 'what it pays for − delivered', bound: { atMost: REST_BYTES_MAX } },
		money_difference_micro: { title: 'bought − spent on the plan − cost of bytes − left', bound: { equals: 0 } },
		rated_difference_bytes: { title: 'paid, in the books − counted by the witness', bound: { equals: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: 2 }, async (lab) => {
			const agent = await lab.startAgent(PRODUCTS);
			const [ann, bob] = lab.stations as [Station, Station];
			const code = await comesByCode(agent, ann);
			const flow = await lab.flow(ann, {
				protocol: 'tcp',
				direction: 'down',
				bitsPerSecond: BITS_PER_SECOND,
				holdAtBytes: HOLD_AT_BYTES,
			});
			await until('the download to run', TIMEOUT_MS, async () => (await lab.passed(ann)) > MEBIBYTE);
			const before = await costOf(ann);
			const [messages, bought] = await Promise.all([
				whileMoving(flow, ask(ann, { order: 'listen', differentMessages: LIVE_MESSAGES })),
				ask(ann, { order: 'send', page: '/top-up', action: '/buy', fields: { plan: 'twelve', proof: code }, times: 5 }),
			]);
			const after = await costOf(ann);
			const again = { account: ACCOUNT, plan: 'twelve', wallet: true };
			const refused = await agent.ask('account.topup', again).catch(String);
			if (!/the wallet of ann-1 has only \d+/.test(String(refused))) throw new Error(`not refused: ${refused}`);
			progress(`bought: ${bought.map(({ status, location }) => `${status} ${location}`).join(', ')}`);
			progress(`cost: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`);
			const given = await give(lab, agent, { ann, bob, code });
			await flow.hold();
			await dryOrEnded(flow, agent);
			const { client } = await flow.progress();
			await flow.stop();
			const figures = await comparisonFigures(lab, agent, progress);
			const ledger = new LedgerReader(agent.database);
			const { spent, cost, left } = await moneyOf(agent);
			const delivered = (await lab.passed(ann)) + (await lab.passed(bob));
			await agent.verifyLedger();
			return {
				...figures,
				same_connection: client?.state === 'open' ? 1 : 0,
				bought_once: spent / PRICE,
				cost_changes:
					before.paidBy === 'wallet' && after.paidBy === 'package' && before.price.micro === PER_MEBIBYTE ? 1 : 0,
				live_messages: new Set(messages.map(({ body }) => body)).size,
				given_above_bytes: given - (GIVEN / PER_MEBIBYTE) * MEBIBYTE,
				given_unspent_bytes: (GIVEN / PER_MEBIBYTE) * MEBIBYTE - given,
				money_difference_micro: COINS - spent - cost - left,
				rated_difference_bytes: totalOf(ledger.moved(['used', 'rated'])) - delivered,
			};
		});
	},
};

/** A little more of the download again and again, until somebody has heard what he waits for. */
async function whileMoving<Heard>(flow: Flow, lanMonitor: Promise<Heard>): Promise<Heard> {
	let isHeard = false;
	const heard = lanMonitor.finally(() => {
		isHeard = true;
	});
	for (let at = HOLD_AT_BYTES; !isHeard && at < HOLD_AT_BYTES_MAX; at += HOLD_STEP_BYTES) {
		await flow.hold(at);
		await delay(HOLD_STEP_MS);
	}
	return await heard;
}

/** Ann is let in by a code, which she gives again for whatever moves her money. */
async function comesByCode(agent: AgentHandle, ann: Station): Promise<string> {
	const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
		batch: 'ann',
		plan: 'coins',
		count: 1,
	});
	const [{ code }] = codes as [{ code: string }];
	await ask(ann, { order: 'send', page: '/', action: '/redeem', fields: { code } });
	return code;
}

type Customers = { readonly ann: Station; readonly bob: Station; readonly code: string };

/** Ann gives money by code; bob, whom nobody knows yet, enters it and uses it up. @returns what he got */
async function give(lab: Lab, agent: AgentHandle, { ann, bob, code: proof }: Customers): Promise<number> {
	const fields = { unit: 'micro', amount: String(GIVEN / 1e6), proof };
	const [gift] = await ask(ann, { order: 'send', page: '/gift', action: '/gift', fields });
	const code = /class="big code" dir="ltr">([^<]+)</.exec(gift?.body ?? '')?.[1];
	if (code === undefined) throw new Error(`the gift was answered ${gift?.status}: ${gift?.body.slice(0, 2000)}`);
	await ask(bob, { order: 'send', page: '/', action: '/redeem', fields: { code } });
	const flow = await lab.flow(bob, { protocol: 'tcp', direction: 'down' });
	await dryOrEnded(flow, agent);
	await flow.stop();
	return await lab.passed(bob);
}

async function costOf(station: Station): Promise<Cost> {
	const [answer] = await ask(station, { order: 'get', path: '/api/cost' });
	return JSON.parse(answer?.body ?? '{}') as Cost;
}

/** Of all accounts: spent on plans, the cost of what was used, and what is left. */
async function moneyOf(agent: AgentHandle): Promise<{ spent: number; cost: number; left: number }> {
	const accounts = await agent.ask<AccountRow[]>('account.list');
	const sums = { spent: 0, cost: 0, left: 0 };
	for (const { account, balance } of accounts) {
		sums.left += balance.micro.available + balance.micro.reserved;
		for (const { costMicro } of await agent.ask<UsageRecord[]>('record.list', { account, limit: 10 }))
			sums.cost += costMicro;
		for (const { reason, amount } of await agent.ask<HistoryRow[]>('account.history', { account, limit: 1000 })) {
			if (reason === 'spent') sums.spent += amount;
		}
	}
	return sums;
}

async function ask(station: Station, order: CustomerOrder): Promise<CustomerAnswer[]> {
	const program = join(PROJECT_ROOT, 'build/test/lab/portal/customer.js');
	return JSON.parse(
		await station.namespace.run(process.execPath, [program, JSON.stringify(order)]),
	) as CustomerAnswer[];
}
