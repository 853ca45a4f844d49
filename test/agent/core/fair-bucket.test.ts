import test from 'ava';
import fc from 'fast-check';
import { FairBucket } from '../../../agent/core/fair-bucket.ts';
import { STANDINGS, type Standing } from '../../../agent/core/standing.ts';
import type { BootMs } from '../../../agent/core/units.ts';

const at = (ms: number) => ms as BootMs;

function drain(bucket: FairBucket, standing: Standing, ms: number): number {
	let count = 0;
	for (; bucket.wait(standing, at(ms)) === 0; count++) bucket.take(at(ms));
	return count;
}

test('each standing has a reserve that those below cannot touch', (t) => {
	const bucket = new FairBucket({ burst: 100, perHour: 60 });
	t.deepEqual(
		STANDINGS.map((standing) => drain(bucket, standing, 0)),
		[50, 25, 25],
	);
	t.is(bucket.wait('settled', at(0)), 60_000);
	t.is(drain(bucket, 'settled', 60_000), 1);
	t.is(drain(bucket, 'stranger', 3_600_000 * 10), 50);
});

test('even the smallest one lets those in who have something to show', (t) => {
	t.is(drain(new FairBucket({ burst: 1, perHour: 1 }), 'settled', 0), 1);
	t.is(drain(new FairBucket({ burst: 1, perHour: 1 }), 'stranger', 0), 1);
});

/** Told to wait for 1,200,000 ms, it then had to wait for one more: a third of an hour is no binary fraction. */
const SEEN: [number, number, { standing: Standing; afterMs: number }[]] = [
	2,
	3,
	[
		{ standing: 'stranger', afterMs: 0 },
		{ standing: 'leased', afterMs: 36_552 },
		{ standing: 'stranger', afterMs: 62_727 },
	],
];

test('whoever waits as long as he is told may take one, and no sooner; nobody takes more than burst and rate', (t) => {
	const uses = fc.array(fc.record({ standing: fc.constantFrom(...STANDINGS), afterMs: fc.nat(100_000) }), {
		maxLength: 200,
	});
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 3600 }), uses, (burst, perHour, all) => {
			const bucket = new FairBucket({ burst, perHour });
			let now = 0;
			let taken = 0;
			for (const { standing, afterMs } of all) {
				now += afterMs;
				const wait = bucket.wait(standing, at(now));
				if (wait === 0) {
					bucket.take(at(now));
					taken += 1;
				}
				if (taken > burst + (now * perHour) / 3_600_000 + 1e-6) return false;
				if (wait > 0 && bucket.wait(standing, at(now + wait)) !== 0) return false;
				now += wait;
			}
			return true;
		}),
		{ numRuns: 1000, examples: [SEEN] },
	);
	t.pass();
});

test('a clock that goes back fills nothing', (t) => {
	const bucket = new FairBucket({ burst: 4, perHour: 3600 });
	drain(bucket, 'settled', 10_000);
	t.true(bucket.wait('settled', at(0)) > 0);
});
