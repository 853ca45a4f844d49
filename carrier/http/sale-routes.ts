import { z } from 'zod';
import { allCurrentPolicies, currentPolicy, policyChange, publishPolicy } from '../policy/policies.ts';
import { listPlans, planOf, putPlan } from '../sale/plans.ts';
import { loose, sold } from '../sale/top-up.ts';
import { BATCH_CODES_MAX, makeVouchers, redeemVoucher, revokeBatch } from '../sale/vouchers.ts';
import { addSubscription, listSubscriptions, removeSubscription } from '../subscription/subscriptions.ts';
import { listRates, putRate, removeRate } from '../usage/rates.ts';
import { RECORDS_CALLED_MAX, routedRecords } from '../usage/routed-records.ts';
import { type Route, route } from './route.ts';
import { accountName, amount, audience, done, none, plainName, unit, wallMs, wholeNumber } from './values.ts';

const body = z.record(z.string(), z.unknown());
const change = z.object({ path: z.string(), before: z.unknown(), after: z.unknown() });
const published = z.object({
	audience: z.string(),
	version: z.int(),
	body,
	publishedAt: wallMs,
	publishedBy: z.string(),
});
const replied = z.object({ ap: z.string(), version: z.int(), outcome: z.string(), message: z.string(), at: wallMs });
const minute = z.int().min(0).max(1440);
const apNames = z.string().regex(/^[a-z0-9-]{1,63}\*?$/);
const device = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
const timeZone = z.string().max(64).refine(isTimeZone, 'is no time zone');
const rate = z.strictObject({
	name: plainName,
	priority: z.int().min(0).max(10_000).describe('asked in this order; the first whose conditions all hold is the one'),
	when: z.strictObject({
		class: z.enum(['own', 'tethered', 'free']).optional(),
		uplink: device.optional().describe('the device over which it passed'),
		accessPoint: apNames.optional().describe('an access point, or the beginning of its name and "*"'),
		minutes: z
			.strictObject({ from: minute, to: minute })
			.optional()
			.describe('of the day in which the record begins; over midnight if `from` is larger'),
	}),
	timeZone: timeZone.default('UTC').describe('IANA name, for `minutes`'),
	unit,
	priceMicro: z
		.int()
		.min(0)
		.max(10 ** 12)
		.describe('for each `per` units begun'),
	per: z
		.int()
		.min(1)
		.max(2 ** 40),
	route: plainName.optional().describe('the subscription that receives the rated record'),
});
const subscription = z.strictObject({
	id: plainName,
	account: accountName.optional().describe('absent: all'),
	kinds: z.array(z.string().regex(/^[a-z]{1,16}(?:\.[a-z]{1,16}){0,2}$/)).max(32),
	target: z.enum(['webhook', 'mqtt', 'pull']),
	address: z.string().max(2000),
	secret: z.string().min(16).max(256).describe('signs what is sent: HMAC-SHA256 of `time.body`'),
});

/** Plans, policies, rates, vouchers, subscriptions. */
export const SALE_ROUTES: readonly Route[] = [
	route({
		method: 'GET',
		path: '/v1/plans',
		name: 'planList',
		summary: 'What is sold',
		params: none,
		query: none,
		body: undefined,
		answer: z.object({ entries: z.array(body) }),
		run: async ({ database }) => ({ entries: await listPlans(database) }),
	}),
	route({
		method: 'PUT',
		path: '/v1/plans',
		name: 'planPut',
		summary: 'Set what is sold under a name; all faults are listed',
		params: none,
		query: none,
		body,
		answer: body,
		run: async ({ database, clock }, input) => await putPlan(database, input.body, clock.wallMs()),
	}),
	route({
		method: 'GET',
		path: '/v1/policies',
		name: 'policyList',
		summary: 'The newest policy of each audience',
		params: none,
		query: none,
		body: undefined,
		answer: z.object({ entries: z.array(published) }),
		run: async ({ database }) => ({ entries: await allCurrentPolicies(database) }),
	}),
	route({
		method: 'GET',
		path: '/v1/policies/{audience}',
		name: 'policyShow',
		summary: 'The newest policy of one audience, and what access points said of it',
		params: z.object({ audience }),
		query: none,
		body: undefined,
		answer: z.object({
			policy: published.nullable(),
			replies: z.array(replied),
		}),
		run: async ({ database }, { params }) => ({
			policy: (await currentPolicy(database, params.audience)) ?? null,
			replies: await database.query<z.infer<typeof replied>>(
				'SELECT ap, version, outcome, message, at FROM policy_reply WHERE audience = $1 ORDER BY at DESC LIMIT 500',
				[params.audience],
			),
		}),
	}),
	route({
		method: 'POST',
		path: '/v1/policies/{audience}/diff',
		name: 'policyDiff',
		summary: 'What would change; nothing is sent',
		params: z.object({ audience }),
		query: none,
		body,
		answer: z.object({ changes: z.array(change) }),
		run: async ({ database }, input) => ({ changes: await policyChange(database, input.params.audience, input.body) }),
	}),
	route({
		method: 'POST',
		path: '/v1/policies/{audience}',
		name: 'policyPublish',
		summary: 'Make it the policy of its audience, and send it',
		params: z.object({ audience }),
		query: none,
		body,
		answer: published,
		run: async ({ database, clock, keys, user, sender }, { params, body: draft }) => {
			const order = { audience: params.audience, draft, keys: keys.forPolicies(), by: user };
			const policy = await database.transaction(async (tx) => await publishPolicy(tx, order, clock.wallMs()));
			await sender.sendPolicy(policy);
			return policy;
		},
	}),
	route({
		method: 'GET',
		path: '/v1/rates',
		name: 'rateList',
		summary: 'How usage is rated, in the order in which rates are asked',
		params: none,
		query: none,
		body: undefined,
		answer: z.object({ entries: z.array(rate) }),
		run: async ({ database }) => ({ entries: await listRates(database) }),
	}),
	route({
		method: 'PUT',
		path: '/v1/rates',
		name: 'ratePut',
		summary: 'Set a rate; records that were rated keep their price',
		params: none,
		query: none,
		body: rate,
		answer: done,
		run: async ({ database, clock }, input) => {
			await putRate(database, input.body, clock.wallMs());
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'DELETE',
		path: '/v1/rates/{name}',
		name: 'rateRemove',
		summary: 'Remove a rate',
		params: z.object({ name: plainName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database }, { params }) => {
			await removeRate(database, params.name);
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'GET',
		path: '/v1/routes/{route}/records',
		name: 'routedRecordList',
		summary: 'Rated records of a destination, from behind a position',
		params: z.object({ route: plainName }),
		query: z.object({
			after: wholeNumber({ min: 0, absent: 0 }),
			limit: wholeNumber({ min: 1, max: RECORDS_CALLED_MAX, absent: 100 }),
		}),
		body: undefined,
		answer: z.object({ entries: z.array(z.record(z.string(), z.unknown())) }),
		run: async ({ database }, { params, query }) => ({
			entries: await routedRecords(database, { route: params.route, ...query }),
		}),
	}),
	route({
		method: 'POST',
		path: '/v1/voucher-batches',
		name: 'voucherMake',
		summary: 'Make codes; they are answered once and stored as hashes',
		params: none,
		query: none,
		body: z
			.strictObject({
				batch: plainName,
				count: z.int().min(1).max(BATCH_CODES_MAX),
				plan: plainName.optional().describe('exactly one of this and `credit`'),
				credit: z.strictObject({ unit, amount }).optional(),
				expiresAt: wallMs.optional(),
			})
			.refine(({ plan, credit }) => (plan === undefined) !== (credit === undefined), 'either plan or credit'),
		answer: z.object({ codes: z.array(z.string()) }),
		run: async ({ database, clock, random }, { body: { batch, count, plan, credit, expiresAt } }) =>
			await database.transaction(async (tx) => {
				const what = plan === undefined ? loose(credit as z.infer<typeof creditShape>) : sold(await planOf(tx, plan));
				return { codes: await makeVouchers(tx, { batch, count, expiresAt, ...what }, random, clock.wallMs()) };
			}),
	}),
	route({
		method: 'DELETE',
		path: '/v1/voucher-batches/{batch}',
		name: 'voucherRevoke',
		summary: 'Codes of a batch that nobody has used are worth nothing from now on',
		params: z.object({ batch: plainName }),
		query: none,
		body: undefined,
		answer: z.object({ revoked: z.int() }),
		run: async ({ database }, { params }) => ({ revoked: await revokeBatch(database, params.batch) }),
	}),
	route({
		method: 'POST',
		path: '/v1/vouchers/redeem',
		name: 'voucherRedeem',
		summary: 'Credit an account with a code, once',
		params: none,
		query: none,
		body: z.strictObject({ code: z.string().min(8).max(64), account: accountName }),
		answer: z.object({ outcome: z.enum(['done', 'exists']), unit, amount }),
		run: async ({ database, clock, sender, slices }, input) => {
			const answer = await database.transaction(
				async (tx) => await redeemVoucher(tx, input.body, slices, clock.wallMs()),
			);
			await sender.sendDue();
			return answer;
		},
	}),
	route({
		method: 'GET',
		path: '/v1/subscriptions',
		name: 'subscriptionList',
		summary: 'Who is told what; without the secrets',
		params: none,
		query: none,
		body: undefined,
		answer: z.object({ entries: z.array(body) }),
		run: async ({ database }) => ({ entries: (await listSubscriptions(database)) as z.infer<typeof body>[] }),
	}),
	route({
		method: 'POST',
		path: '/v1/subscriptions',
		name: 'subscriptionAdd',
		summary:
			'Follow events of an account or of all (out of credit, credit restored, …), or be the destination of rated records',
		params: none,
		query: none,
		body: subscription,
		answer: done,
		run: async ({ database, clock, privateHosts }, input) => ({
			outcome: await addSubscription(database, input.body, privateHosts, clock.wallMs()),
		}),
	}),
	route({
		method: 'DELETE',
		path: '/v1/subscriptions/{id}',
		name: 'subscriptionRemove',
		summary: 'Tell it nothing any more',
		params: z.object({ id: plainName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database }, { params }) => {
			await removeSubscription(database, params.id);
			return { outcome: 'done' as const };
		},
	}),
];

const creditShape = z.strictObject({ unit, amount });

function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat('en', { timeZone: name });
		return true;
	} catch {
		return false; // RangeError: there is none of that name
	}
}
