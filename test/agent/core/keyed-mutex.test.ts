import test from 'ava';
import { KeyedMutex } from '../../../agent/core/keyed-mutex.ts';

test('work of one name waits for the work before it, and other names do not', async (t) => {
	const turns = new KeyedMutex();
	const events: string[] = [];
	let release = () => {};
	const first = turns.take('a', () =>
		new Promise<void>((resolve) => {
			release = resolve;
		}).then(() => {
			events.push('a1');
		}),
	);
	const second = turns.take('a', async () => void events.push('a2'));
	await turns.take('b', async () => void events.push('b'));
	release();
	await Promise.all([first, second, turns.idle()]);
	t.deepEqual(events, ['b', 'a1', 'a2']);
});

test('work that fails tells its caller, and the next goes on', async (t) => {
	const turns = new KeyedMutex();
	const failed = turns.take('a', () => Promise.reject(new Error('no')));
	const next = turns.take('a', async () => 7);
	await t.throwsAsync(failed, { message: 'no' });
	t.is(await next, 7);
});
