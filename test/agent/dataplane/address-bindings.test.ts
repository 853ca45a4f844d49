import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type addresses from './kernel/addresses.ts';
import { STATION_MAC } from './kernel/router.ts';

kernelTest<Awaited<ReturnType<typeof addresses>>>(
	test,
	'a station comes with one IPv4 address: its first, or the one that was known; another only after the lease has moved',
	new URL('./kernel/addresses.js', import.meta.url),
	(t, found) => {
		t.false(found.foreignFirst, 'not of this network');
		t.true(found.first);
		t.false(found.other);
		t.true(found.otherAfterMove);
		t.false(found.firstAfterMove);
		t.deepEqual(found.left, [], 'a station that leaves leaves nothing');
		t.deepEqual(found.bound, [`${STATION_MAC} . 10.1.0.2`, `${STATION_MAC} . 2001:db8::7`]);
		t.false(found.otherThanKnown);
		t.true(found.asKnown);
	},
);
