import test from 'ava';
import {
	decodeLink,
	decodeLinkEvent,
	encodeLink,
	type NetlinkMessage,
	RTM_DELLINK,
} from '../../../agent/netlink/index.ts';

const view = (buffer: Buffer): NetlinkMessage => {
	return { buffer, type: RTM_DELLINK, flags: 0, sequence: 0, start: 0, end: buffer.length };
};

test('a port of a bridge names its bridge', (t) => {
	const port = { interfaceIndex: 4, name: 'lan1', up: true, masterIndex: 2 };
	const bytes = encodeLink(port, Buffer.from('02005e1000fe', 'hex'));
	t.deepEqual(decodeLinkEvent(view(bytes)), { event: 'deleted', link: { ...port, mac: '02:00:5e:10:00:fe' as never } });
});

test('an interface without a link layer has no address', (t) => {
	t.deepEqual(decodeLink(view(encodeLink({ interfaceIndex: 5, name: 'wg0', up: false }))), {
		interfaceIndex: 5,
		name: 'wg0',
		up: false,
	});
});

test('a message that is shorter than its header is netlink_malformed', (t) => {
	t.throws(() => decodeLink(view(Buffer.alloc(15))), { code: 'netlink_malformed' });
});

test('a bridge that snoops multicast says so', (t) => {
	const bridge = { interfaceIndex: 2, name: 'br-lan', up: true, isSnooping: true } as const;
	t.deepEqual(decodeLink(view(encodeLink(bridge))), bridge);
});
