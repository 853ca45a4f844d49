import test from 'ava';
import { macAddressBytes } from '../../../agent/core/mac-address.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { BridgePorts, type PortWatch } from '../../../agent/dataplane/bridge-ports.ts';
import {
	AF_BRIDGE,
	encodeNeighbour,
	NETLINK_ROUTE,
	NetlinkEvents,
	type NetlinkSocket,
	RTM_NEWNEIGH,
	type SocketListener,
} from '../../../agent/netlink/index.ts';
import { message } from '../netlink/fake-kernel.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const BOB = '02:00:5e:10:00:02' as MacAddress;
const BRIDGE = 2;

/** Events of a kernel that is told what to say. */
function kernel() {
	let listener: SocketListener | undefined;
	const open = (opened: SocketListener): NetlinkSocket => {
		listener = opened;
		return { close: () => (listener = undefined) } as object as NetlinkSocket;
	};
	const ports = new BridgePorts(new NetlinkEvents({ protocol: NETLINK_ROUTE, groups: [], open }));
	return {
		ports,
		moves: (mac: MacAddress, interfaceIndex: number, bridgeIndex = BRIDGE) => {
			const entry = { family: AF_BRIDGE, interfaceIndex, bridgeIndex, state: 'reachable' } as const;
			listener?.datagram(message(RTM_NEWNEIGH, 0, encodeNeighbour(entry, { mac: macAddressBytes(mac) })));
		},
		loses: () => listener?.lost(),
		isOpen: () => listener !== undefined,
	};
}

test('each port behind which a hardware address is heard meanwhile is known, of its bridge alone', async (t) => {
	const { ports, moves, isOpen } = kernel();
	await ports.during({ bridgeIndex: BRIDGE, mac: ANN }, async (watch) => {
		moves(ANN, 7);
		moves(BOB, 8);
		moves(ANN, 9, 3);
		moves(ANN, 5);
		t.deepEqual([...watch.ports], [7, 5]);
		t.false(watch.isLost);
	});
	t.false(isOpen(), 'nobody listens while nobody asks');
});

test('two who watch at once hear of their own, and the first to end takes nothing from the other', async (t) => {
	const { ports, moves, isOpen } = kernel();
	let end = () => {};
	const first = ports.during({ bridgeIndex: BRIDGE, mac: BOB }, () => new Promise<void>((resolve) => (end = resolve)));
	let seen: PortWatch | undefined;
	await ports.during({ bridgeIndex: BRIDGE, mac: ANN }, async (watch) => {
		seen = watch;
		end();
		await first;
		moves(ANN, 7);
	});
	t.deepEqual([...(seen?.ports ?? [])], [7]);
	t.false(isOpen());
});

test('lost events are not taken for silence', async (t) => {
	const { ports, loses } = kernel();
	const isLost = await ports.during({ bridgeIndex: BRIDGE, mac: ANN }, async (watch) => {
		loses();
		return watch.isLost;
	});
	t.true(isLost);
});

test('what fails while it watches ends the watch', async (t) => {
	const { ports, isOpen } = kernel();
	await t.throwsAsync(
		ports.during({ bridgeIndex: BRIDGE, mac: ANN }, () => Promise.reject(new Error('no'))),
		{
			message: 'no',
		},
	);
	t.false(isOpen());
});
