import test from 'ava';
import type { BootMs } from '../../../agent/core/units.ts';
import { RequestRate } from '../../../agent/portal/request-rate.ts';

const ms = (value: number) => value as BootMs;

test('an address may ask at once as often as the burst, then at the rate', (t) => {
	const rate = new RequestRate({ burst: 3, perSecond: 2, addressesMax: 10 });
	t.deepEqual(
		[0, 0, 0, 0, 499, 500, 500, 1000].map((now) => rate.take('a', ms(now))),
		[true, true, true, false, false, true, false, true],
	);
	t.true(rate.take('b', ms(0)), 'others are not held up');
});

test('a long silence gives the burst back, and no more', (t) => {
	const rate = new RequestRate({ burst: 2, perSecond: 1, addressesMax: 10 });
	rate.take('a', ms(0));
	t.deepEqual(
		[1, 1, 1].map(() => rate.take('a', ms(1_000_000))),
		[true, true, false],
	);
});

test('addresses that are made up cost no memory', (t) => {
	const rate = new RequestRate({ burst: 2, perSecond: 1, addressesMax: 100 });
	for (let index = 0; index < 10_000; index++) rate.take(`${index}`, ms(index));
	t.is(rate.size, 100);
});
