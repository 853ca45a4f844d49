import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import { askAgent, StatusClient } from '../../../agent/status/client.ts';
import { agentCommands } from '../../../agent/status/commands.ts';
import { CONNECTIONS_MAX, REQUEST_BYTES_MAX } from '../../../agent/status/limits.ts';
import { StatusServer } from '../../../agent/status/status-server.ts';
import { fakeHandlers } from './fake-handlers.ts';

type Setup = { server: StatusServer; control: string; status: string; credited: string[]; expire: (() => void)[] };

/** A real server on real sockets in a directory of its own. Timers fire only by `expire`. */
async function startServer(t: ExecutionContext): Promise<Setup> {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-status-'));
	const credited: string[] = [];
	const expire: (() => void)[] = [];
	const control = join(directory, 'run', 'control.sock');
	const status = join(directory, 'run', 'status.sock');
	const clock = {
		...systemClock(),
		after(_delayMs: number, call: () => void) {
			expire.push(call);
			return () => {
				expire.splice(expire.indexOf(call), 1);
			};
		},
	};
	const server = new StatusServer({
		commands: agentCommands(fakeHandlers(credited)),
		control,
		status,
		clock,
		log: silentLog,
	});
	await server.start();
	t.teardown(async () => {
		await server.stop();
		rmSync(directory, { recursive: true });
	});
	return { server, control, status, credited, expire };
}

/** Sends raw bytes and collects all that is answered until the server ends the connection. */
async function rawTalk(path: string, send: (socket: Socket) => void): Promise<string[]> {
	const socket = connect(path);
	send(socket);
	let text = '';
	try {
		for await (const chunk of socket) {
			text += chunk;
		}
	} catch {
		// The server may reset a client that it has refused; what it said before counts.
		socket.destroy();
	}
	return text.split('\n').filter((line) => line !== '');
}

const code = async (asked: Promise<unknown>): Promise<string | undefined> => {
	try {
		await asked;
	} catch (error) {
		return error instanceof OctroiError ? error.code : `not an OctroiError: ${error}`;
	}
	return undefined;
};

test('answers a command on the control socket with its result', async (t) => {
	const { control, credited } = await startServer(t);
	const given = { account: 'room-1', plan: 'hour', transfer: 'a1' } as never;
	const answer = await askAgent({ path: control }, 'account.topup', given);
	t.is(answer.answer, 'created');
	t.deepEqual(credited, ['room-1 hour a1']);
});

test('answers several requests of one connection in their order', async (t) => {
	const { status } = await startServer(t);
	const client = new StatusClient({ path: status });
	await client.start();
	t.deepEqual(await client.request('ping', {}), { pong: true });
	t.is((await client.request('plan.list', {})).length, 1);
	client.stop();
});

test('requests sent in one piece and in many pieces are answered alike', async (t) => {
	const { status } = await startServer(t);
	const text = '{"id":1,"command":"ping"}\n\n{"id":"b","command":"ping"}\n';
	const whole = await rawTalk(status, (socket) => socket.end(text));
	const pieces = await rawTalk(status, async (socket) => {
		for (const letter of text) {
			socket.write(letter);
			await nextTurn();
		}
		socket.end();
	});
	t.deepEqual(whole, [
		'{"octroi":"status","version":1}',
		'{"id":1,"result":{"pong":true}}',
		'{"id":"b","result":{"pong":true}}',
	]);
	t.deepEqual(pieces, whole);
});

test('the status socket refuses commands that write', async (t) => {
	const { status, credited } = await startServer(t);
	t.is(await code(askAgent({ path: status }, 'account.block', { account: 'a' } as never)), 'permission_denied');
	t.deepEqual(credited, []);
});

test('the control socket is for its owner, the status socket for its group too', async (t) => {
	const { control, status } = await startServer(t);
	t.is(statSync(control).mode & 0o777, 0o600);
	t.is(statSync(status).mode & 0o777, 0o660);
});

test('the status socket belongs to its group, if the system has it', async (t) => {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-status-'));
	t.teardown(() => rmSync(directory, { recursive: true }));
	const [own] = readFileSync('/etc/group', 'utf8').split('\n');
	const groups = process.getuid?.() === 0 ? groupLines() : [(own as string).split(':') as [string, string, string]];
	for (const [statusGroup, , id] of groups.slice(0, 3)) {
		const sockets = { control: join(directory, 'c.sock'), status: join(directory, 's.sock') };
		const options = { ...sockets, statusGroup, clock: systemClock(), log: silentLog };
		const server = new StatusServer({ commands: agentCommands(fakeHandlers([])), ...options });
		await server.start();
		if (process.getuid?.() === 0) t.is(statSync(sockets.status).gid, Number(id), statusGroup);
		t.is(statSync(sockets.status).mode & 0o777, 0o660);
		t.is(statSync(sockets.control).gid, process.getgid?.() ?? 0);
		await server.stop();
	}
});

function groupLines(): [string, string, string][] {
	return readFileSync('/etc/group', 'utf8')
		.split('\n')
		.map((line) => line.split(':') as [string, string, string])
		.filter(([name, , id]) => name !== '' && id !== undefined);
}

test('the status socket refuses what keeps everybody waiting', async (t) => {
	const { status } = await startServer(t);
	t.is(await code(askAgent({ path: status }, 'ledger.verify', {})), 'permission_denied');
});

test('an error of a handler reaches the client with its code and fix', async (t) => {
	const { control } = await startServer(t);
	const error = await t.throwsAsync(askAgent({ path: control }, 'account.show', { account: 'nobody' } as never), {
		instanceOf: OctroiError,
		code: 'not_found',
	});
	t.is((error as OctroiError).fix, 'create it');
});

test('a defect in a handler is answered as internal and the connection goes on', async (t) => {
	const { control } = await startServer(t);
	const lines = await rawTalk(control, (socket) =>
		socket.end('{"id":1,"command":"ledger.verify"}\n{"id":2,"command":"ping"}\n'),
	);
	t.is(JSON.parse(lines[1] as string).error.code, 'internal');
	t.is(lines[2], '{"id":2,"result":{"pong":true}}');
});

const refused = test.macro({
	async exec(t, line: string, expected: { id: unknown; code: string; message: RegExp }) {
		const { control, credited } = await startServer(t);
		const lines = await rawTalk(control, (socket) => socket.end(`${line}\n{"id":99,"command":"ping"}\n`));
		const answer = JSON.parse(lines[1] as string);
		t.is(answer.id, expected.id);
		t.is(answer.error.code, expected.code);
		t.regex(answer.error.message, expected.message);
		t.is(JSON.parse(lines[2] as string).id, 99, 'the connection is kept');
		t.deepEqual(credited, []);
	},
	title: (provided, line) => `${provided}: ${JSON.stringify(line)}`,
});

const invalid = 'invalid_value';
test('garbage is refused', refused, '\u0000\u0001{{{', { id: null, code: invalid, message: /not valid JSON/ });
test('brackets in each other are refused', refused, `{"id":1,"command":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, {
	id: null,
	code: invalid,
	message: /nested deeper/,
});
test('a list is refused', refused, '[1,2]', { id: null, code: invalid, message: /not a JSON object/ });
test('null is refused', refused, 'null', { id: null, code: invalid, message: /not a JSON object/ });
test('a missing id is refused', refused, '{"command":"ping"}', { id: null, code: invalid, message: /id/ });
test('an object as id is refused', refused, '{"id":{},"command":"ping"}', { id: null, code: invalid, message: /id/ });
test('an unknown command is refused', refused, '{"id":1,"command":"account.shwo"}', {
	id: 1,
	code: 'not_found',
	message: /shwo/,
});
test("an object's own method is no command", refused, '{"id":1,"command":"__proto__"}', {
	id: 1,
	code: 'not_found',
	message: /proto/,
});
test('a wrong account is refused', refused, '{"id":1,"command":"account.create","arguments":{"account":"../x"}}', {
	id: 1,
	code: invalid,
	message: /account id/,
});
test('a wrong MAC is refused', refused, '{"id":1,"command":"station.detach","arguments":{"mac":"zz"}}', {
	id: 1,
	code: invalid,
	message: /MAC/,
});
test(
	'a negative limit is refused',
	refused,
	'{"id":1,"command":"account.history","arguments":{"account":"a","limit":-1}}',
	{ id: 1, code: invalid, message: /limit/ },
);
test('all wrong arguments are named', refused, '{"id":1,"command":"station.attach","arguments":{"mca":1}}', {
	id: 1,
	code: invalid,
	message: /mca.*mac.*account/,
});

test('a line that is too long is refused and the connection closed', async (t) => {
	const { control } = await startServer(t);
	const lines = await rawTalk(control, (socket) => socket.write(Buffer.alloc(REQUEST_BYTES_MAX + 1, 'x')));
	t.regex(lines.at(-1) as string, /more than 65536 bytes/);
});

test('half a line that is not finished in time is refused', async (t) => {
	const { control, expire } = await startServer(t);
	const lines = await rawTalk(control, async (socket) => {
		socket.write('{"id":1,');
		while (expire.length === 0) {
			await nextTurn();
		}
		expire[0]?.();
	});
	t.regex(lines.at(-1) as string, /not complete/);
});

test('a client that does not read its answers is dropped', async (t) => {
	const { control, expire } = await startServer(t);
	const socket = connect(control);
	socket.pause();
	const closed = new Promise((resolve) => socket.once('close', resolve));
	socket.on('error', () => socket.destroy());
	// Each answer has some 200 KB; the kernel's buffer takes the first ones.
	socket.write('{"id":1,"command":"station.list"}\n'.repeat(100));
	while (expire.length === 0) {
		await nextTurn();
	}
	expire[0]?.();
	while (!socket.destroyed) {
		socket.write('\n');
		await nextTurn();
	}
	await closed;
	t.deepEqual(await askAgent({ path: control }, 'ping', {}), { pong: true });
});

/** @returns what each of so many clients heard first, and how many of them are still connected */
async function crowd(path: string, count: number): Promise<{ greetings: string[]; sockets: Socket[] }> {
	const sockets: Socket[] = [];
	const greetings: string[] = [];
	for (let index = 0; index < count; index += 1) {
		const socket = connect(path);
		socket.on('error', () => socket.destroy());
		sockets.push(socket);
		greetings.push(await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk)))));
	}
	return { greetings, sockets };
}

test('of 1,000 clients of the operator the limit is served, the others are told why, the other socket is not affected', async (t) => {
	const { control, status } = await startServer(t);
	const { greetings, sockets } = await crowd(control, 1000);
	t.is(greetings.filter((text) => text.startsWith('{"octroi"')).length, CONNECTIONS_MAX);
	t.is(greetings.filter((text) => text.includes('not_allowed')).length, 1000 - CONNECTIONS_MAX);
	t.is(await code(askAgent({ path: control }, 'ping', {})), 'not_allowed');
	t.deepEqual(await askAgent({ path: status }, 'ping', {}), { pong: true });
	for (const socket of sockets) socket.destroy();
});

test('on the socket that everybody may open, whoever says nothing makes room', async (t) => {
	const { control, status } = await startServer(t);
	const { greetings, sockets } = await crowd(status, 1000);
	t.is(greetings.filter((text) => text.startsWith('{"octroi"')).length, 1000);
	t.deepEqual(await askAgent({ path: status }, 'ping', {}), { pong: true });
	t.deepEqual(await askAgent({ path: control }, 'ping', {}), { pong: true });
	for (const socket of sockets) socket.destroy();
});

test('a second agent on the same sockets is refused and the first goes on', async (t) => {
	const { control, status } = await startServer(t);
	const commands = agentCommands(fakeHandlers([]));
	const second = new StatusServer({ commands, control, status, clock: systemClock(), log: silentLog });
	t.is(await code(second.start()), 'agent_running');
	t.deepEqual(await askAgent({ path: control }, 'ping', {}), { pong: true });
});

test('a socket file that nobody answers on is replaced', async (t) => {
	const { server, control } = await startServer(t);
	await server.stop();
	await server.stop();
	await abandonSocket(control);
	await server.start();
	await server.start();
	t.deepEqual(await askAgent({ path: control }, 'ping', {}), { pong: true });
});

test('a file that is not a socket is never removed', async (t) => {
	const { server, control } = await startServer(t);
	await server.stop();
	writeFileSync(control, 'precious');
	t.is(await code(server.start()), 'invalid_value');
	t.true(statSync(control).isFile());
});

test('the client says that no agent runs, and how to start one', async (t) => {
	const { server, control } = await startServer(t);
	await server.stop();
	const error = await t.throwsAsync(askAgent({ path: control }, 'ping', {}), { code: 'agent_unreachable' });
	t.regex((error as OctroiError).fix ?? '', /octroi agent/);
});

test('the client does not wait for ever for a server that says nothing', async (t) => {
	const { server, control } = await startServer(t);
	await server.stop();
	const silent = createServer();
	await new Promise<void>((resolve) => silent.listen(control, resolve));
	t.is(await code(askAgent({ path: control, greetingTimeoutMs: 1 }, 'ping', {})), 'agent_unreachable');
	silent.close();
});

test('the client recognises that something else answers', async (t) => {
	const { server, control } = await startServer(t);
	await server.stop();
	for (const line of ['SSH-2.0\n', '{"octroi":"status","version":2}\n', 'null\n', '']) {
		const other = createServer((socket) => socket.end(line));
		await new Promise<void>((resolve) => other.listen(control, resolve));
		t.is(await code(askAgent({ path: control }, 'ping', {})), 'agent_unreachable', JSON.stringify(line));
		await new Promise((resolve) => other.close(resolve));
	}
});

/** What a killed agent leaves behind: a socket file that nobody listens on. */
async function abandonSocket(path: string): Promise<void> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(`${path}.first`, resolve));
	linkSync(`${path}.first`, path);
	await new Promise((resolve) => server.close(resolve));
}
