import test from 'ava';
import { QueueSums } from '../../../agent/dataplane/queue-counts.ts';

test('only what was counted since the start is summed, over tables that are older and tables that are replaced', async (t) => {
	const sums = new QueueSums();
	const load = (offered: number, shed: number) =>
		sums.restart(async () => {
			sums.note(1, offered);
			sums.note(2, shed);
		});
	await load(1000, 50);
	t.deepEqual(sums.sums, { offered: 0, shed: 0 }, 'of an earlier agent');
	sums.note(1, 1010);
	sums.note(2, 52);
	t.deepEqual(sums.sums, { offered: 10, shed: 2 });
	await load(0, 0);
	t.deepEqual(sums.sums, { offered: 10, shed: 2 }, 'a new table begins at nothing');
	sums.note(1, 7);
	t.deepEqual(sums.sums, { offered: 17, shed: 2 });
});
