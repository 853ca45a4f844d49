import test from 'ava';
import { boundedLog } from '../../../agent/core/bounded-log.ts';
import type { Log } from '../../../agent/core/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

type Written = { readonly message: string; readonly details: Readonly<Record<string, unknown>> };

function recording(written: Written[], bindings: object = {}): Log {
	const say = (first: unknown, text?: string) =>
		written.push(
			typeof first === 'string'
				? { message: first, details: { ...bindings } }
				: { message: text ?? '', details: { ...bindings, ...(first as object) } },
		);
	return {
		debug: say,
		info: say,
		warn: say,
		error: say,
		fatal: say,
		child: (more) => recording(written, { ...bindings, ...more }),
	};
}

function scene() {
	const written: Written[] = [];
	const clock = new FakeClock();
	return { written, clock, ...boundedLog(recording(written), clock, { wholeParts: ['recovery'] }) };
}

test('a flood of one message is a few lines and then one a minute, which says what was left out', async (t) => {
	const { written, clock, log } = scene();
	const part = log.child({ part: 'hearing' });
	for (let second = 0; second < 600; second++) {
		for (let count = 0; count < 10; count++) part.warn({ mac: `${second}-${count}` }, 'a station claims');
		await clock.pass(1000);
	}
	t.true(written.length <= 8 + 10, `${written.length}`);
	t.true(written.every(({ details }) => details.part === 'hearing'));
	const repeated = written.reduce((sum, { details }) => sum + Number(details.repeated ?? 0), 0);
	t.true(repeated + written.length <= 6000);
	await clock.pass(60_000);
	const all = written.reduce((sum, { details }) => sum + Number(details.repeated ?? 0), 0);
	t.is(all + written.length, 6000, 'each line is written or counted');
});

test('what is left out is told, though nothing follows', async (t) => {
	const { written, clock, log } = scene();
	for (let count = 0; count < 20; count++) log.error({ count }, 'broken');
	t.is(written.length, 8);
	await clock.pass(60_000);
	t.deepEqual(written.at(-1), { message: 'broken', details: { count: 19, repeated: 11 } });
	await clock.pass(600_000);
	t.is(written.length, 9);
	t.is(clock.pending, 0);
});

test('one kind takes nothing from another, and what does not repeat is written as it is', (t) => {
	const { written, log } = scene();
	for (let count = 0; count < 100; count++) log.warn({}, 'one');
	log.info({ x: 1 }, 'two');
	log.error('three');
	log.fatal({}, 'one');
	t.deepEqual(
		written.slice(8).map(({ message, details }) => [message, details]),
		[
			['two', { x: 1 }],
			['three', {}],
			['one', {}],
		],
	);
});

test('of some parts every line is written', (t) => {
	const { written, log } = scene();
	const recovery = log.child({ part: 'recovery' });
	for (let grant = 0; grant < 100; grant++) recovery.warn({ grant }, 'resolved');
	t.is(written.length, 100);
});

test('more messages than there are in the source share one budget', (t) => {
	const { written, log } = scene();
	for (let count = 0; count < 10_000; count++) log.warn({}, `message ${count}`);
	t.is(written.length, 512 + 8);
});

test('at the end it tells what it left out, and keeps no timer', (t) => {
	const { written, clock, log, end } = scene();
	for (let count = 0; count < 20; count++) log.warn({ count }, 'again');
	end();
	end();
	t.deepEqual(written.at(-1), { message: 'again', details: { count: 19, repeated: 11 } });
	t.is(written.length, 9);
	t.is(clock.pending, 0);
});
