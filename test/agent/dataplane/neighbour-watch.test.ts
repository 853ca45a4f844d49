import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type neighbours from './kernel/neighbours.ts';

kernelTest<Awaited<ReturnType<typeof neighbours>>>(
	test,
	'stations come and go with their neighbour entries, whatever becomes of the device',
	new URL('./kernel/neighbours.js', import.meta.url),
	(t, { steps, log }) => {
		t.deepEqual(steps['another station takes the address'], [
			'- 02:00:5e:10:00:11 10.9.0.5 br0',
			'+ 02:00:5e:10:00:12 10.9.0.5 br0',
		]);
		t.deepEqual(steps.failed, ['- 02:00:5e:10:00:11 10.9.0.6 br0'], 'the kernel does not tell whose it was');
		t.false(steps['of a device of ours']?.includes('+ 02:00:5e:10:00:13 10.9.0.20 br0'));
		t.true(steps['it is not ours any more']?.includes('+ 02:00:5e:10:00:13 10.9.0.20 br0'), 'at once');
		t.deepEqual(steps['bridge deleted']?.toSorted(), [
			'- 02:00:5e:10:00:11 10.9.0.6 br0',
			'- 02:00:5e:10:00:12 10.9.0.21 br0',
			'- 02:00:5e:10:00:13 10.9.0.20 br0',
		]);
		t.deepEqual(steps['bridge made again'], ['+ 02:00:5e:10:00:12 10.9.0.7 br0']);
		t.deepEqual(
			Object.values(steps)
				.flat()
				.filter((line) => line.includes('10.9.0.9')),
			[],
			'a device that has lost its name is no longer metered',
		);
		t.deepEqual(log, []);
	},
);
