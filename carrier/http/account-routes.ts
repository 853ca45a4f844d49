import { z } from 'zod';
import { accountPicture, createAccount, listAccounts, localAccountsAt } from '../account/accounts.ts';
import { blockAccount } from '../account/block-account.ts';
import {
	allowancePicture,
	MEMBERS_MAX,
	putAllowance,
	putMember,
	removeMember,
	resetAllowance,
} from '../allowance/allowances.ts';
import { RESET_PERIODS } from '../allowance/next-reset.ts';
import { topUp } from '../sale/top-up.ts';
import { type Route, route } from './route.ts';
import {
	accountName,
	amount,
	apName,
	done,
	list,
	none,
	page,
	paged,
	plainName,
	title,
	unit,
	wallMs,
	wholeNumber,
} from './values.ts';

const state = z.enum(['active', 'blocked']);
const localAt = z
	.array(z.string())
	.describe('access points that have an account of their own of this name: there it is that one which is spent');
const used = z.object({ class: z.string(), unit, amount: z.int(), upBytes: z.int(), downBytes: z.int() });
const picture = z.object({
	account: z.string(),
	title: z.string(),
	state,
	pool: z.string().nullable(),
	isCreditOut: z.boolean(),
	createdAt: wallMs,
	localAt,
	balances: z.array(z.object({ unit, book: z.string(), amount: z.int() })),
	packages: z.array(
		z.object({
			package: z.string(),
			plan: z.string(),
			amount: z.int(),
			available: z.int(),
			expiresAt: wallMs.nullable().describe('null: never, or not before its first slice'),
			validForSeconds: z.int().nullable(),
			pace: z.object({ upBytesPerSecond: z.int().optional(), downBytesPerSecond: z.int().optional() }),
		}),
	),
	usage: z.array(used),
});
const restriction = z.union([
	z.strictObject({ kind: z.literal('none') }),
	z.strictObject({ kind: z.literal('throttle'), bytesPerSecond: amount }),
]);
const weight = z.int().min(1).max(1000);
const members = z.array(z.strictObject({ account: accountName, weight })).max(MEMBERS_MAX);
const allowance = z.strictObject({
	total: amount,
	restrictBelow: z
		.int()
		.min(0)
		.max(2 ** 50)
		.default(0),
	restriction: restriction.default({ kind: 'none' }),
	resetEvery: z.enum(RESET_PERIODS).default('never'),
	members,
});
const allowanceAnswer = z.object({
	account: z.string(),
	total: z.int(),
	remaining: z.int(),
	restrictBelow: z.int(),
	restriction,
	isRestricted: z.boolean(),
	resetEvery: z.enum(RESET_PERIODS),
	nextResetAt: wallMs.nullable(),
	members,
	shares: z.array(z.object({ account: z.string(), weight: z.int(), used: z.int(), held: z.int(), limit: z.int() })),
});
const hour = z.object({ hour: wallMs, class: z.string(), unit, amount: z.int(), priceMicro: z.int() });
const HOURS_MAX = 2000;

/** Accounts, sales, shared allowances. */
export const ACCOUNT_ROUTES: readonly Route[] = [
	route({
		method: 'GET',
		path: '/v1/accounts',
		name: 'accountList',
		summary: 'Accounts that live at the platform',
		params: none,
		query: page,
		body: undefined,
		answer: list(
			z.object({
				account: z.string(),
				title: z.string(),
				state,
				pool: z.string().nullable(),
				isCreditOut: z.boolean(),
			}),
		),
		run: async ({ database }, { query }) => {
			const rows = await listAccounts(database, query);
			const entries = rows.map(({ credit_out: isCreditOut, account, title: text, state: is, pool }) => ({
				account,
				title: text,
				state: is,
				pool,
				isCreditOut,
			}));
			return paged(entries, query.limit, ({ account }) => account);
		},
	}),
	route({
		method: 'POST',
		path: '/v1/accounts',
		name: 'accountCreate',
		summary: 'Make an account',
		params: none,
		query: none,
		body: z.strictObject({ account: accountName, title }),
		answer: done.extend({ localAt }),
		run: async ({ database, clock }, { body }) => ({
			outcome: await createAccount(database, { ...body, now: clock.wallMs() }),
			localAt: await localAccountsAt(database, body.account),
		}),
	}),
	route({
		method: 'GET',
		path: '/v1/accounts/{account}',
		name: 'accountShow',
		summary: 'Balances, packages, and usage over all access points',
		params: z.object({ account: accountName }),
		query: none,
		body: undefined,
		answer: picture,
		run: async ({ database }, { params }) => await accountPicture(database, params.account),
	}),
	route({
		method: 'PUT',
		path: '/v1/accounts/{account}/state',
		name: 'accountSetState',
		summary: 'Block an account, or let it be; what it has out on access points is called back',
		params: z.object({ account: accountName }),
		query: none,
		body: z.strictObject({ state }),
		answer: done,
		run: async ({ database, clock, sender }, { params, body }) => {
			await database.transaction(async (tx) => await blockAccount(tx, params.account, body.state, clock.wallMs()));
			await sender.sendDue();
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'GET',
		path: '/v1/accounts/{account}/usage',
		name: 'accountUsage',
		summary: `Usage by the hour, the newest first (at most ${HOURS_MAX} rows)`,
		params: z.object({ account: accountName }),
		query: z.object({ from: wholeNumber({ min: 0, absent: 0 }) }),
		body: undefined,
		answer: z.object({ entries: z.array(hour) }),
		run: async ({ database }, { params, query }) => ({
			entries: await database.query<z.infer<typeof hour>>(
				`SELECT hour, class, unit, amount, price_micro AS "priceMicro" FROM account_usage
				WHERE account = $1 AND resident AND hour >= $2 ORDER BY hour DESC, class, unit LIMIT $3`,
				[params.account, query.from, HOURS_MAX],
			),
		}),
	}),
	route({
		method: 'POST',
		path: '/v1/sales',
		name: 'saleAdd',
		summary: "A shop's message: credits the member's account once for each of the shop's transactions",
		params: none,
		query: none,
		body: z.strictObject({
			shop: z.string().min(1).max(64),
			transaction: z.string().min(1).max(128),
			account: accountName.describe("the member's number"),
			plan: plainName.optional().describe('what was bought; exactly one of this and `credit`'),
			credit: z.strictObject({ unit, amount }).optional(),
			ap: apName.optional().describe('where the account lives, if it is not here: that access point is told'),
		}),
		answer: z.object({ outcome: z.enum(['done', 'exists', 'sent']), id: z.string() }),
		run: async ({ database, clock, sender, slices }, { body }) => {
			const answer = await database.transaction(async (tx) => await topUp(tx, body, slices, clock.wallMs()));
			await sender.sendDue();
			return answer;
		},
	}),
	route({
		method: 'PUT',
		path: '/v1/allowances/{account}',
		name: 'allowancePut',
		summary: 'Share the balance of an account among members, on all access points',
		params: z.object({ account: accountName }),
		query: none,
		body: allowance,
		answer: allowanceAnswer,
		run: async ({ database, clock, sender, slices }, { params, body }) => {
			const answer = await database.transaction(async (tx) => {
				await putAllowance(tx, { account: params.account, ...body }, slices, clock.wallMs());
				return await allowancePicture(tx, params.account);
			});
			await sender.sendDue();
			return answer;
		},
	}),
	route({
		method: 'GET',
		path: '/v1/allowances/{account}',
		name: 'allowanceShow',
		summary: 'What is left of a shared allowance, and what each member has had and may have',
		params: z.object({ account: accountName }),
		query: none,
		body: undefined,
		answer: allowanceAnswer,
		run: async ({ database }, { params }) => await allowancePicture(database, params.account),
	}),
	route({
		method: 'PUT',
		path: '/v1/allowances/{account}/members/{member}',
		name: 'memberPut',
		summary: 'Let an account spend a shared allowance, or change its weight',
		params: z.object({ account: accountName, member: accountName }),
		query: none,
		body: z.strictObject({ weight }),
		answer: allowanceAnswer,
		run: async ({ database }, { params: { account, member }, body }) =>
			await database.transaction(async (tx) => {
				await putMember(tx, account, { account: member, ...body });
				return await allowancePicture(tx, account);
			}),
	}),
	route({
		method: 'DELETE',
		path: '/v1/allowances/{account}/members/{member}',
		name: 'memberRemove',
		summary: 'It spends its own balance again',
		params: z.object({ account: accountName, member: accountName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database }, { params: { account, member } }) => {
			await database.transaction(async (tx) => await removeMember(tx, account, member));
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'POST',
		path: '/v1/allowances/{account}/reset',
		name: 'allowanceReset',
		summary: 'Begin a new cycle now',
		params: z.object({ account: accountName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database, clock, sender, slices }, { params }) => {
			await database.transaction(async (tx) => await resetAllowance(tx, params.account, slices, clock.wallMs()));
			await sender.sendDue();
			return { outcome: 'done' as const };
		},
	}),
];
