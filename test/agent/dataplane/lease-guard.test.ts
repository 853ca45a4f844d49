import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import type { AddressBindings } from '../../../agent/dataplane/address-bindings.ts';
import { LeaseGuard } from '../../../agent/dataplane/lease-guard.ts';
import type { NetlinkConnection } from '../../../agent/netlink/index.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const lease = (address: string, expiresSeconds: number, clientId: string) => {
	return { mac: ANN, address, name: undefined, expiresSeconds, clientId };
};

/** A kernel that holds nothing and takes everything. */
function guarded(): LeaseGuard {
	const connection = { batch: async () => undefined } as object as NetlinkConnection;
	const addresses = { keys: async () => [], evict: async () => [] } as object as AddressBindings;
	return new LeaseGuard(connection, addresses);
}

test('a second client of a hardware address holds nothing, also when the first lease is gone; until a session begins anew', async (t) => {
	const guard = guarded();
	const [first, second] = [lease('10.1.0.2', 5, '01:aa'), lease('10.1.0.3', 9, 'ff:99')];
	const isHeld = (address: string) => guard.holds({ mac: ANN, address });
	await guard.leased([first]);
	await guard.leased([first, second]);
	t.true(isHeld('10.1.0.2'));
	await guard.leased([second]);
	t.false(isHeld('10.1.0.3'), 'somebody may have forged the release of the first');
	t.false(guard.allows({ mac: ANN, address: '10.1.0.3' }));
	await guard.release([ANN]);
	t.true(isHeld('10.1.0.3'), 'whoever stands before the staff');
	await guard.leased([first, second]);
	await guard.release([ANN]);
	t.true(isHeld('10.1.0.3'), 'the newest of both');
});

test('who proves by his address that the session is his holds that lease', async (t) => {
	const guard = guarded();
	await guard.leased([lease('10.1.0.2', 5, '01:aa')]);
	await guard.leased([lease('10.1.0.2', 5, '01:aa'), lease('10.1.0.3', 9, 'ff:99')]);
	await guard.prefer({ mac: ANN, address: '10.1.0.3' });
	t.true(guard.holds({ mac: ANN, address: '10.1.0.3' }));
	await guard.leased([lease('10.1.0.4', 20, 'ff:99')]);
	t.true(guard.holds({ mac: ANN, address: '10.1.0.4' }), 'as the same client');
});
