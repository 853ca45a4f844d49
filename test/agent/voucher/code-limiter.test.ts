import test from 'ava';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import { CodeLimiter, guessesPerHourMax, LIMITED_STATIONS_MAX } from '../../../agent/voucher/code-limiter.ts';
import { guessesOf, RATES } from './guesser.ts';

const A = '02:00:5e:10:00:0a' as MacAddress;
const B = '02:00:5e:10:00:0b' as MacAddress;
const at = (seconds: number) => (seconds * 1000) as BootMs;

test('a station may err a few times, and then waits twice as long each time', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 1; count <= 4; count++) limiter.failed(A, false, at(0));
	t.is(limiter.wait(A, false, at(0)), undefined);
	const waits: number[] = [];
	let now = 0;
	for (let count = 5; count <= 13; count++) {
		limiter.failed(A, false, at(now));
		const wait = limiter.wait(A, false, at(now));
		waits.push((wait?.waitMs ?? 0) / 1000);
		now += waits.at(-1) ?? 0;
		t.is(limiter.wait(A, false, at(now))?.scope === 'station', false);
	}
	t.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
});

test('others do not wait for it, and it begins anew after a long silence', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 1; count <= 6; count++) limiter.failed(A, false, at(0));
	t.like(limiter.wait(A, false, at(10)), { scope: 'station', waitMs: 50_000 });
	t.is(limiter.wait(B, false, at(10)), undefined);
	limiter.failed(A, false, at(8000));
	t.is(limiter.wait(A, false, at(8000)), undefined);
});

test('all together are limited too, guests and customers apart', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 0; count < RATES.overallBurst; count++) {
		const mac = `02:00:5e:11:00:${count.toString(16).padStart(2, '0')}` as MacAddress;
		t.is(limiter.wait(mac, false, at(0)), undefined);
		limiter.failed(mac, false, at(0));
	}
	t.deepEqual(limiter.wait(B, false, at(0)), { waitMs: 60_000, scope: 'overall' });
	t.is(limiter.wait(B, true, at(0)), undefined);
	t.is(limiter.wait(B, false, at(60)), undefined);
	for (let count = 0; count < RATES.overallBurst; count++) limiter.failed(`m${count}` as MacAddress, true, at(60));
	t.like(limiter.wait(B, true, at(60)), { scope: 'overall' });
});

test('a flood of addresses does not cost memory', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 0; count < LIMITED_STATIONS_MAX + 500; count++)
		limiter.failed(`m${count}` as MacAddress, false, at(count));
	t.is(limiter.size, LIMITED_STATIONS_MAX);
});

test('fifty addresses guess no faster than one hundred and twenty an hour, for a day', (t) => {
	const hours = guessesOf({ addresses: 50, hours: 24 });
	t.true((hours[0] as number) <= 2 * RATES.overallBurst + guessesPerHourMax(RATES));
	for (const guesses of hours.slice(1)) t.true(guesses <= guessesPerHourMax(RATES), `${guesses}`);
	const endless = guessesOf({ addresses: 50, hours: 3, isEndless: true });
	for (const guesses of endless.slice(1)) t.true(guesses <= guessesPerHourMax(RATES), `${guesses}`);
});

test('a clock that goes back fills nothing', (t) => {
	const limiter = new CodeLimiter({ ...RATES, overallBurst: 1 });
	limiter.failed(A, false, at(1000));
	t.like(limiter.wait(B, false, at(10)), { scope: 'overall' });
});
