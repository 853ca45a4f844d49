import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readJson } from '../../protocol/bounded-json.ts';
import { CarrierError } from '../carrier-error.ts';
import { faultsOf } from '../config.ts';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { addPages, type PagesOptions } from '../web/pages.ts';
import type { ApiContext, Route } from './route.ts';
import { ROUTES } from './routes.ts';
import type { Tokens } from './tokens.ts';

/** A policy with 100 plans takes 30 KiB. */
const BODY_BYTES_MAX = 256 * 1024;
/** From the first byte of a request to its last. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 30_000;

export type HttpOptions = Omit<ApiContext, 'user'> & {
	readonly tokens: Tokens;
	readonly metrics: Metrics;
	readonly log: Log;
	/** Of the page's sessions and forms; one for each life of the process. */
	readonly secret: Uint8Array;
	readonly isConnected: () => boolean;
};

/** The API, the metrics and the page. It listens when the caller says so. */
export async function makeHttpServer(options: HttpOptions): Promise<FastifyInstance> {
	const { metrics, log, tokens } = options;
	const app = Fastify({
		bodyLimit: BODY_BYTES_MAX,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionTimeout: CONNECTION_TIMEOUT_MS,
		forceCloseConnections: true,
	});
	// Its own parser bounds neither depth nor the number of values.
	app.removeContentTypeParser('application/json');
	app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
		const read = readJson(body as Buffer, { bytesMax: BODY_BYTES_MAX });
		if (read.ok) done(null, read.value);
		else done(new CarrierError('invalid_value', `the body is refused: ${read.problem}`));
	});
	app.setErrorHandler(async (error, _request, reply) => {
		const shown = shownError(error, log);
		return await reply.status(CARRIER_ERROR_CODES[shown.code].http).send(errorBody(shown));
	});
	app.setNotFoundHandler(
		async (_request, reply) =>
			await reply.status(404).send(errorBody(new CarrierError('not_found', 'there is nothing here'))),
	);
	app.addHook('onResponse', async (_request, reply) => metrics.add('requests', { status: String(reply.statusCode) }));
	app.get('/health', async () => {
		await options.database.query('SELECT 1');
		return { database: true, broker: options.isConnected() };
	});
	app.get('/metrics', async (request, reply) => {
		userOf(request, tokens);
		return await reply.type('text/plain; version=0.0.4').send(metrics.text());
	});
	for (const route of ROUTES) addRoute(app, route, options);
	const pages: PagesOptions = options;
	await addPages(app, pages);
	return app;
}

function addRoute(app: FastifyInstance, route: Route, options: HttpOptions): void {
	app.route({
		method: route.method,
		url: route.path.replace(/\{(\w+)\}/g, ':$1'),
		handler: async (request, reply) => {
			const user = userOf(request, options.tokens);
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

function userOf(request: FastifyRequest, tokens: Tokens): string {
	const token = /^Bearer ([\w-]{16,128})$/.exec(request.headers.authorization ?? '')?.[1];
	const user = token === undefined ? undefined : tokens.userOf(token);
	if (user === undefined)
		throw new CarrierError('unauthorized', 'a token is needed', { fix: 'send "Authorization: Bearer TOKEN"' });
	return user;
}

function checked(shape: z.ZodType, value: unknown, place: string): unknown {
	const read = shape.safeParse(value ?? {});
	if (read.success) return read.data;
	throw new CarrierError('invalid_value', `the ${place} is not valid`, { faults: faultsOf(read.error) });
}

function shownError(error: unknown, log: Log): CarrierError {
	if (error instanceof CarrierError) return error;
	const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: unknown };
	if (statusCode === 413) return new CarrierError('too_large', `the body is larger than ${BODY_BYTES_MAX} bytes`);
	if (statusCode !== undefined && statusCode < 500) return new CarrierError('invalid_value', message);
	// Class 22 of SQLSTATE: a text or number that no column takes, such as U+0000 in the name of a page.
	if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)) {
		return new CarrierError('invalid_value', 'a value has characters or a size that cannot be stored');
	}
	log.error({ error }, 'a request failed');
	return new CarrierError('internal', 'a defect; see the log');
}

function errorBody({ code, message, fix, faults }: CarrierError): object {
	return { error: { code, message, ...(fix === undefined ? {} : { fix }), faults } };
}
