import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type kinds from './kernel/kinds.ts';

kernelTest<Awaited<ReturnType<typeof kinds>>>(
	test,
	'flows get the marks of their kinds, also if a former version gave them others; the garden speaks when it was spoken to, within a budget',
	new URL('./kernel/kinds.js', import.meta.url),
	(t, { marks, expected, former, foreign, entitled, unsolicited, gardenBytes, gardenBytesMax, afterGarden }) => {
		t.deepEqual(marks, expected);
		t.is(former >>> 15, expected.question >>> 15, 'its next question sets the kind anew');
		t.is(foreign, 0x55, 'bits of others stay');
		t.is(entitled, 'own', 'with a right a question has the meter of its station');
		t.is(unsolicited, 0, 'what the garden sends unasked');
		t.true(gardenBytes > gardenBytesMax / 2, `${gardenBytes} bytes: the instrument works`);
		t.true(gardenBytes < gardenBytesMax * 1.5, `${gardenBytes} bytes of 400,000`);
		t.is(afterGarden, 'own', 'an address that has left the garden: the flow begins anew');
	},
);
