import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readJson } from '../../protocol/bounded-json.ts';
import { CarrierError } from '../carrier-error.ts';
import { faultsOf } from '../config.ts';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { sendErrorPage } from '../web/error-page.ts';
import { addPages } from '../web/pages.ts';
import { answerNoRequest, errorBody, shownError } from './http-errors.ts';
import type { ApiContext, Route } from './route.ts';
import { ROUTES } from './routes.ts';
import type { Tokens } from './tokens.ts';
import { FORGET_ONE_MS, WrongTokens } from './wrong-tokens.ts';

/** A policy with 100 plans takes 30 KiB. */
const BODY_BYTES_MAX = 256 * 1024;
/** From the first byte of a request to its last. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the database may take for an answer: a connection must not end before it. */
const CONNECTION_TIMEOUT_MS = 60_000;

export type HttpOptions = Omit<ApiContext, 'user'> & {
	readonly tokens: Tokens;
	readonly metrics: Metrics;
	readonly log: Log;
	/** Of the page's sessions and forms; one for each life of the process. */
	readonly secret: Uint8Array;
	readonly health: () => Promise<Health>;
	/** Addresses and networks whose `x-forwarded-for` and `x-forwarded-proto` are believed. */
	readonly trustedProxies: readonly string[];
	/** `auto`: where the request came by TLS, as the connection or a trusted proxy says. */
	readonly secureCookie: 'auto' | 'always';
};

/** The API, the metrics and the page. It listens when the caller says so. */
export async function makeHttpServer(options: HttpOptions): Promise<FastifyInstance> {
	const { metrics, log, tokens, trustedProxies } = options;
	const wrongTokens = new WrongTokens(options.clock);
	const app = Fastify({
		bodyLimit: BODY_BYTES_MAX,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionTimeout: CONNECTION_TIMEOUT_MS,
		forceCloseConnections: true,
		trustProxy: [...trustedProxies],
		clientErrorHandler: answerNoRequest,
		// What the router itself refuses, such as a path that is not UTF-8.
		frameworkErrors: (error, _request, reply) => {
			const shown = shownError(error, log, BODY_BYTES_MAX);
			void (reply as FastifyReply).status(CARRIER_ERROR_CODES[shown.code].http).send(errorBody(shown));
		},
	});
	// Its own parser bounds neither depth nor the number of values; and a text is nothing that an operation takes.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
		const read = readJson(body as Buffer, { bytesMax: BODY_BYTES_MAX });
		if (read.ok) done(null, read.value);
		else done(new CarrierError('invalid_value', `the body is refused: ${read.problem}`));
	});
	app.setErrorHandler(async (error, _request, reply) => {
		const shown = shownError(error, log, BODY_BYTES_MAX);
		if (shown.code === 'too_many_tries') reply.header('retry-after', FORGET_ONE_MS / 1000);
		return await reply.status(CARRIER_ERROR_CODES[shown.code].http).send(errorBody(shown));
	});
	app.setNotFoundHandler(async (request, reply) => {
		const nothing = new CarrierError('not_found', 'there is nothing here');
		if (isForPeople(request)) return await sendErrorPage(reply, nothing, undefined);
		return await reply.status(404).send(errorBody(nothing));
	});
	app.addHook('onResponse', async (_request, reply) => metrics.add('requests', { status: String(reply.statusCode) }));
	app.get('/health', async (_request, reply) => {
		const health = await options.health();
		// For whoever looks at the status alone.
		return await reply.status(health.database && health.ingest ? 200 : 503).send(health);
	});
	app.get('/metrics', async (request, reply) => {
		userOf(request, { tokens, wrongTokens });
		return await reply.type('text/plain; version=0.0.4').send(metrics.text());
	});
	for (const route of ROUTES) addRoute(app, route, { ...options, wrongTokens });
	await addPages(app, { ...options, wrongTokens, shownError: (error) => shownError(error, log, BODY_BYTES_MAX) });
	return app;
}

function addRoute(
	app: FastifyInstance,
	route: Route,
	options: HttpOptions & { readonly wrongTokens: WrongTokens },
): void {
	app.route({
		method: route.method,
		url: route.path.replace(/\{(\w+)\}/g, ':$1'),
		handler: async (request, reply) => {
			const user = userOf(request, options);
			const input = {
				params: checked(route.params, request.params, 'path'),
				query: checked(route.query, request.query, 'query'),
				body: route.body === undefined ? undefined : checked(route.body, request.body, 'body'),
			};
			const answer = await route.run({ ...options, user }, input as never);
			return await reply.header('cache-control', 'no-store').send(answer);
		},
	});
}

function userOf(
	request: FastifyRequest,
	{ tokens, wrongTokens }: { readonly tokens: Tokens; readonly wrongTokens: WrongTokens },
): string {
	const { authorization } = request.headers;
	const token = /^Bearer ([\w-]{16,128})$/.exec(authorization ?? '')?.[1];
	const holder = token === undefined ? undefined : tokens.holderOf(token);
	if (holder !== undefined) return holder.user;
	// One that cannot be a token is a wrong one, too.
	if (authorization !== undefined && wrongTokens.note(request.ip) !== undefined)
		throw new CarrierError('too_many_tries', 'too many wrong tokens came from this address', {
			fix: `wait ${FORGET_ONE_MS / 1000} s`,
		});
	throw new CarrierError('unauthorized', 'a token is needed', { fix: 'send "Authorization: Bearer TOKEN"' });
}

/** A browser, where no operation of the API is. */
function isForPeople({ url, headers }: FastifyRequest): boolean {
	return !url.startsWith('/v1/') && /\btext\/html\b/.test(headers.accept ?? '');
}

function checked(shape: z.ZodType, value: unknown, place: string): unknown {
	const read = shape.safeParse(value ?? {});
	if (read.success) return read.data;
	throw new CarrierError('invalid_value', `the ${place} is not valid`, { faults: faultsOf(read.error) });
}
