import test from 'ava';
import { kernelTest } from '../../kernel-namespace.ts';
import type addresses from './kernel/addresses.ts';
import { STATION_MAC } from './kernel/router.ts';

kernelTest<Awaited<ReturnType<typeof addresses>>>(
	test,
	'a station comes with one IPv4 address: its first, or the one that was known; another only after the lease has moved',
	new URL('./kernel/addresses.js', import.meta.url),
	(t, found) => {
		const reasons = [
			'address_device',
			'address_leased',
			'address_unbound',
			'address_undecided',
			'source_route',
		] as const;
		t.deepEqual(found.refused, [...reasons], 'and each was refused for its own reason');
		t.false(found.foreignFirst, 'not of this network');
		t.true(found.first);
		t.false(found.other);
		t.true(found.otherAfterMove);
		t.false(found.firstAfterMove);
		t.deepEqual(found.left, [], 'a station that leaves leaves nothing');
		t.deepEqual(found.bound, [`${STATION_MAC} . 10.1.0.2`, `${STATION_MAC} . 2001:db8::7`]);
		t.false(found.otherThanKnown);
		t.true(found.asKnown);
		const { owned, leasedAway, byLease, bySecondLease, taken, elsewhere } = found.senders;
		t.deepEqual(owned, [true, false, false, false], 'by its own device only; a link-local address says nothing');
		t.deepEqual(leasedAway, [false, false], 'an address that another one leases is not its own any more, at once');
		t.deepEqual(byLease, [true, true], 'and the one that it leases is');
		t.false(bySecondLease);
		t.deepEqual(taken, [true, false], 'who has proved that it is his session has it by the address that he comes from');
		t.deepEqual(elsewhere, [true, false, false], 'and by the device that he comes by, and no other');
	},
);
