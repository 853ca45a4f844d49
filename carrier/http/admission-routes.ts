import { z } from 'zod';
import { bindAccount, bindingsOf, newAccountCode, unbindAccount } from '../account/admission.ts';
import { REVIEW_REASONS, type ReviewReason } from '../review/reasons.ts';
import { listReviews, REVIEWS_LISTED_MAX, settleReview } from '../review/reviews.ts';
import { type Route, route } from './route.ts';
import { accountName, amount, audience, done, none, wallMs, wholeNumber } from './values.ts';

const binding = z.object({
	ap: z.string(),
	madeBy: z.string().describe('a user, `proof` of the customer, or `upgrade`'),
	madeAt: wallMs,
	until: wallMs.nullable().describe('null: for ever'),
});
const place = z.object({ account: accountName, ap: audience });
const review = z.object({
	id: z.int(),
	ap: z.string(),
	reason: z.enum(Object.keys(REVIEW_REASONS) as ReviewReason[]),
	account: z.string().describe('as the access point names it; empty: none'),
	slice: z.string(),
	records: z.int().describe('records or events that were put together in this entry'),
	amount: z.int().describe('of all of them, not booked'),
	sample: z.string().describe('the first of them'),
	firstAt: wallMs,
	lastAt: wallMs,
	settledAt: wallMs.nullable(),
	settledBy: z.string().nullable(),
	charged: z.int().nullable(),
});
const reviewId = z.object({ id: wholeNumber({ min: 1 }) });

/** Where accounts may be spent, and what access points said that is not booked. */
export const ADMISSION_ROUTES: readonly Route[] = [
	route({
		method: 'GET',
		path: '/v1/accounts/{account}/access-points',
		name: 'bindingList',
		summary: 'Where an account may be spent without a proof of the customer, or was shown to be',
		params: z.object({ account: accountName }),
		query: none,
		body: undefined,
		answer: z.object({ entries: z.array(binding) }),
		run: async ({ database }, { params }) => ({ entries: await bindingsOf(database, params.account) }),
	}),
	route({
		method: 'PUT',
		path: '/v1/accounts/{account}/access-points/{ap}',
		name: 'bindingPut',
		summary: 'Let an access point, or "all", spend an account',
		params: place,
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database, clock, user }, { params }) => {
			await database.transaction(async (tx) => await bindAccount(tx, { ...params, by: user }, clock.wallMs()));
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'DELETE',
		path: '/v1/accounts/{account}/access-points/{ap}',
		name: 'bindingRemove',
		summary: 'It is not spent there any more; what is out there is called back',
		params: place,
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database, clock, sender }, { params }) => {
			await database.transaction(async (tx) => await unbindAccount(tx, params, clock.wallMs()));
			await sender.sendDue();
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'POST',
		path: '/v1/accounts/{account}/code',
		name: 'accountCodeMake',
		summary: 'Make a new code for the customer, with which the account is spent on any access point; shown once',
		params: z.object({ account: accountName }),
		query: none,
		body: undefined,
		answer: z.object({ code: z.string() }),
		run: async ({ database, random }, { params }) => ({
			code: await database.transaction(async (tx) => await newAccountCode(tx, params.account, random)),
		}),
	}),
	route({
		method: 'GET',
		path: '/v1/reviews',
		name: 'reviewList',
		summary: 'What access points said that was not booked, for a person',
		params: none,
		query: z.object({
			after: wholeNumber({ min: 0, absent: 0 }).describe('`id` of the last entry of the page before'),
			limit: wholeNumber({ min: 1, max: REVIEWS_LISTED_MAX, absent: REVIEWS_LISTED_MAX }),
			settled: z.enum(['no', 'yes']).default('no'),
		}),
		body: undefined,
		answer: z.object({ entries: z.array(review) }),
		run: async ({ database }, { query: { after, limit, settled } }) => ({
			entries: (await listReviews(database, { after, limit, isSettled: settled === 'yes' })) as z.infer<
				typeof review
			>[],
		}),
	}),
	route({
		method: 'POST',
		path: '/v1/reviews/{id}/settle',
		name: 'reviewSettle',
		summary: 'A person has looked at it; with `charge` so many bytes of the account that it names are charged',
		params: reviewId,
		query: none,
		body: z.strictObject({ charge: amount.optional() }),
		answer: done,
		run: async ({ database, clock, user }, { params: { id }, body: { charge } }) => ({
			outcome: await database.transaction(
				async (tx) => await settleReview(tx, { id, charge, by: user }, clock.wallMs()),
			),
		}),
	}),
];
