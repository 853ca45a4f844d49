import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { WATCH_UNREAD_BYTES_MAX, WATCH_UNREAD_MS_MAX } from '../../../agent/status/limits.ts';
import type { StatusPicture, TableChanges } from '../../../agent/status/snapshot.ts';
import { StatusStream, type StreamReader } from '../../../agent/status/status-stream.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { PICTURE } from '../../ui/picture-fixture.ts';

class FakeReader implements StreamReader {
	readonly lines: Buffer[] = [];
	unread = 0;
	isDropped = false;

	send(line: Buffer): void {
		this.lines.push(line);
	}

	unreadBytes(): number {
		return this.unread;
	}

	drop(): void {
		this.isDropped = true;
	}
}

function setUp() {
	const clock = new FakeClock();
	const source = {
		made: 0,
		rested: 0,
		fails: false,
		picture(): { picture: StatusPicture; tables: TableChanges } {
			if (source.fails) throw new Error('the disk is gone');
			source.made += 1;
			const picture = { ...PICTURE, agent: { ...PICTURE.agent, upSeconds: source.made } };
			return { picture, tables: { stations: { moved: [source.made, 0, 0, 0, 0, 0] } } };
		},
		rest() {
			source.rested += 1;
		},
	};
	const stream = new StatusStream({ source, intervalMs: 1000, clock, log: silentLog });
	const join = () => {
		const reader = new FakeReader();
		stream.add(reader);
		return reader;
	};
	return { clock, source, stream, join };
}

const kindsOf = ({ lines }: FakeReader) =>
	lines.map((line) => {
		const { watch, sequence } = JSON.parse(line.toString());
		return `${watch} ${sequence}`;
	});

test('a reader gets a snapshot at once, then a delta at each interval', async (t) => {
	const { clock, join } = setUp();
	const reader = join();
	await clock.pass(2500);
	t.deepEqual(kindsOf(reader), ['snapshot 1', 'delta 2', 'delta 3']);
});

test('what changed in the tables goes with the delta after it, and not with a later one', async (t) => {
	const { clock, join } = setUp();
	const reader = join();
	await clock.pass(2500);
	const moved = reader.lines.slice(1).map((line) => JSON.parse(line.toString()).stations.moved[0]);
	t.deepEqual(moved, [2, 3]);
});

test('all readers get the same bytes, encoded once', async (t) => {
	const { clock, source, join } = setUp();
	const readers = [join(), join(), join()];
	await clock.pass(1000);
	const late = join();
	await clock.pass(1000);
	for (const reader of readers) {
		t.is(reader.lines[0], readers[0]?.lines[0]);
		t.is(reader.lines[2], readers[0]?.lines[2]);
	}
	t.is(late.lines[1], readers[0]?.lines[2]);
	t.deepEqual(kindsOf(late), ['snapshot 2', 'delta 3']);
	t.is(source.made, 3);
});

test('nothing is computed while nobody watches', async (t) => {
	const { clock, source, stream, join } = setUp();
	await clock.pass(10_000);
	t.is(source.made, 0);
	const reader = join();
	stream.remove(reader);
	stream.remove(reader);
	t.is(clock.pending, 0);
	t.is(source.rested, 1);
	await clock.pass(10_000);
	t.is(source.made, 1);
	t.deepEqual(kindsOf(join()), ['snapshot 2']);
});

test('a reader with too much unread is dropped, and the others do not notice', async (t) => {
	const { clock, stream, join } = setUp();
	const slow = join();
	const quick = join();
	slow.unread = WATCH_UNREAD_BYTES_MAX + 1;
	await clock.pass(1000);
	t.true(slow.isDropped);
	t.false(quick.isDropped);
	t.is(stream.readers().dropped, 1);
	t.is(stream.readers().count, 1);
	t.is(quick.lines.length, 2);
	t.is(slow.lines.length, 1);
});

test('a reader that leaves a little unread for long is dropped; one that catches up is not', async (t) => {
	const { clock, join } = setUp();
	const frozen = join();
	const tired = join();
	frozen.unread = 1;
	for (let passed = 0; passed < WATCH_UNREAD_MS_MAX; passed += 1000) {
		tired.unread = (passed / 1000) % 3;
		await clock.pass(1000);
		t.false(frozen.isDropped);
	}
	await clock.pass(1000);
	t.true(frozen.isDropped);
	t.false(tired.isDropped);
});

test('when the last reader is dropped, the stream rests', async (t) => {
	const { clock, source, join } = setUp();
	join().unread = WATCH_UNREAD_BYTES_MAX + 1;
	await clock.pass(5000);
	t.is(source.rested, 1);
	t.is(clock.pending, 0);
});

test('a picture that cannot be made disconnects the readers, and the stream goes on with the next', async (t) => {
	const { clock, source, join } = setUp();
	const reader = join();
	source.fails = true;
	await clock.pass(1000);
	t.true(reader.isDropped);
	source.fails = false;
	const next = join();
	await clock.pass(1000);
	t.deepEqual(kindsOf(next), ['snapshot 2', 'delta 3']);
});
