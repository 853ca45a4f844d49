import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { agentCommands } from '../../../agent/status/commands.ts';
import type { StatusPicture, TableChanges } from '../../../agent/status/snapshot.ts';
import { StatusServer } from '../../../agent/status/status-server.ts';
import { StatusStream } from '../../../agent/status/status-stream.ts';
import { applyDelta, modelOf } from '../../../ui/feed/merge.ts';
import { RETRY_MAX_MS, StatusFeed } from '../../../ui/feed/status-feed.ts';
import { fakeHandlers } from '../../agent/status/fake-handlers.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { PICTURE, SNAPSHOT } from '../picture-fixture.ts';

/** A server whose stream is advanced by hand. */
async function startServer(t: ExecutionContext, directory: string) {
	const clock = new FakeClock();
	let picture: StatusPicture = PICTURE;
	let tables: TableChanges = {};
	const source = { picture: () => ({ picture, tables }), rest: () => undefined };
	const stream = new StatusStream({ source, intervalMs: 1000, clock, log: silentLog });
	const status = join(directory, 'status.sock');
	const server = new StatusServer({
		commands: agentCommands(fakeHandlers([])),
		control: join(directory, 'control.sock'),
		status,
		stream,
		clock: systemClock(),
		log: silentLog,
	});
	await server.start();
	t.teardown(() => server.stop());
	return {
		server,
		async next(change: Partial<StatusPicture>, changes: TableChanges = {}) {
			picture = { ...picture, ...change };
			tables = changes;
			await clock.pass(1000);
		},
	};
}

function startFeed(t: ExecutionContext, path: string) {
	const clock = new FakeClock();
	let wake: () => void = () => undefined;
	const feed = new StatusFeed({ path, timer: clock, random: () => 0.5, onChange: () => wake() });
	t.teardown(() => feed.stop());
	const until = async (isTrue: () => boolean) => {
		while (!isTrue()) {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	};
	return { feed, clock, until };
}

function temporaryDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-feed-'));
	t.teardown(() => rmSync(directory, { recursive: true, force: true }));
	return directory;
}

test('the feed has the snapshot, and follows the deltas', async (t) => {
	const directory = temporaryDirectory(t);
	const { next } = await startServer(t, directory);
	const { feed, until } = startFeed(t, join(directory, 'status.sock'));
	feed.start();
	t.is(feed.link.state, 'connecting');
	await until(() => feed.model !== undefined);
	t.is(feed.link.state, 'live');
	t.is(feed.model?.stations.size, PICTURE.stations.length);
	const [first, ...others] = PICTURE.stations;
	await next({ stations: others, uplink: null }, { stations: { gone: [first?.mac as MacAddress] } });
	await until(() => feed.model?.uplink === null);
	t.is(feed.model?.stations.size, PICTURE.stations.length - 1);
});

test('the feed says that the agent is gone, and comes back when it is there again', async (t) => {
	const directory = temporaryDirectory(t);
	const { server } = await startServer(t, directory);
	const { feed, clock, until } = startFeed(t, join(directory, 'status.sock'));
	feed.start();
	await until(() => feed.link.state === 'live');
	await server.stop();
	await until(() => feed.link.state === 'lost');
	t.truthy(feed.model, 'what was known is kept');
	await startServer(t, directory);
	await clock.pass(RETRY_MAX_MS);
	await until(() => feed.link.state === 'live');
	t.is(feed.reconnects, 1);
});

test('the waits grow up to a bound, and are spread by chance', async (t) => {
	const directory = temporaryDirectory(t);
	const { feed, clock, until } = startFeed(t, join(directory, 'nobody.sock'));
	feed.start();
	const waits: number[] = [];
	for (let attempt = 0; attempt < 7; attempt++) {
		let seen: unknown;
		await until(() => feed.link.state === 'lost' && feed.link.nextTryMs > clock.bootMs() && feed.link !== seen);
		seen = feed.link;
		const waitMs = feed.link.state === 'lost' ? feed.link.nextTryMs - clock.bootMs() : 0;
		waits.push(waitMs);
		await clock.pass(waitMs);
	}
	t.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000]);
});

test('a stream that misses a delta is begun anew', async (t) => {
	const directory = temporaryDirectory(t);
	const path = join(directory, 'gap.sock');
	let connections = 0;
	const server = createServer((socket) => {
		connections += 1;
		const lines = [
			{ octroi: 'status', version: 1 },
			{ id: 1, result: { version: 2, intervalMs: 1000 } },
			SNAPSHOT,
			{ watch: 'delta', sequence: SNAPSHOT.sequence + 2, atMs: 1 },
		];
		socket.on('error', () => socket.destroy());
		socket.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
	});
	await new Promise<void>((resolve) => server.listen(path, resolve));
	t.teardown(() => server.close());
	const { feed, clock, until } = startFeed(t, path);
	feed.start();
	await until(() => feed.link.state === 'lost');
	t.regex(feed.link.state === 'lost' ? feed.link.reason : '', /missing/);
	await clock.pass(RETRY_MAX_MS);
	await until(() => connections === 2);
	t.pass();
});

test('an agent of another stream version is not understood, and that is said', async (t) => {
	const directory = temporaryDirectory(t);
	const path = join(directory, 'newer.sock');
	const server = createServer((socket) => {
		socket.on('error', () => socket.destroy());
		const lines = [
			{ octroi: 'status', version: 1 },
			{ id: 1, result: {} },
			{ ...SNAPSHOT, version: 3 },
		];
		socket.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
	});
	await new Promise<void>((resolve) => server.listen(path, resolve));
	t.teardown(() => server.close());
	const { feed, until } = startFeed(t, path);
	feed.start();
	await until(() => feed.link.state === 'lost');
	t.regex(feed.link.state === 'lost' ? feed.link.reason : '', /another version/);
});

test('rows that a delta does not name stay the same objects', (t) => {
	const model = modelOf(SNAPSHOT);
	const [first, second] = PICTURE.stations;
	const kept = model.stations.get(second?.mac ?? '');
	const set = [{ mac: first?.mac as NonNullable<typeof first>['mac'], name: null, upBytes: 5 }];
	t.true(applyDelta(model, { watch: 'delta', sequence: 8, atMs: 2, stations: { set } }));
	t.is(model.stations.get(second?.mac ?? ''), kept);
	const changed = model.stations.get(first?.mac ?? '');
	t.is(changed?.upBytes, 5);
	t.false('name' in (changed ?? {}));
	t.is(changed?.reason, first?.reason);
	t.false(applyDelta(model, { watch: 'delta', sequence: 10, atMs: 3 }));
});

test('traffic comes as numbers, for the station and for its account; a meter of nobody is passed over', (t) => {
	const model = modelOf(SNAPSHOT);
	const [first] = PICTURE.stations;
	const moved = [1, 10, 20, 30, 40, 50, 4711, 1, 1, 1, 1, 1, 2, 60];
	t.true(applyDelta(model, { watch: 'delta', sequence: 8, atMs: 2, stations: { moved } }));
	t.deepEqual(model.stations.get(first?.mac ?? ''), {
		...(first as NonNullable<typeof first>),
		upBytes: 10,
		downBytes: 20,
		upBytesPerSecond: 30,
		downBytesPerSecond: 40,
		remaining: { unit: 'byte', amount: 50 },
	});
	t.is(model.accounts.get('room-1')?.byte, 50);
	t.deepEqual(modelOf(SNAPSHOT).stations.get(PICTURE.stations[1]?.mac ?? ''), PICTURE.stations[1]);
});
