import test from 'ava';
import { macAddressBytes } from '../../../agent/core/mac-address.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import type { Sender } from '../../../agent/dataplane/address-bindings.ts';
import { type Asked, neighbourProbe } from '../../../agent/dataplane/neighbour-probe.ts';
import {
	AF_INET,
	encodeLink,
	encodeNeighbour,
	ipAddressBytes,
	type NeighbourState,
	type NetlinkConnection,
	type NetlinkMessage,
	type NetlinkRequest,
	RTM_DELNEIGH,
	RTM_GETLINK,
	RTM_GETNEIGH,
	RTM_NEWNEIGH,
} from '../../../agent/netlink/index.ts';

const ANN = '02:00:5e:10:00:01' as MacAddress;
const BOB = '02:00:5e:10:00:02' as MacAddress;
const ADDRESS = '192.0.2.7';
const at: Sender = { mac: ANN, address: ADDRESS, device: 'br-lan' };

type Entry = { mac?: MacAddress; state: NeighbourState } | undefined;

/** A kernel whose entry is what `entryAt` says, so many milliseconds after the question. Of a device that is no bridge. */
async function ask(
	whom: Asked,
	entryAt: (ms: number, wasAll: boolean) => Entry,
	{ address = ADDRESS, snoops = false, refusal = '' } = {},
) {
	const link = { interfaceIndex: 3, name: 'br-lan', up: true, ...(snoops ? { isSnooping: true as const } : {}) };
	let ms = 0;
	let wasAll = false;
	const view = (buffer: Buffer, type: number): NetlinkMessage => {
		return { buffer, type, flags: 0, sequence: 0, start: 0, end: buffer.length };
	};
	const route = {
		request: async ({ type, payload }: NetlinkRequest) => {
			// Of an entry that is there already nothing has to be made.
			const isMade = type === RTM_NEWNEIGH && (payload[10] as number) !== 0;
			if (isMade && refusal !== '') {
				throw new OctroiError('netlink_refused', refusal, { cause: [{ errno: refusal, index: 0 }] });
			}
			if (type === RTM_NEWNEIGH && (payload[10] as number) !== 0) wasAll = true;
			if (type === RTM_DELNEIGH) wasAll = false;
		},
		get: async ({ type, payload }: NetlinkRequest) => {
			if (type === RTM_GETLINK) return [view(encodeLink(link), type)];
			if (type !== RTM_GETNEIGH || payload[0] !== AF_INET) return [];
			const entry = entryAt(ms, wasAll);
			if (entry === undefined) return [];
			const bytes = entry.mac === undefined ? {} : { mac: macAddressBytes(entry.mac) };
			const row = { family: AF_INET, interfaceIndex: 3, state: entry.state };
			return [view(encodeNeighbour(row, { address: ipAddressBytes(ADDRESS), ...bytes }), RTM_NEWNEIGH)];
		},
	} as object as NetlinkConnection;
	const after = (delayMs: number, call: () => void) => {
		ms += delayMs;
		setImmediate(call);
	};
	const probe = neighbourProbe({ route, after });
	return { ...(await probe({ ...at, address }, whom)), wasAll };
}

test('who answers is there, and nobody else is asked', async (t) => {
	const found = await ask('everybody', (ms) => ({ mac: ANN, state: ms < 30 ? 'probe' : 'reachable' }));
	t.like(found, { answered: true, isUnclear: false, wasAll: false });
});

test('who is silent is asked through everybody before that counts', async (t) => {
	const silent = await ask('everybody', (_, wasAll) =>
		wasAll ? { state: 'incomplete' } : { mac: ANN, state: 'probe' },
	);
	t.like(silent, { answered: false, isUnclear: false, wasAll: true });
	const heard = await ask('everybody', (ms, wasAll) =>
		ms > 300 && wasAll ? { mac: ANN, state: 'reachable' } : { state: 'incomplete' },
	);
	t.true(heard.answered);
	t.false((await ask('it', () => ({ mac: ANN, state: 'probe' }))).wasAll);
});

test('a further device that answers the question to everybody, once, makes nothing unclear', async (t) => {
	let answers = 0;
	const found = await ask('everybody', (_, wasAll) =>
		wasAll && answers++ === 0 ? { mac: BOB, state: 'reachable' } : { mac: ANN, state: 'probe' },
	);
	t.like(found, { answered: false, isUnclear: false });
});

test('whoever says again and again that the address is his makes silence of nothing', async (t) => {
	for (const isTurned of [
		() => true,
		(ms: number) => ms <= 200,
		(ms: number) => ms > 200 && ms < 1200,
		(ms: number) => ms === 10,
	]) {
		const found = await ask('everybody', (ms) => ({
			mac: isTurned(ms) ? BOB : ANN,
			state: isTurned(ms) ? 'reachable' : 'probe',
		}));
		t.like(found, { answered: false, isUnclear: true });
	}
	const answered = await ask('everybody', (ms) =>
		ms < 500 ? { mac: BOB, state: 'stale' } : { mac: ANN, state: 'reachable' },
	);
	t.like(answered, { answered: true, isUnclear: false });
});

test('silence at an address of IPv6 says nothing behind a bridge that keeps multicast back', async (t) => {
	const silence = () => undefined;
	t.true((await ask('everybody', silence, { address: '2001:db8::7', snoops: true })).isUnclear);
	t.false((await ask('everybody', silence, { address: '2001:db8::7' })).isUnclear);
	t.false((await ask('everybody', silence, { snoops: true })).isUnclear);
});

test('a kernel that has no room to ask says nothing of who is there; one that has no such network does', async (t) => {
	const silence = () => ({ mac: ANN, state: 'probe' }) as const;
	for (const refusal of ['ENOBUFS', 'ENOMEM']) {
		t.like(await ask('everybody', silence, { refusal }), { answered: false, isUnclear: true }, refusal);
	}
	t.like(await ask('everybody', silence, { refusal: 'ENODEV' }), { answered: false, isUnclear: false });
});
