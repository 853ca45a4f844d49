import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type listening from './kernel/listening.ts';

kernelTest<Awaited<ReturnType<typeof listening>>>(
	test,
	'frames between two ports of a bridge are heard, a flood ends the turn, and a device that goes is noticed',
	new URL('./kernel/listening.js', import.meta.url),
	(t, { one, ownFrames, lengths, flood, afterwards, gone }) => {
		t.is(one, 1);
		t.is(ownFrames, 0, 'what this machine sends is not heard');
		t.deepEqual(lengths, [60]);
		t.deepEqual(flood, { frames: 100, floods: 1, sockets: 0 });
		t.is(afterwards, 1);
		t.is(gone, 'the device has gone');
	},
);
