import test from 'ava';
import { QueueRetry } from '../../../agent/dataplane/queue-retry.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

function taker(freeAfterTries: number) {
	const clock = new FakeClock();
	const tries: { atMs: number; isTaken: boolean }[] = [];
	const began = clock.bootMs();
	const made = new QueueRetry({
		clock,
		async take() {
			if (tries.length < freeAfterTries) throw new Error('EBUSY');
		},
		onTry: (error) => tries.push({ atMs: clock.bootMs() - began, isTaken: error === undefined }),
	});
	return { clock, tries, taker: made };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a queue that is free is taken at once, and not asked for again', async (t) => {
	const { clock, tries, taker: one } = taker(0);
	await one.start();
	t.true(one.isTaken);
	await clock.pass(60_000, settle);
	t.deepEqual(tries, [{ atMs: 0, isTaken: true }]);
});

test('one that another has is asked for again, after waits that double up to ten seconds, until it is free', async (t) => {
	const { clock, tries, taker: one } = taker(12);
	await one.start();
	t.false(one.isTaken);
	await clock.pass(120_000, settle);
	t.deepEqual(
		tries.slice(0, 4).map(({ atMs }) => atMs),
		[0, 50, 150, 350],
	);
	const waits = tries.slice(1).map(({ atMs }, index) => atMs - (tries[index]?.atMs ?? 0));
	t.is(Math.max(...waits), 10_000);
	t.true(one.isTaken);
	t.is(tries.filter(({ isTaken }) => isTaken).length, 1);
	t.is(clock.pending, 0);
});

test('once stopped, also in the middle of a try, it asks no more', async (t) => {
	const { clock, tries, taker: one } = taker(99);
	await one.start();
	one.stop();
	one.stop();
	t.is(clock.pending, 0);
	const trying = one.start();
	await trying;
	t.is(clock.pending, 0);
	t.is(tries.length, 1, 'what came too late is no news');
});
