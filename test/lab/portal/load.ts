import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { HANG_MS } from '../until.ts';
import { getText, HttpClient, postText, tokenOf } from './http-client.ts';
import type { LoadOrder, LorisReport, OversizedReport, Samples, VisitReport } from './order.ts';

/** Clients of the portal in one process: see {@link LoadOrder}. */

/** All clients of all stations have the answers to what they asked before. */
const PACED_OVER_MS = 1000;
/** Closed without a word; late; too many; not now. */
const ASKED_AGAIN: ReadonlySet<number> = new Set([0, 408, 429, 503]);
const ASK_AGAIN_MS = 100;
const CLOSED_MS = 500;

const order = JSON.parse(process.argv[2] as string) as LoadOrder;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

switch (order.order) {
	case 'redeem':
		report(await redeem(order));
		break;
	case 'visit':
		report(await visit(order));
		break;
	case 'loris':
		report(await loris(order));
		break;
	case 'oversized':
		report(await oversized(order));
		break;
}
process.exit(0);

function report(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** From the first byte of the form that is sent until the first datagram is back from the internet. */
async function redeem({ host, port, echoHost, echoPort, codes }: LoadOrder & { order: 'redeem' }): Promise<Samples> {
	const times: number[] = [];
	const floorsMs: number[] = [];
	let failures = 0;
	const socket = createSocket('udp4');
	socket.on('error', () => undefined); // a rejected datagram, before the code is redeemed
	let back: () => void = () => undefined;
	socket.on('message', () => back());
	for (const code of codes) {
		report('ready');
		await lines.next();
		const client = await HttpClient.open({ host, port });
		const asked = performance.now();
		client.write(getText('/redeem', host));
		const form = await client.answer();
		floorsMs.push(performance.now() - asked);
		const token = tokenOf(form.body, '/redeem');
		const sending = setInterval(() => socket.send('x', echoPort, echoHost, () => undefined), 1);
		await delay(20);
		let passed = false;
		const firstBack = new Promise<void>((resolve) => {
			back = () => {
				passed = true;
				resolve();
			};
		});
		const began = performance.now();
		client.write(postText('/redeem', host, { token, code }));
		await Promise.race([firstBack, delay(HANG_MS, undefined, { ref: false })]);
		if (passed) times.push(performance.now() - began);
		const { status } = await client.answer();
		if (status !== 303 || !passed) failures += 1;
		clearInterval(sending);
		client.stop();
	}
	return { timesMs: times, failures, floorsMs };
}

async function visit(given: LoadOrder & { order: 'visit' }): Promise<VisitReport> {
	const { host, port, localAddresses, seconds, intervalMs, phase } = given;
	const paced: number[] = [];
	const burst: number[] = [];
	let failures = 0;
	const clients = await Promise.all(
		localAddresses.map((localAddress) => HttpClient.open({ host, port, localAddress })),
	);
	const load = async (index: number, into: number[]) => {
		const anew = async () => {
			clients[index]?.stop();
			clients[index] = await HttpClient.open({ host, port, localAddress: localAddresses[index] as string });
		};
		const ask = async () => {
			const client = clients[index] as HttpClient;
			client.write(getText('/', host));
			return await client.answer();
		};
		if (clients[index]?.isClosed) await anew();
		const began = performance.now();
		let answer = await ask();
		// An idle connection that the server had closed when the request came (RFC 9110, 9.2.2), or a server that says that it cannot
		// now: a browser asks again. How often that is so says how busy the machine is; a page must come in the end, and a right one.
		while (ASKED_AGAIN.has(answer.status) && performance.now() - began < HANG_MS) {
			await delay(ASK_AGAIN_MS);
			await anew();
			answer = await ask();
		}
		const { status, body } = answer;
		into.push(performance.now() - began);
		if (status === 200 && body.includes('data-live="left"')) return;
		failures += 1;
		process.stderr.write(`no status page: ${status} ${body.slice(0, 300)}\n`);
	};
	// All processes begin together.
	report('ready');
	await lines.next();
	const end = performance.now() + seconds * 1000;
	await Promise.all(
		clients.map(async (_, index) => {
			await delay(((index + phase) / clients.length) * intervalMs);
			while (performance.now() < end) {
				const began = performance.now();
				await load(index, paced);
				await delay(Math.max(0, intervalMs - (performance.now() - began)));
			}
		}),
	);
	if (seconds > 0) await delay(PACED_OVER_MS);
	// The server ends connections on which nothing comes.
	for (const client of clients) client.stop();
	// An address may have so many at once, and the server is to have seen their ends.
	await delay(CLOSED_MS);
	for (const [index, localAddress] of localAddresses.entries())
		clients[index] = await HttpClient.open({ host, port, localAddress });
	report('ready');
	await lines.next();
	await Promise.all(clients.map((_, index) => load(index, burst)));
	for (const client of clients) client.stop();
	return { paced: { timesMs: paced, failures }, burst: { timesMs: burst, failures: 0 } };
}

/** A byte of a header each second, for ever. */
async function loris({ host, port, localAddresses, perAddress }: LoadOrder & { order: 'loris' }): Promise<LorisReport> {
	const began = performance.now();
	const opened = await Promise.all(
		localAddresses.flatMap((localAddress) =>
			Array.from({ length: perAddress }, () => HttpClient.open({ host, port, localAddress })),
		),
	);
	for (const client of opened) client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
	const drip = setInterval(() => {
		for (const client of opened) client.write('a');
	}, 1000);
	const cuts = await Promise.all(
		opened.map(async (client) => {
			await Promise.race([client.closed(), delay(HANG_MS, undefined, { ref: false })]);
			return client.isClosed ? performance.now() - began : undefined;
		}),
	);
	clearInterval(drip);
	const ended = cuts.filter((time) => time !== undefined);
	return { opened: opened.length, cut: ended.length, longestMs: Math.round(Math.max(...ended)) };
}

async function oversized({ host, port }: LoadOrder & { order: 'oversized' }): Promise<OversizedReport> {
	const form = 'Content-Type: application/x-www-form-urlencoded';
	const cases: [string, number, string][] = [
		['a header of 20 KB', 431, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`],
		['a path of 20 KB', 431, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
		[
			'a body of 1 GB announced',
			413,
			`POST /redeem HTTP/1.1\r\nHost: ${host}\r\n${form}\r\nContent-Length: 1000000000\r\n\r\n`,
		],
		[
			'an absurd Content-Length',
			400,
			`POST /redeem HTTP/1.1\r\nHost: ${host}\r\n${form}\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n`,
		],
		[
			'a negative Content-Length',
			400,
			`POST /redeem HTTP/1.1\r\nHost: ${host}\r\n${form}\r\nContent-Length: -1\r\n\r\n`,
		],
		[
			'two lengths',
			400,
			`POST /redeem HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
		],
		[
			'an endless chunked body',
			413,
			`POST /redeem HTTP/1.1\r\nHost: ${host}\r\n${form}\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n${'a'.repeat(8192)}\r\n`,
		],
		['no HTTP at all', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'],
	];
	const answers: OversizedReport = [];
	for (const [name, expected, text] of cases) {
		const client = await HttpClient.open({ host, port });
		client.write(text);
		answers.push({ name, expected, status: (await client.answer()).status });
		client.stop();
	}
	return answers;
}
