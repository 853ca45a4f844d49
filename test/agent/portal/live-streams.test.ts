import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import {
	STREAM_BACKLOG_BYTES_MAX,
	STREAM_LIFETIME_MS,
	STREAM_SILENCE_MS,
	STREAMS_MAX,
	STREAMS_PER_STATION_MAX,
} from '../../../agent/portal/limits.ts';
import { LiveStreams } from '../../../agent/portal/live-streams.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { CUSTOMER, GUEST } from './fake-service.ts';
import { RunningPortal } from './running-portal.ts';

/** Streams over a real server; who asks is the path, what is sent is said by the test. */
async function streaming(t: ExecutionContext, figures: () => unknown) {
	const clock = new FakeClock();
	const streams = new LiveStreams({ clock, log: silentLog });
	const server = createServer((request, response) => {
		const mac = (request.url ?? '').slice(1) as MacAddress;
		if (streams.mayOpen(mac)) streams.open(mac, response, figures);
		else response.writeHead(503).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const sockets: Socket[] = [];
	t.teardown(() => {
		streams.stop();
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const open = async (mac: MacAddress): Promise<Reader> => {
		const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
		sockets.push(socket);
		socket.write(`GET /${mac} HTTP/1.1\r\nHost: x\r\n\r\n`);
		return new Reader(socket);
	};
	return { clock, streams, open };
}

class Reader {
	readonly socket: Socket;
	#text = '';
	#waiting: (() => void)[] = [];
	readonly closed: Promise<void>;

	constructor(socket: Socket) {
		this.socket = socket;
		socket.setEncoding('utf8').on('data', (more: string) => {
			this.#text += more;
			for (const wake of this.#waiting.splice(0)) wake();
		});
		socket.on('error', () => undefined); // cut off: that is what `closed` says
		this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
	}

	/** Waits until something has arrived. */
	async has(text: string): Promise<string> {
		while (!this.#text.includes(text)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		return this.#text;
	}

	get messages(): number {
		return this.#text.split('\ndata: ').length - 1;
	}
}

test('a stream begins with the figures, and sends them again when they have changed', async (t) => {
	let left = 10;
	const { clock, open } = await streaming(t, () => ({ left }));
	const reader = await open(CUSTOMER);
	const head = await reader.has('data: {"left":10}\n\n');
	t.regex(head, /^HTTP\/1.1 200 OK\r\nContent-Security-Policy: default-src 'none'/);
	t.regex(head, /Content-Type: text\/event-stream/);
	await clock.pass(3000);
	left = 9;
	await clock.pass(1000);
	await reader.has('data: {"left":9}\n\n');
	t.is(reader.messages, 2, 'what is the same is not said again');
	await clock.pass(STREAM_SILENCE_MS);
	left = 8;
	await clock.pass(1000);
	await reader.has('data: {"left":8}\n\n');
	t.is(reader.messages, 4, 'but for a sign of life');
});

test('a station has some streams, and all together have a bound; whoever has most makes room', async (t) => {
	const { clock, streams, open } = await streaming(t, () => 1);
	const own = await Promise.all(Array.from({ length: STREAMS_PER_STATION_MAX }, () => open(CUSTOMER)));
	for (const reader of own) await reader.has('data: 1');
	await (await open(CUSTOMER)).has('HTTP/1.1 503');
	await (await open(GUEST)).has('data: 1');
	own[0]?.socket.destroy();
	await own[0]?.closed;
	while (streams.size > STREAMS_PER_STATION_MAX) await new Promise((resolve) => setImmediate(resolve));
	await (await open(CUSTOMER)).has('data: 1');
	for (let count = streams.size; count < STREAMS_MAX; count++) {
		await (await open(`02:00:00:01:${Math.floor(count / 3)}` as MacAddress)).has('data: 1');
	}
	await (await open('02:00:00:02:00:01' as MacAddress)).has('data: 1');
	await own[1]?.closed;
	t.is(streams.size, STREAMS_MAX);
	t.is(clock.pending, 2, 'one timer for all, and one for the end of the one that made room');
});

test('a stream that nobody reads is cut, and the others go on', async (t) => {
	let text = '';
	const { clock, streams, open } = await streaming(t, () => text);
	const slow = await open(CUSTOMER);
	const quick = await open(GUEST);
	await Promise.all([slow.has('data: '), quick.has('data: ')]);
	slow.socket.pause();
	for (let round = 0; streams.dropped === 0 && round < 200; round++) {
		// What the kernel's buffers take is not ours: it takes more than that until anything waits here.
		text = `${'x'.repeat(8 * STREAM_BACKLOG_BYTES_MAX)}${round}#end`;
		await clock.pass(1000);
		await quick.has(`${round}#end`);
	}
	t.is(streams.dropped, 1);
	t.is(streams.size, 1);
	slow.socket.resume();
	await slow.closed;
	text = 'done';
	await clock.pass(1000);
	await quick.has('data: "done"');
});

test('a stream ends after a while, so that nobody keeps a place for ever', async (t) => {
	const { clock, streams, open } = await streaming(t, () => 1);
	const reader = await open(CUSTOMER);
	await reader.has('data: 1');
	await clock.pass(STREAM_LIFETIME_MS);
	t.is(streams.size, 0);
	await reader.has('\r\n0\r\n');
});

test('a station whose figures cannot be made loses its stream, and no other does', async (t) => {
	let fails = false;
	const { clock, streams, open } = await streaming(t, () => {
		if (fails) throw new Error('out of order');
		return 1;
	});
	const reader = await open(CUSTOMER);
	await reader.has('data: 1');
	fails = true;
	await clock.pass(1000);
	await reader.closed;
	t.is(streams.size, 0);
	await clock.pass(1000);
	t.is(clock.pending, 0, 'without streams nothing is looked for');
});

test('the portal streams the live figures to whom they belong, in the language of the page, and to no stranger', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	portal.station = undefined;
	t.is((await portal.get('/api/events')).status, 403);
	portal.station = CUSTOMER;
	const socket = connect(portal.port, '127.0.0.1');
	socket.write('GET /hi/api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
	const reader = new Reader(socket);
	const text = await reader.has('\n\n\r\n');
	const figures = JSON.parse(/data: (.*)/.exec(await reader.has('"percent"'))?.[1] ?? '{}');
	t.regex(text, /^HTTP\/1.1 200 OK/);
	t.is(figures.state, 'active own-blocked tethered-slowed byte-percent');
	t.deepEqual(figures, JSON.parse((await portal.get('/hi/api/status')).body));
	const head = await portal.raw('HEAD /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
	t.deepEqual([head.status, head.body], [200, '']);
});
