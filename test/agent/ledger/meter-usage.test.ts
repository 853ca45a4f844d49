import test from 'ava';
import type { MeterId } from '../../../agent/core/units.ts';
import { readingsByMeter, usageSince } from '../../../agent/ledger/meter-usage.ts';
import { settleAnn } from './temporary-ledger.ts';

const CHECKPOINT = { up: 10, down: 20, seconds: 30 };
const METER = 7 as MeterId;

test('usage is the difference to the checkpoint, and nothing for what was not read', (t) => {
	t.deepEqual(usageSince(CHECKPOINT, { meter: METER, up: 11, down: 20 }), { up: 1, down: 0, seconds: 0 });
	t.deepEqual(usageSince(CHECKPOINT, { meter: METER, seconds: 31 }), { up: 0, down: 0, seconds: 1 });
	t.deepEqual(usageSince(CHECKPOINT, { meter: METER }), { up: 0, down: 0, seconds: 0 });
});

for (const name of ['up', 'down', 'seconds'] as const) {
	test(`${name} below the checkpoint names the meter`, (t) => {
		const error = t.throws(() => usageSince(CHECKPOINT, { meter: METER, ...CHECKPOINT, [name]: 9 }));
		t.like(error, { code: 'ledger_broken', message: `meter 7: ${name} went back from ${CHECKPOINT[name]} to 9` });
	});
}

test('bytes and seconds of one meter come together', (t) => {
	const request = settleAnn(5, 0, {
		elapsed: [
			{ meter: METER, seconds: 3 },
			{ meter: 8 as MeterId, seconds: 4 },
		],
	});
	t.deepEqual(readingsByMeter(request), [
		{ meter: METER, up: 5, down: 0, seconds: 3 },
		{ meter: 8 as MeterId, seconds: 4 },
	]);
});

test('a meter that is named twice is refused', (t) => {
	const reading = { meter: METER, up: 1, down: 1 };
	t.throws(() => readingsByMeter(settleAnn(0, 0, { readings: [reading, reading] })), { message: /twice/ });
	t.throws(() =>
		readingsByMeter(
			settleAnn(0, 0, {
				elapsed: [
					{ meter: METER, seconds: 1 },
					{ meter: METER, seconds: 2 },
				],
			}),
		),
	);
});
