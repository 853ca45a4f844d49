import { constants } from 'node:os';
import test from 'ava';
import { AttributeWriter } from '../../../agent/netlink/attribute.ts';
import {
	type NetlinkMessage,
	NLMSG_ERROR,
	NLMSGERR_ATTR_MSG,
	NLMSGERR_ATTR_OFFS,
	refusalOf,
} from '../../../agent/netlink/index.ts';
import { errnoName, readAnswer } from '../../../agent/netlink/refusal.ts';

/** NLMSG_ERROR with the kernel's words, after as many bytes of our message as it repeats. */
function refusal(echoedBytes: number, flags: number): NetlinkMessage {
	const head = Buffer.alloc(4 + echoedBytes);
	head.writeInt32LE(-constants.errno.EINVAL);
	head.writeUInt32LE(56, 4);
	const buffer = new AttributeWriter(head)
		.string(NLMSGERR_ATTR_MSG, 'no such thing')
		.u32le(NLMSGERR_ATTR_OFFS, 20)
		.payload();
	return { buffer, type: NLMSG_ERROR, flags, sequence: 1, start: 0, end: buffer.length };
}

test("the kernel's words are found behind our header, and behind our whole message when that is repeated", (t) => {
	const expected = { error: constants.errno.EINVAL, text: 'no such thing', offset: 20 };
	t.deepEqual(readAnswer(refusal(16, 0x300)), expected);
	t.deepEqual(readAnswer(refusal(56, 0x200)), expected);
	t.deepEqual(readAnswer(refusal(56, 0)), { ...expected, text: undefined, offset: undefined });
});

test('a repeated message whose length lies is netlink_malformed', (t) => {
	const message = refusal(56, 0x200);
	for (const length of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 4096]) {
		message.buffer.writeUInt32LE(length, 4);
		t.throws(() => readAnswer(message), { code: 'netlink_malformed' });
	}
});

test('error numbers have the names that the kernel uses', (t) => {
	t.is(errnoName(constants.errno.EOPNOTSUPP), 'EOPNOTSUPP');
	t.is(errnoName(constants.errno.EAGAIN), 'EAGAIN');
	t.is(errnoName(9999), 'errno 9999');
});

test('every other error has no refusals', (t) => {
	t.deepEqual(refusalOf(new Error('x')), []);
	t.deepEqual(refusalOf(undefined), []);
});
