import test from 'ava';
import type { AccountId, BootMs, MacAddress, MeterId } from '../../../agent/core/units.ts';
import {
	bytesPerSecond,
	elapsedSeconds,
	newMeterState,
	newPool,
	type Pool,
	unsettledBytes,
	usedBytes,
} from '../../../agent/meter/pool.ts';

const at = (ms: number) => ms as BootMs;

function poolOfTwo(): Pool {
	const pool = newPool(1, 'ann' as AccountId, at(10_000));
	for (const [id, up, down] of [
		[1, 100, 1000],
		[2, 20, 200],
	] as const) {
		const station = { meter: id as MeterId, mac: `02:00:00:00:00:0${id}` as MacAddress, session: `s${id}` };
		pool.meters.set(station.meter, newMeterState(station, { up, down, seconds: 0 }));
	}
	return pool;
}

test('what was used is the sum over stations and directions; what is unsettled is the part since the checkpoints', (t) => {
	const pool = poolOfTwo();
	t.is(usedBytes(pool), 1320);
	t.is(unsettledBytes(pool), 0);
	for (const meter of pool.meters.values()) {
		meter.up += 1;
		meter.down += 10;
	}
	t.is(usedBytes(pool), 1342);
	t.is(unsettledBytes(pool), 22);
});

test('the rate is that since the grant began, or the sampled one if it is higher', (t) => {
	const pool = poolOfTwo();
	pool.armedUsedBytes = 320;
	t.is(bytesPerSecond(pool, at(12_000)), 500);
	t.is(bytesPerSecond(pool, at(10_000)), 1_000_000);
	for (const meter of pool.meters.values()) meter.downBytesPerSecond = 400;
	t.is(bytesPerSecond(pool, at(12_000)), 800);
});

const elapsed = test.macro({
	exec(t, sinceMs: number, seconds: number, now: number, expected: number) {
		const slice = { sinceMs: at(sinceMs), seconds };
		const [meter] = poolOfTwo().meters.values();
		if (!meter) return t.fail();
		t.is(elapsedSeconds({ ...meter, slice }, at(now)), expected);
	},
	title: (_, since, seconds, now, expected) => `of ${seconds} s since ${since} ms, ${expected} s are over at ${now} ms`,
});

test(elapsed, 1000, 10, 1000, 0);
test(elapsed, 1000, 10, 1999, 0);
test(elapsed, 1000, 10, 2000, 1);
test(elapsed, 1000, 10, 10_999, 9);
test(elapsed, 1000, 10, 11_000, 10);
test(elapsed, 1000, 10, 99_000, 10);
test(elapsed, 1000, 0, 99_000, 0);

test('without a slice, no time runs', (t) => {
	const [meter] = poolOfTwo().meters.values();
	t.is(meter && elapsedSeconds(meter, at(99_000)), 0);
});
