import test from 'ava';
import { BUCKET_MS, bytesAboveLimit, readBetween } from './speed-limit.ts';

const at = (bytes: number, beganMs: number, endedMs: number) => ({ bytes, beganMs, endedMs });

test('only what a limit cannot have let through is above it, however long the readings took', (t) => {
	// 8,000 bit/s are 1 byte a millisecond: in 2 s from reading to reading, and with a full bucket.
	const allowed = 2000 + BUCKET_MS;
	t.is(bytesAboveLimit(at(100, 0, 10), at(100 + allowed, 1990, 2000), 8000), 0);
	t.is(bytesAboveLimit(at(100, 0, 10), at(101 + allowed, 1990, 2000), 8000), 1);
	t.is(bytesAboveLimit(at(100, 0, 10), at(101 + allowed, 1990, 3000), 8000), 1 - 1000, 'a slow reading allows more');
});

test('a reading says when it began and when it ended', async (t) => {
	const { bytes, beganMs, endedMs } = await readBetween(() => Promise.resolve(7));
	t.is(bytes, 7);
	t.true(beganMs <= endedMs);
});
