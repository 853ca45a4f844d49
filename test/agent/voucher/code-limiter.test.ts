import test from 'ava';
import type { BootMs, MacAddress } from '../../../agent/core/units.ts';
import {
	bucketRates,
	CodeLimiter,
	type Guesser,
	guessesPerHourMax,
	LIMITED_STATIONS_MAX,
} from '../../../agent/voucher/code-limiter.ts';
import { codeSpace } from '../../../agent/voucher/code-maker.ts';
import { HIT_CHANCE_PER_YEAR } from '../../../agent/voucher/odds.ts';
import { guessesOf, RATES } from './guesser.ts';

const A = '02:00:5e:10:00:0a' as MacAddress;
const B = '02:00:5e:10:00:0b' as MacAddress;
const GUEST: Guesser = { isCustomer: false, standing: 'settled' };
const CUSTOMER: Guesser = { isCustomer: true, standing: 'settled' };
const at = (seconds: number) => (seconds * 1000) as BootMs;

test('a station may err a few times, and then waits twice as long each time', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 1; count <= 4; count++) limiter.failed(A, GUEST, at(0));
	t.is(limiter.wait(A, GUEST, at(0)), undefined);
	const waits: number[] = [];
	let now = 0;
	for (let count = 5; count <= 13; count++) {
		limiter.failed(A, GUEST, at(now));
		const wait = limiter.wait(A, GUEST, at(now));
		waits.push((wait?.waitMs ?? 0) / 1000);
		now += waits.at(-1) ?? 0;
		t.is(limiter.wait(A, GUEST, at(now))?.scope === 'station', false);
	}
	t.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
});

test('others do not wait for it, and it begins anew after a long silence', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 1; count <= 6; count++) limiter.failed(A, GUEST, at(0));
	t.like(limiter.wait(A, GUEST, at(10)), { scope: 'station', waitMs: 50_000 });
	t.is(limiter.wait(B, GUEST, at(10)), undefined);
	limiter.failed(A, GUEST, at(8000));
	t.is(limiter.wait(A, GUEST, at(8000)), undefined);
});

test('all together are limited too, guests and customers apart', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 0; count < RATES.overallBurst; count++) {
		const mac = `02:00:5e:11:00:${count.toString(16).padStart(2, '0')}` as MacAddress;
		t.is(limiter.wait(mac, GUEST, at(0)), undefined);
		limiter.failed(mac, GUEST, at(0));
	}
	t.deepEqual(limiter.wait(B, GUEST, at(0)), { waitMs: 60_000, scope: 'overall' });
	t.is(limiter.wait(B, CUSTOMER, at(0)), undefined);
	t.is(limiter.wait(B, GUEST, at(60)), undefined);
	for (let count = 0; count < RATES.overallBurst; count++) limiter.failed(`m${count}` as MacAddress, CUSTOMER, at(60));
	t.like(limiter.wait(B, CUSTOMER, at(60)), { scope: 'overall' });
});

test('a flood of addresses does not cost memory', (t) => {
	const limiter = new CodeLimiter(RATES);
	for (let count = 0; count < LIMITED_STATIONS_MAX + 500; count++)
		limiter.failed(`m${count}` as MacAddress, GUEST, at(count));
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
	limiter.failed(A, GUEST, at(1000));
	t.like(limiter.wait(B, GUEST, at(10)), { scope: 'overall' });
});

test('a crowd of strangers leaves leaseholders a reserve, and these leave one to those who have had theirs for a while', (t) => {
	const limiter = new CodeLimiter({ ...RATES, overallBurst: 40 });
	const as = (standing: Guesser['standing']): Guesser => ({ isCustomer: false, standing });
	const taken: number[] = [];
	for (const standing of ['stranger', 'leased', 'settled'] as const) {
		let count = 0;
		for (; limiter.wait(`${standing}-${count}` as MacAddress, as(standing), at(0)) === undefined; count++)
			limiter.failed(`${standing}-${count}` as MacAddress, as(standing), at(0));
		taken.push(count);
	}
	t.deepEqual(taken, [20, 10, 10]);
	t.is(limiter.wait(A, as('settled'), at(60)), undefined, 'one comes in a minute');
	t.like(limiter.wait(A, as('stranger'), at(60)), { scope: 'overall', waitMs: 20 * 60_000 });
});

test('the overall bound follows the odds: a year of guessing hits with one in a hundred, and never less is allowed than is configured', (t) => {
	for (const [form, live] of [
		[{ alphabet: 'letters', length: 10 }, 100_000],
		[{ alphabet: 'digits', length: 12 }, 500],
		[{ alphabet: 'letters', length: 12 }, 10],
	] as const) {
		const hitChance = live / codeSpace(form);
		const { burst, perHour } = bucketRates(RATES, hitChance);
		const aYear = 2 * (burst + perHour * 8766);
		t.true(aYear * hitChance <= HIT_CHANCE_PER_YEAR * 1.003, `${form.length} ${form.alphabet}: ${aYear * hitChance}`);
		t.true(perHour > 2 * RATES.overallPerHour - RATES.overallPerHour, `${perHour}`);
	}
	t.deepEqual(bucketRates(RATES, 1), { burst: RATES.overallBurst, perHour: RATES.overallPerHour });
});

test('more codes make the bound smaller at once', (t) => {
	const limiter = new CodeLimiter({ ...RATES, overallBurst: 10 }, 0);
	for (let count = 0; count < 1000; count++) limiter.failed(`m${count}` as MacAddress, GUEST, at(0));
	t.is(limiter.wait(A, GUEST, at(0)), undefined);
	limiter.setHitChance(1);
	t.like(limiter.wait(A, GUEST, at(0)), { scope: 'overall' });
});
