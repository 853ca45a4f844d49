import test from 'ava';
import { AttributeCursor, AttributeWriter } from '../../../agent/netlink/attribute.ts';

const family = Buffer.from([1, 0, 0, 0]);
const cursorOf = (hex: string) => {
	const bytes = Buffer.from(hex, 'hex');
	return new AttributeCursor(bytes, 0, bytes.length);
};

test('a string is padded to four bytes, and its length counts header and terminating zero', (t) => {
	t.is(new AttributeWriter(family).string(1, 'octroi').payload().toString('hex', 4), '0b0001006f6374726f690000');
});

test('64-bit numbers keep every bit up to 2^53 - 1', (t) => {
	const payload = new AttributeWriter(family).u64be(1, Number.MAX_SAFE_INTEGER).payload();
	t.is(payload.toString('hex', 4), '0c000100001fffffffffffff');
	const cursor = new AttributeCursor(payload, 4, payload.length);
	t.true(cursor.next());
	t.is(cursor.u64be(), Number.MAX_SAFE_INTEGER);
	t.throws(() => new AttributeWriter(family).u64be(1, 2 ** 53), { code: 'invalid_value' });
	t.throws(() => new AttributeWriter(family).u64be(1, -1), { code: 'invalid_value' });
});

test('the writer grows past its first guess and keeps what it has', (t) => {
	const writer = new AttributeWriter(family, 8);
	for (let number = 0; number < 1000; number++) writer.u32be(number & 0xff, number);
	const cursor = new AttributeCursor(writer.payload(), 4, writer.length);
	for (let number = 0; number < 1000; number++) {
		t.true(cursor.next());
		t.is(cursor.u32be(), number);
	}
	t.false(cursor.next());
});

test('nested attributes are read as they were written', (t) => {
	const payload = new AttributeWriter(family).nested(4, (inner) => inner.u32be(1, 7).string(2, 'x')).payload();
	const outer = new AttributeCursor(payload, 4, payload.length);
	t.true(outer.next());
	const inner = outer.nested();
	t.true(inner.next());
	t.deepEqual([inner.type, inner.u32be()], [1, 7]);
	t.true(inner.next());
	t.deepEqual([inner.type, inner.string()], [2, 'x']);
	t.false(inner.next());
});

test('an attribute that is too long for its 16-bit length is refused', (t) => {
	const writer = new AttributeWriter(family);
	t.throws(() => writer.bytes(1, Buffer.alloc(0x10000)), { code: 'invalid_value' });
	t.throws(() => writer.nested(1, (inner) => inner.bytes(1, Buffer.alloc(40_000)).bytes(2, Buffer.alloc(40_000))), {
		code: 'invalid_value',
	});
});

test('flag bits of the type are not part of it', (t) => {
	const cursor = cursorOf('08000480' + '00000001');
	t.true(cursor.next());
	t.is(cursor.type, 4);
});

const broken: [string, string][] = [
	['a length of zero', '00000100'],
	['a length shorter than its own header', '0300010000000000'],
	['a length past the end', '09000100' + '00000000'],
	['half a header', '0800'],
];
for (const [what, hex] of broken) {
	test(`${what} is netlink_malformed`, (t) => {
		t.throws(() => cursorOf(hex).next(), { code: 'netlink_malformed' });
	});
}

test('a number of another size is netlink_malformed', (t) => {
	const cursor = cursorOf('06000100ffff0000');
	t.true(cursor.next());
	t.throws(() => cursor.u32be(), { code: 'netlink_malformed' });
	t.is(cursor.u16be(), 0xffff);
});
