import { z } from 'zod';
import { accessPointRow, addAccessPoint, listAccessPoints, setAccessPointState } from '../fleet/access-points.ts';
import { commandState, sendCommand } from '../fleet/commands.ts';
import { listOpenSlices, SLICES_LISTED_MAX } from '../slice/list-slices.ts';
import { revokeSlice } from '../slice/revoke-slice.ts';
import { releaseSlice } from '../slice/take-back.ts';
import { type Route, route } from './route.ts';
import { apName, done, list, none, page, paged, requestName, title, wallMs, wholeNumber } from './values.ts';

const accessPoint = z.object({
	ap: z.string(),
	title: z.string(),
	state: z.enum(['active', 'blocked']),
	online: z.boolean(),
	software_version: z.string(),
	policy_version: z.int(),
	sessions: z.int(),
	clock_skew_ms: z.int(),
	seen_at: wallMs,
});
const command = z.object({
	id: z.string(),
	ap: z.string(),
	body: z.unknown(),
	issuedAt: wallMs,
	answeredAt: wallMs.nullable(),
	outcome: z.string().nullable(),
	code: z.string().nullable(),
	message: z.string().nullable(),
});
const event = z.object({
	ap: z.string(),
	id: z.string(),
	kind: z.string(),
	account: z.string().nullable(),
	at: wallMs,
	receivedAt: wallMs,
	details: z.unknown(),
});
const slice = z.object({
	account: z.string(),
	slice: z.string(),
	member: z.string(),
	ap: z.string(),
	amount: z.int(),
	used: z.int(),
	returned: z.int(),
	state: z.string(),
	givenAt: wallMs,
	expiresAt: wallMs,
});
const EVENTS_MAX = 200;

/** Access points, commands, events, slices. */
export const FLEET_ROUTES: readonly Route[] = [
	route({
		method: 'GET',
		path: '/v1/access-points',
		name: 'accessPointList',
		summary: 'All access points and how they are',
		params: none,
		query: page,
		body: undefined,
		answer: list(accessPoint),
		run: async ({ database }, { query }) => paged(await listAccessPoints(database, query), query.limit, ({ ap }) => ap),
	}),
	route({
		method: 'POST',
		path: '/v1/access-points',
		name: 'accessPointAdd',
		summary: 'Let an access point report here',
		params: none,
		query: none,
		body: z.strictObject({ ap: apName, title }),
		answer: done,
		run: async ({ database, clock }, { body }) => ({
			outcome: await addAccessPoint(database, body.ap, body.title, clock.wallMs()),
		}),
	}),
	route({
		method: 'GET',
		path: '/v1/access-points/{ap}',
		name: 'accessPointShow',
		summary: 'One access point',
		params: z.object({ ap: apName }),
		query: none,
		body: undefined,
		answer: accessPoint,
		run: async ({ database }, { params }) => await accessPointRow(database, params.ap),
	}),
	route({
		method: 'PUT',
		path: '/v1/access-points/{ap}/state',
		name: 'accessPointSetState',
		summary: 'Hear nothing from an access point any more, or hear it again',
		params: z.object({ ap: apName }),
		query: none,
		body: z.strictObject({ state: z.enum(['active', 'blocked']) }),
		answer: done,
		run: async ({ database }, { params, body }) => {
			await setAccessPointState(database, params.ap, body.state);
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'POST',
		path: '/v1/access-points/{ap}/commands',
		name: 'commandSend',
		summary: 'Send a command; it takes effect once, however often it is sent',
		params: z.object({ ap: apName }),
		query: none,
		body: z.strictObject({ id: requestName, body: z.unknown().describe('as in protocol/command.ts') }),
		answer: command,
		run: async ({ database, clock, sender }, { params, body }) => {
			const state = await database.transaction(
				async (tx) => await sendCommand(tx, { ap: params.ap, ...body }, clock.wallMs()),
			);
			await sender.sendDue();
			return state;
		},
	}),
	route({
		method: 'GET',
		path: '/v1/access-points/{ap}/commands/{id}',
		name: 'commandShow',
		summary: 'What became of a command',
		params: z.object({ ap: apName, id: requestName }),
		query: none,
		body: undefined,
		answer: command,
		run: async ({ database }, { params }) => await commandState(database, params.ap, params.id),
	}),
	route({
		method: 'GET',
		path: '/v1/events',
		name: 'eventList',
		summary: 'The newest events of access points and of the platform (an empty `ap`)',
		params: none,
		query: z.object({
			before: wholeNumber({ min: 0 }).optional(),
			limit: wholeNumber({ min: 1, max: EVENTS_MAX, absent: 50 }),
		}),
		body: undefined,
		answer: z.object({ entries: z.array(event) }),
		run: async ({ database }, { query }) => ({
			entries: await database.query<z.infer<typeof event>>(
				`SELECT ap, id, kind, account, at, received_at AS "receivedAt", details FROM event
				WHERE $1::bigint IS NULL OR received_at < $1 ORDER BY received_at DESC, ap, id LIMIT $2`,
				[query.before ?? null, query.limit],
			),
		}),
	}),
	route({
		method: 'GET',
		path: '/v1/slices',
		name: 'sliceList',
		summary: `Slices that are out, the oldest first (at most ${SLICES_LISTED_MAX})`,
		params: none,
		query: z.object({ state: z.enum(['given', 'revoking', 'silent']).optional() }),
		body: undefined,
		answer: z.object({ entries: z.array(slice) }),
		run: async ({ database }, { query }) => ({ entries: await listOpenSlices(database, query.state) }),
	}),
	route({
		method: 'POST',
		path: '/v1/slices/{slice}/revoke',
		name: 'sliceRevoke',
		summary: 'Call a slice back',
		params: z.object({ slice: requestName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database, clock, sender }, { params }) => {
			await database.transaction(async (tx) => await revokeSlice(tx, params.slice, clock.wallMs()));
			await sender.sendDue();
			return { outcome: 'done' as const };
		},
	}),
	route({
		method: 'POST',
		path: '/v1/slices/{slice}/release',
		name: 'sliceRelease',
		summary: 'Give the rest of a slice back to its account: its access point will never say what it used',
		params: z.object({ slice: requestName }),
		query: none,
		body: undefined,
		answer: done,
		run: async ({ database, clock, sender, slices }, { params }) => {
			await database.transaction(async (tx) => await releaseSlice(tx, params.slice, slices, clock.wallMs()));
			await sender.sendDue();
			return { outcome: 'done' as const };
		},
	}),
];
