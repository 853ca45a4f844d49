import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import type { AddressClaim } from '../../../agent/sensor/address-claim.ts';
import { SpoofWatch } from '../../../agent/sensor/spoof-watch.ts';

const ROUTER = '02:00:5e:10:ff:01' as MacAddress;
const [ANN, BOB, EVE] = ['02:00:5e:10:00:01', '02:00:5e:10:00:02', '02:00:5e:10:00:03'] as MacAddress[] as [
	MacAddress,
	MacAddress,
	MacAddress,
];
const GATEWAY = '10.77.0.1';
const ADDRESS = '10.77.0.9';

function scene(leases: Record<string, MacAddress> = {}) {
	const own = { macs: new Set([ROUTER]), byAddress: new Map([[GATEWAY, ROUTER]]) };
	const watch = new SpoofWatch({ own: () => own, leaseholder: (address) => leases[address] });
	const says = (mac: MacAddress, address: string, nowMs = 0, how: AddressClaim['how'] = 'arp') =>
		watch.heard({ address, claimed: mac, claimant: mac, how }, nowMs);
	return { watch, says, leases };
}

test("who claims the router's address is told at once, with both hardware addresses", (t) => {
	const { says } = scene();
	t.deepEqual(says(EVE, GATEWAY), {
		target: 'gateway',
		address: GATEWAY,
		owner: ROUTER,
		ownerBy: 'own',
		claimant: EVE,
		claimed: EVE,
		how: 'arp',
	});
});

test('the router may say where it is', (t) => {
	t.is(scene().says(ROUTER, GATEWAY), undefined);
});

test('who offers itself as a router is told', (t) => {
	t.deepEqual(scene().says(EVE, 'fe80::3', 0, 'router'), {
		target: 'router',
		address: 'fe80::3',
		claimant: EVE,
		claimed: EVE,
		how: 'router',
	});
	t.like(scene().says(EVE, GATEWAY, 0, 'router'), { target: 'gateway', owner: ROUTER }, 'in the name of this one');
	t.like(scene().says(EVE, '10.9.9.1', 0, 'dhcp'), { target: 'dhcp', owner: undefined });
});

test('one attack is told once a minute', (t) => {
	const { says } = scene();
	t.truthy(says(EVE, GATEWAY, 0));
	t.is(says(EVE, GATEWAY, 2000), undefined);
	t.truthy(says(BOB, GATEWAY, 2000), 'another attacker is another attack');
	t.truthy(says(EVE, GATEWAY, 60_000));
});

test('an attack that goes on is handed on with each claim, told or not; other claims are not', (t) => {
	const repeated: string[] = [];
	const own = { macs: new Set([ROUTER]), byAddress: new Map([[GATEWAY, ROUTER]]) };
	const watch = new SpoofWatch({
		own: () => own,
		leaseholder: (address) => (address === ADDRESS ? ANN : undefined),
		onRepeated: (address) => repeated.push(address),
	});
	const says = (mac: MacAddress, address: string, nowMs: number) =>
		watch.heard({ address, claimed: mac, claimant: mac, how: 'arp' }, nowMs);
	t.truthy(says(EVE, ADDRESS, 0));
	t.deepEqual(repeated, [], 'it is told');
	t.is(says(EVE, ADDRESS, 1000), undefined);
	t.is(says(EVE, ADDRESS, 2000), undefined);
	t.is(says(ANN, ADDRESS, 3000), undefined);
	t.truthy(says(EVE, GATEWAY, 3000));
	t.is(says(EVE, GATEWAY, 4000), undefined);
	t.deepEqual(repeated, [ADDRESS, ADDRESS]);
});

test('an address that somebody answers for is nobody else’s', (t) => {
	const { says } = scene();
	t.is(says(ANN, ADDRESS), undefined);
	t.like(says(EVE, ADDRESS, 30_000), { target: 'neighbour', owner: ANN, claimant: EVE });
	t.is(says(ANN, ADDRESS, 31_000), undefined, 'the owner stays the owner');
});

test('an address that was silent for long may have a new owner', (t) => {
	const { says } = scene();
	says(ANN, ADDRESS);
	t.is(says(BOB, ADDRESS, 60_000), undefined);
	t.like(says(ANN, ADDRESS, 61_000), { owner: BOB, claimant: ANN });
});

test('a lease goes before what was heard: also a silent owner is an owner', (t) => {
	const { says, leases } = scene({ [ADDRESS]: ANN });
	t.like(says(EVE, ADDRESS, 10_000_000), { target: 'neighbour', owner: ANN });
	leases[ADDRESS] = BOB;
	t.is(says(BOB, ADDRESS, 10_000_001), undefined, 'the telephone has come back with another hardware address');
});

test('who lies about a third one is named beside it', (t) => {
	const { watch, says } = scene();
	says(ANN, ADDRESS);
	t.like(watch.heard({ address: ADDRESS, claimed: BOB, claimant: EVE, how: 'nd' }, 0), {
		owner: ANN,
		claimed: BOB,
		claimant: EVE,
	});
});

test('a flood of invented addresses is forgotten again, and takes no more memory than it is given', (t) => {
	const { says } = scene();
	says(ANN, ADDRESS);
	for (let index = 0; index < 10_000; index++) says(EVE, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, 1);
	t.is(says(BOB, ADDRESS, 2), undefined, 'what was known before the flood is unknown after it');
	t.truthy(says(EVE, GATEWAY, 3), 'the router is never forgotten');
});
