import test from 'ava';
import { ConnectionCount } from '../../../agent/portal/connection-count.ts';

test('an address has so many connections at once, and those that end make room', (t) => {
	const count = new ConnectionCount(2);
	t.deepEqual([count.take('a'), count.take('a'), count.take('a'), count.take('b')], [true, true, false, true]);
	count.release('a');
	t.true(count.take('a'));
});

test('an address without connections costs nothing', (t) => {
	const count = new ConnectionCount(2);
	for (let index = 0; index < 1000; index++) {
		count.take(`10.0.0.${index}`);
		count.release(`10.0.0.${index}`);
	}
	count.release('never');
	t.is(count.size, 0);
});
