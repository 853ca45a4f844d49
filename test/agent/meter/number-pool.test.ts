import test from 'ava';
import { NumberPool } from '../../../agent/meter/number-pool.ts';

test('numbers begin at 1, and one that was released comes back last', (t) => {
	const pool = new NumberPool(3, 'meters');
	t.deepEqual([pool.take(), pool.take()], [1, 2]);
	pool.release(1);
	t.is(pool.take(), 3);
	t.is(pool.take(), 1);
});

test('when all are in use, it says so, and goes on when one is released', (t) => {
	const pool = new NumberPool(2, 'meters');
	pool.take();
	pool.take();
	t.like(
		t.throws(() => pool.take()),
		{ code: 'not_allowed', message: 'all 2 meters are in use' },
	);
	pool.release(2);
	t.is(pool.take(), 2);
});

test('a number that an earlier run gave out is not given out again', (t) => {
	const pool = new NumberPool(5, 'meters');
	pool.keep(4);
	pool.keep(1);
	t.deepEqual([pool.take(), pool.take(), pool.take()], [5, 2, 3]);
	t.throws(() => pool.take());
});

test('releasing twice, or what was never taken, changes nothing', (t) => {
	const pool = new NumberPool(2, 'meters');
	pool.take();
	pool.release(1);
	pool.release(1);
	pool.release(2);
	t.deepEqual([pool.take(), pool.take()], [2, 1]);
});

test('whoever had a number gets it again, whoever uses it: an account that comes and goes has no new one each time', (t) => {
	const pool = new NumberPool(10, 'meters');
	t.deepEqual([pool.take('ann'), pool.take('ann'), pool.take('bob')], [1, 2, 3]);
	for (let round = 0; round < 5; round++) {
		pool.release(2, 'ann');
		t.is(pool.take('ann'), 2);
	}
	pool.release(1, 'ann');
	pool.release(3, 'bob');
	t.is(pool.take('eve'), 4, 'others get the longest unused one');
	t.deepEqual([pool.take('bob'), pool.take('ann'), pool.take('ann')], [3, 1, 5]);
});

test('a number that somebody else had meanwhile is nobody’s', (t) => {
	const pool = new NumberPool(2, 'meters');
	pool.take('ann');
	pool.release(1, 'ann');
	t.deepEqual([pool.take('bob'), pool.take('bob')], [2, 1]);
	pool.release(1, 'bob');
	pool.release(2);
	t.is(pool.take('ann'), 2);
	t.is(pool.take('bob'), 1);
});
