import test from 'ava';
import {
	AF_BRIDGE,
	AF_INET,
	AF_INET6,
	decodeNeighbour,
	decodeNeighbourEvent,
	deleteNeighbour,
	encodeNeighbour,
	type NetlinkMessage,
	type NetlinkRequest,
	NTF_USE,
	RTM_DELNEIGH,
	RTM_NEWLINK,
	resolveNeighbour,
} from '../../../agent/netlink/index.ts';

const mac = Buffer.from('02005e100007', 'hex');
const view = (buffer: Buffer, type = RTM_DELNEIGH): NetlinkMessage => {
	return { buffer, type, flags: 0, sequence: 0, start: 0, end: buffer.length };
};

test('a neighbour that is gone names its address, its station and its interface', (t) => {
	const row = { family: AF_INET, interfaceIndex: 3, state: 'stale' } as const;
	t.deepEqual(decodeNeighbourEvent(view(encodeNeighbour(row, { address: Buffer.from([203, 0, 113, 7]), mac }))), {
		event: 'deleted',
		neighbour: { ...row, address: '203.0.113.7', mac: '02:00:5e:10:00:07' as never },
	});
});

test("a bridge's forwarding entry has no address, an unresolved neighbour no station", (t) => {
	const entry = { family: AF_BRIDGE, interfaceIndex: 3, state: 'permanent' } as const;
	t.is(decodeNeighbour(view(encodeNeighbour(entry, { mac }))).address, undefined);
	const unresolved = { family: AF_INET, interfaceIndex: 3, state: 'incomplete' } as const;
	t.is(decodeNeighbour(view(encodeNeighbour(unresolved, { address: Buffer.alloc(4) }))).mac, undefined);
});

test('other messages are no neighbour events', (t) => {
	t.is(decodeNeighbourEvent(view(Buffer.alloc(16), RTM_NEWLINK)), undefined);
});

test('whether a neighbour is forgotten or asked for, the message names it, and no hardware address', (t) => {
	const read = ({ payload }: NetlinkRequest) => decodeNeighbour(view(payload));
	for (const [address, family] of [
		['203.0.113.7', AF_INET],
		['2001:db8::7', AF_INET6],
	] as const) {
		const named = { family, interfaceIndex: 3, state: 'none', address } as const;
		t.deepEqual(read(deleteNeighbour(3, address)), named);
		t.deepEqual(read(resolveNeighbour(3, address)), named);
		t.is(resolveNeighbour(3, address).payload[10], NTF_USE);
	}
});
