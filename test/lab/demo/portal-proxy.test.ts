import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { giveServers, openLoopbackServers } from '../namespace/loopback-servers.ts';

const PROXY = fileURLToPath(new URL('./portal-proxy.js', import.meta.url));

test('a browser of this machine reaches the portal as if it asked for the portal by its own address', async (t) => {
	const asked: { host?: string; origin?: string }[] = [];
	const portal = createServer((request, response) => {
		const { host, origin } = request.headers;
		asked.push({ ...(host && { host }), ...(origin && { origin }) });
		response.writeHead(303, { location: `http://${host}/status` }).end('the way');
	}).listen(0, '127.0.0.1');
	await once(portal, 'listening');
	const { port } = portal.address() as AddressInfo;
	const [loopback] = (await openLoopbackServers([0])) as [Server];
	const { port: own } = loopback.address() as AddressInfo;
	const proxy = fork(PROXY, ['127.0.0.1', String(port)]);
	t.teardown(() => {
		proxy.kill();
		portal.close();
	});
	const handed = once(loopback, 'close');
	giveServers(proxy, [loopback]);
	await handed;

	const answer = await fetch(`http://127.0.0.1:${own}/`, {
		redirect: 'manual',
		headers: { origin: `http://127.0.0.1:${own}` },
	});

	t.is(answer.status, 303);
	t.is(answer.headers.get('location'), '/status', 'the way stays on the port of the browser');
	t.deepEqual(asked, [{ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }]);
});

test('a port that is taken is replaced by a free one', async (t) => {
	const [first] = (await openLoopbackServers([0])) as [Server];
	const { port } = first.address() as AddressInfo;
	const [second] = (await openLoopbackServers([port])) as [Server];
	t.teardown(() => {
		first.close();
		second.close();
	});
	t.not((second.address() as AddressInfo).port, port);
});
