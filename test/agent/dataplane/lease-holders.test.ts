import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import { leaseHolders } from '../../../agent/dataplane/lease-holders.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const BOB = '02:00:5e:10:00:02' as MacAddress;
type Row = [mac: MacAddress, address: string, expiresSeconds: number];

const holds = test.macro({
	exec(
		t,
		before: [MacAddress, string][],
		rows: Row[],
		expected: { addresses: Row[0][]; held: [MacAddress, string][] },
	) {
		const leases = rows.map(([mac, address, expiresSeconds]) => ({ mac, address, name: undefined, expiresSeconds }));
		for (const order of [leases, leases.toReversed()]) {
			const { holderOf, addressOf } = leaseHolders(order, { before: new Map(before) });
			t.deepEqual(
				[...new Set(rows.map(([, address]) => address))].map((address) => holderOf.get(address)),
				expected.addresses,
			);
			t.deepEqual([...addressOf].toSorted(), expected.held);
		}
	},
	title: (title = '') => title,
});

test('one lease, one holder', holds, [], [[ANN, '10.1.0.2', 5]], { addresses: [ANN], held: [[ANN, '10.1.0.2']] });
test(
	'of two leases of an address the one that ends last counts',
	holds,
	[[ANN, '10.1.0.2']],
	[
		[ANN, '10.1.0.2', 5],
		[BOB, '10.1.0.2', 6],
	],
	{ addresses: [BOB], held: [[BOB, '10.1.0.2']] },
);
test(
	'a lease without an end is the newest',
	holds,
	[],
	[
		[ANN, '10.1.0.2', 0],
		[BOB, '10.1.0.2', 6],
	],
	{ addresses: [ANN], held: [[ANN, '10.1.0.2']] },
);
test(
	'of two leases of a station the one counts that it had already',
	holds,
	[[ANN, '10.1.0.2']],
	[
		[ANN, '10.1.0.2', 5],
		[ANN, '10.1.0.3', 9],
	],
	{ addresses: [ANN, ANN], held: [[ANN, '10.1.0.2']] },
);
test(
	'and when it has lost that, the newest',
	holds,
	[[ANN, '10.1.0.2']],
	[
		[ANN, '10.1.0.4', 5],
		[ANN, '10.1.0.3', 9],
	],
	{ addresses: [ANN, ANN], held: [[ANN, '10.1.0.3']] },
);

const lease = (address: string, expiresSeconds: number, clientId?: string) => {
	return { mac: ANN, address, name: undefined, expiresSeconds, ...(clientId === undefined ? {} : { clientId }) };
};

test('another client of the same hardware address gets nothing by its lease, also when the first one is gone', (t) => {
	const first = lease('10.1.0.2', 5, '01:aa');
	const second = lease('10.1.0.3', 9, 'ff:99');
	const { addressOf, clientOf } = leaseHolders([first]);
	t.deepEqual(
		[...leaseHolders([first, second], { before: addressOf, clients: clientOf }).addressOf],
		[[ANN, '10.1.0.2']],
	);
	// Somebody has forged its release.
	const gone = leaseHolders([second], { before: addressOf, clients: clientOf });
	t.deepEqual([...gone.addressOf], []);
	t.is(gone.holderOf.get('10.1.0.3'), ANN, 'the address is leased all the same');
	const back = leaseHolders([second, lease('10.1.0.7', 12, '01:aa')], { before: gone.addressOf, clients: clientOf });
	t.deepEqual([...back.addressOf], [[ANN, '10.1.0.7']], 'the same client with another address');
	t.deepEqual(
		[...leaseHolders([first, second]).addressOf],
		[[ANN, '10.1.0.3']],
		'who was never there is taken at his newest',
	);
});

test('who says no name of his own is a client too', (t) => {
	const { addressOf, clientOf } = leaseHolders([lease('10.1.0.2', 5)]);
	t.deepEqual(
		[...leaseHolders([lease('10.1.0.3', 9, 'ff:99')], { before: addressOf, clients: clientOf }).addressOf],
		[],
	);
	t.deepEqual(
		[...leaseHolders([lease('10.1.0.3', 9)], { before: addressOf, clients: clientOf }).addressOf],
		[[ANN, '10.1.0.3']],
	);
});
