import test from 'ava';
import { encodeObject, type NetlinkMessage, NFT_MSG_NEWOBJ, visitCounters } from '../../../agent/netlink/index.ts';

function seen(name: string, patch: (payload: Buffer) => void = () => {}): number[][] {
	const buffer = encodeObject({ kind: 'counter', table: 'octroi', name, bytes: 2 ** 53 - 1, packets: 3, useCount: 1 });
	patch(buffer);
	const message: NetlinkMessage = { buffer, type: NFT_MSG_NEWOBJ, flags: 0, sequence: 1, start: 0, end: buffer.length };
	const calls: number[][] = [];
	visitCounters(message, (...call) => calls.push(call));
	return calls;
}

test('letter, number, bytes and packets', (t) => {
	t.deepEqual(seen('d65535'), [[0x64, 65535, 2 ** 53 - 1, 3]]);
	t.deepEqual(seen('u0'), [[0x75, 0, 2 ** 53 - 1, 3]]);
});

for (const name of ['u', 'uplink', 'u12x', 'u-1', 'u1 ']) {
	test(`the name "${name}" is not a meter's and is passed over`, (t) => {
		t.deepEqual(seen(name), []);
	});
}

test('a counter that is not exact in a number is netlink_malformed, never rounded', (t) => {
	const tooLarge = (payload: Buffer) => {
		payload.writeUInt32BE(0x20_0000, payload.length - 12 - 8);
		payload.writeUInt32BE(0, payload.length - 12 - 4);
	};
	t.throws(() => seen('u1', tooLarge), { code: 'netlink_malformed' });
});
