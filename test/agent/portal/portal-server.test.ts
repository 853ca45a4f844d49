import { get } from 'node:http';
import { request } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type Clock, systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { Standing } from '../../../agent/core/standing.ts';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import {
	ALL_REQUESTS_BURST,
	CONNECTIONS_MAX,
	CONNECTIONS_PER_STATION_MAX,
	REQUESTS_BURST,
} from '../../../agent/portal/limits.ts';
import { makePortal } from '../../../agent/portal/make-portal.ts';
import { CUSTOMER, fakeService, GUEST, requesterOf } from './fake-service.ts';
import { freePort, LOOPBACK } from './free-port.ts';

const CERTIFICATE = 'test/agent/portal/certificate/certificate.pem';
const KEY = 'test/agent/portal/certificate/key.pem';

type More = {
	certificate?: string;
	port?: number;
	find?: (address: string) => MacAddress;
	standing?: (mac: MacAddress) => Standing;
	clock?: Clock;
};

async function started(t: ExecutionContext, station: MacAddress, more: More = {}) {
	const port = more.port ?? (await freePort());
	const httpsPort = await freePort();
	const problems: (string | undefined)[] = [];
	const server = makePortal({
		config: {
			currency: 'EUR',
			venue: { name: 'Café', accent: '#0b6bcb' },
			portal: {
				advertisementQueue: 7211,
				port,
				httpsPort,
				name: 'portal.home.arpa',
				certificate: more.certificate ?? CERTIFICATE,
				key: KEY,
				listen: [LOOPBACK],
				languages: ['en'],
			},
		},
		service: fakeService(),
		identify: async () => requesterOf(station),
		find: more.find ?? (() => station),
		standing: more.standing ?? (() => 'leased'),
		clock: more.clock ?? systemClock(),
		random: (count) => Buffer.alloc(count, 1),
		log: silentLog,
		onProblem: (sentence) => problems.push(sentence),
	});
	await server.start();
	t.teardown(() => server.stop());
	return { port, httpsPort, problems };
}

function getSecure(port: number, path: string): Promise<{ status: number; type: string; body: string }> {
	return new Promise((resolve, reject) => {
		const host = { Host: `portal.home.arpa:${port}` };
		const call = request(
			{ host: LOOPBACK, port, path, headers: host, rejectUnauthorized: false, agent: false },
			(response) => {
				let body = '';
				response.setEncoding('utf8').on('data', (text) => (body += text));
				response.on('end', () =>
					resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body }),
				);
			},
		);
		call.on('error', reject);
		call.end();
	});
}

test('RFC 8908: a guest is captive, and is shown the way', async (t) => {
	const { port, httpsPort } = await started(t, GUEST);
	const { status, type, body } = await getSecure(httpsPort, '/api/captive-portal');
	t.is(status, 200);
	t.is(type, 'application/captive+json');
	const portal = `http://127.0.0.1:${port}/`;
	t.deepEqual(JSON.parse(body), {
		captive: true,
		'user-portal-url': portal,
		'venue-info-url': portal,
		'can-extend-session': false,
	});
});

test('RFC 8908: a customer is told what is left', async (t) => {
	const { httpsPort } = await started(t, CUSTOMER);
	const { body } = await getSecure(httpsPort, '/api/captive-portal');
	t.like(JSON.parse(body), { captive: false, 'bytes-remaining': 12_345_678, 'can-extend-session': true });
});

test('the pages are there over HTTPS too', async (t) => {
	const { httpsPort } = await started(t, GUEST);
	t.true((await getSecure(httpsPort, '/')).body.includes('Welcome to the Wi-Fi'));
});

test('RFC 8908 is not answered over plain HTTP', async (t) => {
	const { port } = await started(t, GUEST);
	const answer = await fetch(`http://127.0.0.1:${port}/api/captive-portal`);
	t.is(answer.status, 404);
	await answer.body?.cancel();
});

test('a certificate that cannot be used is said, and the pages are there without it', async (t) => {
	const { port, problems } = await started(t, GUEST, { certificate: '/nowhere.pem' });
	t.regex(problems.at(-1) ?? '', /certificate/);
	t.is((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
});

test('a port that another program holds is said, and is no reason to end', async (t) => {
	const other = createServer();
	await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
	t.teardown(() => other.close());
	const { port } = other.address() as { port: number };
	const { problems } = await started(t, GUEST, { port });
	t.true(problems.some((sentence) => sentence?.includes(`port ${port}`)));
});

test('one address has so many connections, and no more', async (t) => {
	const { port } = await started(t, GUEST);
	const sockets = Array.from({ length: CONNECTIONS_PER_STATION_MAX + 4 }, () => connect({ host: '127.0.0.1', port }));
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
	});
	let closed = 0;
	await new Promise<void>((resolve) => {
		for (const socket of sockets) {
			socket.on('error', () => undefined);
			socket.on('close', () => {
				closed += 1;
				if (closed === 4) resolve();
			});
		}
	});
	t.is(closed, 4);
	for (const socket of sockets) socket.destroy();
});

/** What came of a connection from an address: closed by the other side, or still there. */
function held(port: number, localAddress: string): { socket: Socket; isClosed: () => boolean } {
	const socket = connect({ host: LOOPBACK, port, localAddress });
	let isClosed = false;
	socket.on('error', () => undefined);
	socket.on('close', () => {
		isClosed = true;
	});
	return { socket, isClosed: () => isClosed };
}

const macOf = (address: string) => `02:00:00:00:00:${address.split('.').at(-1)}` as MacAddress;

test('a device with many addresses is one', async (t) => {
	const { port } = await started(t, GUEST);
	const all = Array.from({ length: 40 }, (_, index) => held(port, `127.0.1.${index + 1}`));
	t.teardown(() => {
		for (const { socket } of all) socket.destroy();
	});
	while (all.filter(({ isClosed }) => isClosed()).length < 40 - CONNECTIONS_PER_STATION_MAX) await nextTurn();
	t.is(all.filter(({ isClosed }) => isClosed()).length, 40 - CONNECTIONS_PER_STATION_MAX);
});

test('when strangers hold all connections, a newcomer takes the place of one of them, each time', async (t) => {
	const { port } = await started(t, GUEST, { find: macOf });
	const crowd: ReturnType<typeof held>[] = [];
	t.teardown(() => {
		for (const { socket } of crowd) socket.destroy();
	});
	for (let index = 0; index < CONNECTIONS_MAX; index++) {
		const one = held(port, `127.0.1.${1 + (index % (CONNECTIONS_MAX / CONNECTIONS_PER_STATION_MAX))}`);
		one.socket.write('GET / HTTP/1.1\r\nX-Slow: ');
		crowd.push(one);
		await new Promise((resolve) => one.socket.once('connect', resolve));
	}
	for (let visit = 0; visit < 5; visit++) t.is(await statusFrom(port, `127.0.2.${200 + visit}`), 200);
	t.true(crowd.filter(({ isClosed }) => isClosed()).length <= 5);
});

test('when strangers ask as much as all may, whoever has a lease is answered', async (t) => {
	const standing = (mac: MacAddress): Standing => (mac === macOf('127.0.1.250') ? 'leased' : 'stranger');
	// Time stands still: nothing comes back.
	const clock = { ...systemClock(), bootMs: () => 0 as BootMs };
	const { port } = await started(t, GUEST, { find: macOf, standing, clock });
	const statuses: string[] = [];
	for (let device = 1; device <= ALL_REQUESTS_BURST / 2 / REQUESTS_BURST + 1; device++) {
		statuses.push(...(await statusesOf(port, `127.0.1.${device}`, REQUESTS_BURST)));
	}
	t.is(statuses.filter((status) => status === '200').length, ALL_REQUESTS_BURST / 2);
	t.is(statuses.at(-1), '503');
	t.is(await statusFrom(port, '127.0.1.249'), 503);
	t.is(await statusFrom(port, '127.0.1.250'), 200);
});

/** Of so many requests on one connection, until it is closed. */
async function statusesOf(port: number, localAddress: string, count: number): Promise<string[]> {
	const socket = connect({ host: LOOPBACK, port, localAddress });
	socket.write('HEAD / HTTP/1.1\r\nHost: portal.home.arpa\r\n\r\n'.repeat(count - 1));
	socket.write('HEAD / HTTP/1.1\r\nHost: portal.home.arpa\r\nConnection: close\r\n\r\n');
	let said = '';
	for await (const part of socket.setEncoding('latin1')) said += part as string;
	return [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status as string);
}

function statusFrom(port: number, localAddress: string): Promise<number> {
	return new Promise((resolve) => {
		const sent = get({ host: LOOPBACK, port, localAddress, path: '/', agent: false }, (response) => {
			response.resume();
			response.on('end', () => resolve(response.statusCode ?? 0));
		});
		sent.on('error', () => resolve(0));
	});
}

function nextTurn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
