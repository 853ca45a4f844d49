import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type lostAddress from './kernel/lost-address.ts';

kernelTest<Awaited<ReturnType<typeof lostAddress>>>(
	test,
	"when an address goes to another station, the flows of who had it end, and nobody else's do",
	new URL('./kernel/lost-address.js', import.meta.url),
	(t, found) => {
		t.deepEqual(found, {
			isServed: true,
			before: { station: true, router: true },
			isBound: false,
			after: { station: false, router: true },
		});
	},
);
