import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { postWebhook } from '../../../carrier/subscription/post-webhook.ts';

const REQUEST = { headers: { 'content-type': 'application/json' }, body: '{}' };

async function receiver(location: string) {
	const seen: string[] = [];
	const server = createServer((request, response) => {
		seen.push(`${request.method} ${request.url} ${request.headers.host}`);
		response.writeHead(302, { location }).end('x'.repeat(100_000));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { seen, server, port: (server.address() as AddressInfo).port };
}

test('nothing is sent to a private address, and no redirection is followed', async (t) => {
	const { seen, server, port } = await receiver('http://127.0.0.1:1/');
	t.is(await postWebhook(`http://127.0.0.1:${port}/a`, REQUEST, []), 'the host has an address that is not public');
	t.is(
		await postWebhook(`http://localhost:${port}/a`, REQUEST, ['127.0.0.1']),
		'the host has an address that is not public',
	);
	t.deepEqual(seen, []);
	t.is(await postWebhook(`http://127.0.0.1:${port}/a`, REQUEST, ['127.0.0.1']), 302);
	// By its name, with the address that was looked up before.
	t.is(await postWebhook(`http://localhost:${port}/b`, REQUEST, ['localhost']), 302);
	t.deepEqual(seen, [`POST /a 127.0.0.1:${port}`, `POST /b localhost:${port}`]);
	server.close();
});
