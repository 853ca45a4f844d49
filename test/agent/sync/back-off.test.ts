import test from 'ava';
import { BackOff, STABLE_MS, WAIT_FIRST_MS, WAIT_LONGEST_MS } from '../../../agent/sync/back-off.ts';

test('waits double up to the longest, and are spread over their second half', (t) => {
	const least = new BackOff(() => 0);
	const most = new BackOff(() => 1);
	for (let failure = 0; failure < 2000; failure += 1) {
		const longest = Math.min(WAIT_LONGEST_MS, WAIT_FIRST_MS * 2 ** Math.min(failure, 30));
		t.is(least.next(0), longest / 2);
		t.is(most.next(0), longest);
	}
});

test('a connection that lasted makes the next wait short; one that did not, does not', (t) => {
	const wait = new BackOff(() => 1);
	for (let failure = 0; failure < 10; failure += 1) wait.next(STABLE_MS - 1);
	t.is(wait.next(0), WAIT_LONGEST_MS);
	t.is(wait.next(STABLE_MS), WAIT_FIRST_MS);
});
