import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { CARRIER_ERROR_CODES, type CarrierErrorCode } from '../../../carrier/error-codes.ts';
import type { Route } from '../../../carrier/http/route.ts';
import { ROUTES } from '../../../carrier/http/routes.ts';
import { WRONG_TRIES_MAX } from '../../../carrier/http/wrong-tokens.ts';
import { onBothDatabases } from '../databases.ts';
import { type RunningApi, startApi } from './running-api.ts';

const onBoth = onBothDatabases(test);

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string };

/** The form that docs/carrier-api.json promises for every refusal. */
function isInForm(t: ExecutionContext, { statusCode, headers, body }: Answer, code: CarrierErrorCode, what: string) {
	t.is(statusCode, CARRIER_ERROR_CODES[code].http, `${what}: ${body}`);
	t.regex(String(headers['content-type']), /^application\/json/, what);
	const { error, ...rest } = JSON.parse(body);
	t.deepEqual(rest, {}, what);
	const { fix, ...known } = error;
	t.true(fix === undefined || typeof fix === 'string', what);
	t.deepEqual(Object.keys(known).toSorted(), ['code', 'faults', 'message'], what);
	t.is(error.code, code, what);
	t.true(Array.isArray(error.faults) && typeof error.message === 'string' && error.message !== '', what);
}

type Sent = { url?: string; headers?: Record<string, string>; payload?: string };

/** What may be wrong with a request of any operation, and how it is answered. */
const WRONGS: readonly {
	what: string;
	code: CarrierErrorCode;
	applies: (route: Route) => boolean;
	sent: (route: Route, api: RunningApi) => Sent;
}[] = [
	{ what: 'no token', code: 'unauthorized', applies: () => true, sent: () => ({ headers: {} }) },
	{
		what: 'no token at all',
		code: 'unauthorized',
		applies: () => true,
		sent: () => ({ headers: { authorization: 'x' } }),
	},
	{
		what: 'a wrong token',
		code: 'unauthorized',
		applies: () => true,
		sent: () => ({ headers: { authorization: `Bearer ${'x'.repeat(32)}` } }),
	},
	{
		what: 'a path that is not UTF-8',
		code: 'invalid_value',
		applies: ({ path }) => path.includes('{'),
		sent: ({ path }) => ({ url: path.replace(/\{\w+\}/g, '%ff') }),
	},
	{
		what: 'a name that is none',
		code: 'invalid_value',
		applies: ({ path }) => path.includes('{'),
		sent: ({ path }) => ({ url: path.replace(/\{\w+\}/g, '%00%20') }),
	},
	{
		what: 'a body of another type',
		code: 'unsupported_media_type',
		applies: ({ method }) => method !== 'GET',
		sent: () => ({ headers: { 'content-type': 'text/plain' }, payload: 'x' }),
	},
	{
		what: 'a body that is not JSON',
		code: 'invalid_value',
		applies: ({ method }) => method !== 'GET',
		sent: () => ({ headers: { 'content-type': 'application/json' }, payload: '{' }),
	},
	{
		what: 'a body that is too large',
		code: 'too_large',
		applies: ({ method }) => method !== 'GET',
		sent: () => ({ headers: { 'content-type': 'application/json' }, payload: `"${'x'.repeat(300_000)}"` }),
	},
	{
		what: 'a body that says nothing',
		code: 'invalid_value',
		applies: ({ body }) => body !== undefined,
		sent: () => ({ headers: { 'content-type': 'application/json' }, payload: '[]' }),
	},
];

onBoth('every refusal of every operation has one form', async (t, database) => {
	const api = await startApi(database);
	let client = 0;
	for (const route of ROUTES) {
		for (const { what, applies, sent, code } of WRONGS.filter((wrong) => wrong.applies(route))) {
			const { url = route.path.replace(/\{(\w+)\}/g, 'x1'), headers, payload } = sent(route, api);
			client += 1;
			const answer = await api.app.inject({
				method: route.method,
				url,
				remoteAddress: `192.0.${client >> 8}.${client & 255}`,
				headers: code === 'unauthorized' ? { ...headers } : { authorization: `Bearer ${api.token}`, ...headers },
				...(payload === undefined ? {} : { payload }),
			});
			isInForm(t, answer as Answer, code, `${route.method} ${route.path}, ${what}`);
			t.true(applies(route));
		}
	}
	t.deepEqual(
		api.lines.filter(({ message }) => message === 'a request failed'),
		[],
	);
	await api.stop();
});

onBoth('a token that cannot be one is counted like a wrong one', async (t, database) => {
	const api = await startApi(database);
	const ask = async (authorization: string) =>
		(await api.app.inject({ url: '/v1/plans', remoteAddress: '192.0.2.7', headers: { authorization } })) as Answer;
	const wrongs = ['Bearer x', 'Basic abc', `Bearer ${'x'.repeat(32)}`, 'Bearer \u00e4', `Bearer ${'x'.repeat(500)}`];
	for (let count = 0; count < WRONG_TRIES_MAX; count++)
		isInForm(t, await ask(wrongs[count % wrongs.length] as string), 'unauthorized', `try ${count}`);
	for (const wrong of wrongs) isInForm(t, await ask(wrong), 'too_many_tries', wrong);
	isInForm(
		t,
		(await api.app.inject({ url: '/v1/plans', remoteAddress: '192.0.2.7' })) as Answer,
		'unauthorized',
		'whoever has none is asked for one',
	);
	await api.stop();
});

onBoth('what is no operation, and what is no request, is refused in the same form', async (t, database) => {
	const api = await startApi(database);
	for (const url of ['/v1/nothing', '/v1/accounts/a/b/c/d', '/nothing'])
		isInForm(t, (await api.app.inject({ url })) as Answer, 'not_found', url);
	isInForm(
		t,
		(await api.app.inject({ url: `/v1/accounts/${'x'.repeat(200)}` })) as Answer,
		'invalid_value',
		'a long name',
	);
	await api.app.listen({ host: '127.0.0.1', port: 0 });
	const { port } = api.app.server.address() as AddressInfo;
	const raw = async (bytes: string): Promise<Answer> => {
		const socket = connect(port, '127.0.0.1');
		await once(socket, 'connect');
		socket.write(bytes);
		const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
		const type = /content-type: (.*)/i.exec(head)?.[1];
		return { statusCode: Number(head.split(' ')[1]), headers: { 'content-type': type }, body };
	};
	isInForm(t, await raw('what is this\r\n\r\n'), 'invalid_value', 'no request');
	isInForm(
		t,
		await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
		'too_large',
		'a huge header',
	);
	await api.stop();
});
