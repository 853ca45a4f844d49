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
	const first = lease('10.1.0.2', 5, '01:aa');
	const second = lease('10.1.0.3', 9, 'ff:99');
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

const BOB = '02:00:5e:10:00:02' as MacAddress;

test('after a power cut with two clients of a hardware address neither is taken for the session, until one proves that it is his', async (t) => {
	const guard = guarded();
	guard.restored([ANN]);
	const first = lease('10.1.0.2', 5, '01:aa');
	const second = lease('10.1.0.3', 9, 'ff:99');
	await guard.leased([first, second]);
	for (const address of ['10.1.0.2', '10.1.0.3']) t.false(guard.allows({ mac: ANN, address }));
	await guard.leased([second]);
	t.false(guard.allows({ mac: ANN, address: '10.1.0.3' }), 'the other one may have been released by anybody');
	const again = guarded();
	again.restored([ANN]);
	await again.leased([first, second]);
	await again.prefer({ mac: ANN, address: '10.1.0.2' });
	t.true(again.holds({ mac: ANN, address: '10.1.0.2' }));
	await again.leased([second, first]);
	t.true(again.holds({ mac: ANN, address: '10.1.0.2' }));
});

test('a session that begins anew in another table keeps the client that is remembered', async (t) => {
	const guard = guarded();
	const first = lease('10.1.0.2', 5, '01:aa');
	const second = lease('10.1.0.3', 9, 'ff:99');
	await guard.leased([first]);
	await guard.leased([first, second]);
	guard.restored([ANN]);
	await guard.reloaded();
	t.true(guard.holds({ mac: ANN, address: '10.1.0.2' }));
});

test('of two leases that end together the one that was seen later counts, in any order of the file; of two seen at once neither', async (t) => {
	const first = lease('10.1.0.2', 9, '01:aa');
	const second = lease('10.1.0.3', 9, 'ff:99');
	for (const turn of [(one: object[]) => one, (one: object[]) => one.toReversed()]) {
		const guard = guarded();
		await guard.leased([first]);
		await guard.leased(turn([first, second]) as (typeof first)[]);
		await guard.release([ANN]);
		t.true(guard.holds({ mac: ANN, address: '10.1.0.3' }));
		const atOnce = guarded();
		await atOnce.leased(turn([first, second]) as (typeof first)[]);
		for (const address of ['10.1.0.2', '10.1.0.3']) t.false(atOnce.holds({ mac: ANN, address }));
	}
});

test('who forges a release and leases the address himself does not get it from a session, nor with a request for another address in its name; until its holder is gone', async (t) => {
	const guard = guarded();
	const held = lease('10.1.0.2', 5, '01:aa');
	const taken = { ...lease('10.1.0.2', 9, 'ff:99'), mac: BOB };
	await guard.leased([held]);
	const read = async (leases: (typeof held)[], hasSession = true) => {
		const counting = guard.keep(leases, () => hasSession);
		await guard.leased(counting.leases);
		return counting.contested.length;
	};
	t.is(await read([taken]), 1);
	t.is(await read([taken]), 0, 'told once');
	t.true(guard.holds({ mac: ANN, address: '10.1.0.2' }));
	t.false(guard.allows({ mac: BOB, address: '10.1.0.2' }));
	t.is(guard.formerHolder('10.1.0.2'), ANN);
	const other = lease('10.1.0.5', 20, '01:aa');
	await read([taken, other]);
	t.is(guard.keptBy(ANN), '10.1.0.2');
	t.true(guard.holds({ mac: ANN, address: '10.1.0.2' }), 'anybody can ask for another address in her name');
	t.false(guard.allows({ mac: ANN, address: '10.1.0.5' }));
	guard.giveUp('10.1.0.2');
	await read([taken, other]);
	t.is(guard.keptBy(ANN), undefined);
	t.true(guard.holds({ mac: ANN, address: '10.1.0.5' }));
	t.true(guard.holds({ mac: BOB, address: '10.1.0.2' }));
});

test('the former holder of an address that is leased to another one loses it when he is gone, and had none without a session', async (t) => {
	const held = lease('10.1.0.2', 5, '01:aa');
	const taken = { ...lease('10.1.0.2', 9, 'ff:99'), mac: BOB };
	for (const hasSession of [true, false]) {
		const guard = guarded();
		await guard.leased([held]);
		await guard.leased(guard.keep([taken], () => hasSession).leases);
		if (hasSession) {
			guard.giveUp('10.1.0.2');
			await guard.leased(guard.keep([taken], () => hasSession).leases);
		}
		t.true(guard.holds({ mac: BOB, address: '10.1.0.2' }));
		t.is(guard.formerHolder('10.1.0.2'), undefined);
	}
});
