import test from 'ava';
import { sliceSeconds, splitWindow, windowBytes } from '../../../agent/meter/window.ts';

const LIMITS = { bytesMin: 10_000, bytesMax: 100_000, seconds: 20 };

const windows = test.macro({
	exec(t, spendableBytes: number, openBytes: number, bytesPerSecond: number, expected: number) {
		t.is(windowBytes({ spendableBytes, openBytes, bytesPerSecond }, LIMITS), expected);
	},
	title: (_, spendable, open, rate, expected) =>
		`of ${spendable} spendable and ${open} open bytes at ${rate} B/s, ${expected} stand granted`,
});

test(windows, 0, 0, 0, 0);
test(windows, 1499, 0, 0, 0);
test(windows, 1499, 1499, 9999, 0);
test(windows, -5, 0, 0, 0);
test(windows, 1500, 0, 0, 1500);
test(windows, 9999, 0, 0, 9999);
test(windows, 1_000_000, 0, 0, 10_000);
test(windows, 1_000_000, 0, 499, 10_000);
test(windows, 1_000_000, 0, 2500, 50_000);
test(windows, 1_000_000, 0, 0.01, 10_000);
test(windows, 1_000_000, 0, 1e9, 100_000);
test(windows, 1_000_000, 70_000, 0, 70_000);
test(windows, 1_000_000, 400_000, 0, 400_000);
test(windows, 50_000, 70_000, 1e9, 50_000);

const splits = test.macro({
	exec(t, bytes: number, grantRest: number, reserveRest: number, expected: readonly [number, number]) {
		const { grantBytes, reserveBytes } = splitWindow(bytes, { grantBytes: grantRest, reserveBytes: reserveRest });
		t.deepEqual([grantBytes, reserveBytes], expected);
	},
	title: (_, bytes, grantRest, reserveRest, expected) =>
		`${bytes} bytes over a rest of ${grantRest} + ${reserveRest} are split into ${expected}`,
});

test(splits, 1500, 0, 0, [1500, 0]);
test(splits, 2999, 0, 0, [2999, 0]);
test(splits, 3000, 0, 0, [1500, 1500]);
test(splits, 3001, 0, 0, [1501, 1500]);
test(splits, 60_000, 0, 0, [30_000, 30_000]);
// A reserve that is being spent keeps what it has, for it is spent until the new limits are in force.
test(splits, 31_000, 0, 30_000, [1000, 30_000]);
test(splits, 30_000, 0, 30_000, [0, 30_000]);
test(splits, 2000, 1000, 1000, [1000, 1000]);
test(splits, 60_000, 40_000, 1000, [40_000, 20_000]);
test(splits, 60_000, 59_999, 0, [59_999, 1]);
// Packets that passed between the reading of the quotas and of the counters are charged already.
test(splits, 10_000, 0, 10_500, [0, 10_000]);
test(splits, 10_000, 6000, 5000, [5000, 5000]);

test('whatever was left, the parts sum up to the window, and none is negative', (t) => {
	for (const bytes of [0, 1, 1500, 3000, 4567, 1_000_000]) {
		for (const grantBytes of [0, 1, 1499, 5000, 2_000_000]) {
			for (const reserveBytes of [0, 1, 1499, 5000, 2_000_000]) {
				const parts = splitWindow(bytes, { grantBytes, reserveBytes });
				t.is(parts.grantBytes + parts.reserveBytes, bytes);
				t.true(parts.grantBytes >= 0 && parts.reserveBytes >= 0);
			}
		}
	}
});

const slices = test.macro({
	exec(t, seconds: number, stations: number, expected: number) {
		t.is(sliceSeconds(seconds, stations), expected);
	},
	title: (_, seconds, stations, expected) => `${seconds} s for ${stations} stations are ${expected} s each`,
});

test(slices, 3600, 1, 3600);
test(slices, 3600, 3, 1200);
test(slices, 10, 3, 3);
test(slices, 2, 3, 0);
test(slices, 0, 1, 0);
test(slices, 3600, 0, 0);
