import { once } from 'node:events';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { MetricsServer, type MetricsServerOptions } from '../../../agent/metrics/metrics-server.ts';

async function startServer(t: ExecutionContext, options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
	const server = new MetricsServer({ host: '127.0.0.1', port: 0, text: () => 'up 1\n', log: silentLog, ...options });
	await server.start();
	t.teardown(() => server.stop());
	return server;
}

/** Sends raw bytes, and answers all that comes until the server closes. */
async function talk(port: number, bytes: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	socket.write(bytes);
	return await readText(socket);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

test('a scrape is answered with the text and its type', async (t) => {
	const { port } = await startServer(t);
	const answer = await fetch(`http://127.0.0.1:${port}/metrics?x=1`);
	t.is(answer.status, 200);
	t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
	t.is(await answer.text(), 'up 1\n');
});

test('another path, another method and a request that is too large are refused', async (t) => {
	const { port } = await startServer(t);
	t.is(statusOf(await talk(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')), 404);
	t.is(statusOf(await talk(port, 'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nx')), 405);
	t.is(statusOf(await talk(port, `GET /metrics HTTP/1.1\r\nX: ${'x'.repeat(9000)}\r\n\r\n`)), 431);
});

test('figures that cannot be read are an answer, not a crash', async (t) => {
	const { port } = await startServer(t, {
		text: () => {
			throw new Error('the ledger is closed');
		},
	});
	const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
	t.is(answer.status, 500);
	t.false((await answer.text()).includes('ledger is closed'));
});

test('who never ends its headers is cut off, and others are served meanwhile', async (t) => {
	const { port } = await startServer(t, { requestTimeoutMs: 2000 });
	const slow = connect(port, '127.0.0.1');
	slow.on('error', () => slow.destroy());
	slow.write('GET /metrics HTTP/1.1\r\nX-Slow:');
	slow.resume();
	t.is((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200);
	await once(slow, 'close');
	t.pass();
});

test('the server can be stopped twice, with a client connected', async (t) => {
	const server = await startServer(t);
	const client = connect(server.port, '127.0.0.1');
	client.on('error', () => client.destroy());
	await once(client, 'connect');
	await server.stop();
	await server.stop();
	t.pass();
});

test('an address that is taken is an error with a fix', async (t) => {
	const { port } = await startServer(t);
	const second = new MetricsServer({ host: '127.0.0.1', port, text: () => '', log: silentLog });
	const error = await t.throwsAsync(second.start(), { message: /EADDRINUSE/ });
	t.is((error as Error & { code: string }).code, 'invalid_value');
});
