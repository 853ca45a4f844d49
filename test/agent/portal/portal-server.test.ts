import { request } from 'node:https';
import { connect, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { CONNECTIONS_PER_STATION_MAX } from '../../../agent/portal/limits.ts';
import { makePortal } from '../../../agent/portal/make-portal.ts';
import { CUSTOMER, fakeService, GUEST } from './fake-service.ts';
import { freePort, LOOPBACK } from './free-port.ts';

const CERTIFICATE = 'test/agent/portal/certificate/certificate.pem';
const KEY = 'test/agent/portal/certificate/key.pem';

async function started(t: ExecutionContext, station: MacAddress, more: { certificate?: string; port?: number } = {}) {
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
		find: () => station,
		standing: () => 'leased',
		clock: systemClock(),
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
