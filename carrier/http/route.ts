import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { KeyRing } from '../key/key-ring.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import type { Sender } from '../worker/sender.ts';

/** What handlers work with. */
export type ApiContext = {
	readonly database: Database;
	readonly clock: Clock;
	readonly keys: KeyRing;
	readonly sender: Pick<Sender, 'sendDue' | 'sendPolicy'>;
	readonly slices: SlicePolicy;
	readonly random: (bytes: number) => Uint8Array;
	/** Hosts of webhooks that may have addresses that are not public. */
	readonly privateHosts: readonly string[];
	/** Whose token it was. */
	readonly user: string;
};

type Object_ = z.ZodObject;

/** One operation of the API: check, type and documentation come from it. */
export type Route = {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** `/v1/accounts/{account}` */
	readonly path: string;
	/** Its name in the OpenAPI document. */
	readonly name: string;
	readonly summary: string;
	readonly params: Object_;
	readonly query: Object_;
	readonly body: z.ZodType | undefined;
	readonly answer: z.ZodType;
	readonly run: (context: ApiContext, input: { params: never; query: never; body: never }) => Promise<unknown>;
};

type Parts<
	Params extends Object_,
	Query extends Object_,
	Body extends z.ZodType | undefined,
	Answer extends z.ZodType,
> = {
	method: Route['method'];
	path: string;
	name: string;
	summary: string;
	params: Params;
	query: Query;
	body: Body;
	answer: Answer;
	run: (
		context: ApiContext,
		input: {
			params: z.infer<Params>;
			query: z.infer<Query>;
			body: Body extends z.ZodType ? z.infer<Body> : undefined;
		},
	) => Promise<z.infer<Answer>>;
};

/** Keeps the types of one operation together while it is written down. */
export function route<
	Params extends Object_,
	Query extends Object_,
	Body extends z.ZodType | undefined,
	Answer extends z.ZodType,
>(parts: Parts<Params, Query, Body, Answer>): Route {
	return parts as unknown as Route;
}
