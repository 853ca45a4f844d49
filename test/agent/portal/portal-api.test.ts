import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import test from 'ava';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { OPEN_VIEWS } from '../../../agent/portal/account-views.ts';
import { CAPTIVE_API_PATH } from '../../../agent/portal/captive-api.ts';
import { STREAMS_PER_STATION_MAX } from '../../../agent/portal/limits.ts';
import { makePortal } from '../../../agent/portal/make-portal.ts';
import { EVENTS_PATH } from '../../../agent/portal/portal.ts';
import { problemsOf, propertiesOf, type Schema } from '../status/json-schema.ts';
import { CUSTOMER, ENDED, fakeService, GUEST, requesterOf } from './fake-service.ts';
import { freePort } from './free-port.ts';
import { RunningPortal } from './running-portal.ts';

type Content = Record<string, { schema: { $ref: string } }>;
type Document = {
	paths: Record<string, { get: { responses: Record<string, { content?: Content; $ref?: string }> } }>;
	components: { schemas: Record<string, Schema> };
};

const text = readFileSync('docs/portal-api.json', 'utf8');
const document = JSON.parse(text) as Document;
const root = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')).components.schemas as Record<
	string,
	Schema
>;

test('the document has exactly the paths that programs may ask', (t) => {
	const served = [...Object.keys(OPEN_VIEWS).filter((path) => path.startsWith('/api/')), EVENTS_PATH, CAPTIVE_API_PATH];
	t.deepEqual(Object.keys(document.paths).toSorted(), served.toSorted());
});

/** The schema that the document names for an answer, by path, status and type of content. */
function schemaOf(path: string, status: number, type: string): string {
	const found = document.paths[path]?.get.responses[status]?.content?.[type]?.schema.$ref;
	return found?.split('/').at(-1) ?? `nothing for ${path} ${status} ${type}`;
}

test('every answer is as the document says, and every property of it is answered to somebody', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	const seen = new Map<string, Set<string>>();
	const check = (path: string, { status, type, body }: { status: number; type: string; body: string }) => {
		const name = schemaOf(path, status, type);
		t.truthy(root[name], name);
		const found = seen.get(name) ?? new Set();
		seen.set(name, found);
		t.deepEqual(problemsOf({ $defs: root }, root[name] as Schema, JSON.parse(body), found), [], `${path} ${body}`);
	};
	for (const station of [GUEST, CUSTOMER, ENDED]) {
		portal.station = station;
		for (const path of Object.keys(document.paths).filter((one) => one !== EVENTS_PATH && one !== CAPTIVE_API_PATH)) {
			const { status, headers, body } = await portal.get(path);
			check(path, { status, type: headers.get('content-type') ?? '', body });
		}
		for (const secure of await captive(station)) check(CAPTIVE_API_PATH, secure);
	}
	portal.station = CUSTOMER;
	const streams = Array.from({ length: STREAMS_PER_STATION_MAX }, () => connect(portal.port, '127.0.0.1'));
	for (const [index, socket] of streams.entries()) {
		const first = await new Promise<string>((resolve) => {
			let received = '';
			socket.setEncoding('utf8').on('data', (more: string) => {
				received += more;
				const data = /data: (.*)\n\n/.exec(received)?.[1];
				if (data !== undefined) resolve(data);
			});
			socket.write(`GET ${EVENTS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
		});
		if (index === 0) check(EVENTS_PATH, { status: 200, type: 'text/event-stream', body: first });
	}
	const refused = await portal.get(EVENTS_PATH);
	check(EVENTS_PATH, { status: refused.status, type: 'application/json', body: refused.body });
	for (const socket of streams) socket.destroy();

	const missing = [...seen].flatMap(([name, found]) =>
		propertiesOf(root[name] as Schema).filter((property) => !found.has(property)),
	);
	t.deepEqual(missing, []);
	portal.station = undefined;
	for (const path of Object.keys(document.paths)) t.is((await portal.get(path)).status, 403, path);
});

test('the captive-portal interface does not exist over plain HTTP', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	portal.station = CUSTOMER;
	t.is((await portal.get(CAPTIVE_API_PATH)).status, 404);
});

/** With bytes left, and with time left. */
async function captive(station: MacAddress) {
	const port = await freePort();
	const httpsPort = await freePort();
	const service = fakeService();
	const folder = 'test/agent/portal/certificate';
	const server = makePortal({
		config: {
			currency: '',
			venue: { name: 'Café', accent: '#0b6bcb' },
			portal: {
				port,
				httpsPort,
				name: 'portal.home.arpa',
				listen: ['127.0.0.1'],
				languages: ['en'],
				advertisementQueue: 7211,
				certificate: `${folder}/certificate.pem`,
				key: `${folder}/key.pem`,
			},
		},
		service: {
			...service,
			live: (who) => {
				const live = service.live(who);
				return isTimed && live.remaining ? { ...live, remaining: { unit: 'second', amount: 60, of: 90 } } : live;
			},
		},
		identify: async () => requesterOf(station),
		find: () => station,
		standing: () => 'leased',
		clock: systemClock(),
		random: (count) => Buffer.alloc(count, 1),
		log: silentLog,
		onProblem: () => undefined,
	});
	let isTimed = false;
	await server.start();
	try {
		const answers = [];
		for (isTimed of [false, true]) answers.push(await getSecure(httpsPort));
		return answers;
	} finally {
		await server.stop();
	}
}

function getSecure(port: number): Promise<{ status: number; type: string; body: string }> {
	return new Promise((resolve, reject) => {
		const options = { host: '127.0.0.1', port, path: CAPTIVE_API_PATH, rejectUnauthorized: false, agent: false };
		request(options, (response) => {
			let body = '';
			response.setEncoding('utf8').on('data', (more: string) => {
				body += more;
			});
			response.on('end', () =>
				resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
			);
		})
			.on('error', reject)
			.end();
	});
}
