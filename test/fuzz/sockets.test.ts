import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../agent/core/clock.ts';
import { silentLog } from '../../agent/core/log.ts';
import { ACCOUNT_ACTIONS } from '../../agent/portal/account-actions.ts';
import { ACCOUNT_VIEWS, OPEN_VIEWS } from '../../agent/portal/account-views.ts';
import { OPEN_ACTIONS } from '../../agent/portal/open-actions.ts';
import { agentCommands } from '../../agent/status/commands.ts';
import { StatusServer } from '../../agent/status/status-server.ts';
import { CUSTOMER } from '../agent/portal/fake-service.ts';
import { RunningPortal } from '../agent/portal/running-portal.ts';
import { fakeHandlers } from '../agent/status/fake-handlers.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { corpusOf } from './corpus.ts';
import { Mutator } from './mutator.ts';

/** Each is a connection of its own: some hundred a second. */
const CASES = 1000;
const AT_ONCE = 16;

/** Sends bytes, and all that is answered until the other side closes. */
async function talk(to: NetConnectOpts, bytes: Uint8Array): Promise<string> {
	const socket = connect(to);
	let text = '';
	socket.setEncoding('latin1').on('data', (more: string) => {
		text += more;
	});
	socket.end(bytes);
	await new Promise<void>((resolve) => {
		socket.on('error', () => resolve());
		socket.on('close', () => resolve());
	});
	return text;
}

async function inTurns(count: number, run: (index: number) => Promise<void>): Promise<void> {
	for (let first = 0; first < count; first += AT_ONCE) {
		await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(first + index)));
	}
}

test('the portal answers whatever is sent to its socket, and never with a defect', async (t) => {
	const portal = await RunningPortal.start();
	t.teardown(() => portal.stop());
	portal.station = CUSTOMER;
	const random = new SeededRandom(11);
	const words = [
		'\r\n',
		'\r\n\r\n',
		' ',
		'%00',
		'%',
		'../',
		'//',
		'HTTP/1.0',
		'Content-Length: 0',
		'Transfer-Encoding: chunked',
		'\0',
		'é',
	];
	const mutator = new Mutator(random, {
		words: [...words, 'Content-Length: -1', 'Host:', '0\r\n\r\n', '&', '='],
		bytesMax: 4096,
	});
	const head = (line: string) => `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n`;
	const post = (action: string) => {
		const body = `token=${portal.token(CUSTOMER, action)}&code=AB12&amount=5&unit=byte&mac=${CUSTOMER}`;
		const type = 'Content-Type: application/x-www-form-urlencoded';
		return `${head(`POST ${action}`)}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
	};
	const requests = [
		...[...Object.keys(OPEN_VIEWS), ...Object.keys(ACCOUNT_VIEWS)].map((path) => `${head(`GET ${path}`)}\r\n`),
		...[...Object.keys(OPEN_ACTIONS), ...Object.keys(ACCOUNT_ACTIONS)].map(post),
	].map((text) => Buffer.from(text));
	const statuses = new Map<string, number>();
	await inTurns(CASES, async (index) => {
		const one = random.pick(requests);
		const other = random.pick(requests);
		const bytes = index < requests.length ? (requests[index] as Buffer) : mutator.mutate(one, other);
		// Addresses of their own: one may not ask for all of this at once.
		const localAddress = `127.${random.between(1, 200)}.${random.between(0, 255)}.${random.between(1, 250)}`;
		const answer = await talk({ host: '127.0.0.1', port: portal.port, localAddress }, bytes);
		for (const [, status = ''] of answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
			statuses.set(status, (statuses.get(status) ?? 0) + 1);
			if (status.startsWith('5')) t.fail(`${status}: ${bytes.toString('latin1')}`);
		}
	});
	t.true((statuses.get('200') ?? 0) > 0 && (statuses.get('400') ?? 0) > 0, JSON.stringify([...statuses]));
	t.is((await portal.get('/')).status, 200, 'it still answers');
});

test('the control socket answers whatever is sent to it', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-fuzz-'));
	const control = join(folder, 'control.sock');
	const status = join(folder, 'status.sock');
	const commands = agentCommands(fakeHandlers([]));
	const server = new StatusServer({ commands, control, status, clock: systemClock(), log: silentLog });
	await server.start();
	t.teardown(async () => {
		await server.stop();
		rmSync(folder, { recursive: true });
	});
	const random = new SeededRandom(12);
	const mutator = new Mutator(random, { words: ['\n', '\r', '\0', '{', '}', '[', '"', 'watch'], bytesMax: 4096 });
	const lines = [...corpusOf('status-request'), Buffer.from('{"id":1,"command":"watch"}'), Buffer.alloc(3000, '[')];
	let answers = 0;
	await inTurns(CASES, async () => {
		const sent = Array.from({ length: random.between(1, 6) }, () =>
			mutator.mutate(random.pick(lines), random.pick(lines)),
		);
		const text = await talk({ path: control }, Buffer.concat(sent.flatMap((line) => [line, Buffer.from('\n')])));
		const [hello, ...rest] = text.trim().split('\n');
		t.is(hello, '{"octroi":"status","version":1}');
		for (const line of rest) t.notThrows(() => JSON.parse(line));
		answers += rest.length;
	});
	t.true(answers > CASES);
	t.regex(await talk({ path: status }, Buffer.from('{"id":1,"command":"ping"}\n')), /"pong":true/, 'it still answers');
});
