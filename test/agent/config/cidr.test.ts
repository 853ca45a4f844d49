import test from 'ava';
import fc from 'fast-check';
import { cidrsOverlap, parseCidr } from '../../../agent/config/cidr.ts';

const parses = test.macro({
	exec(t, text: string, family: 4 | 6, expected: string) {
		const range = parseCidr(text, family);
		t.is(`${Buffer.from(range.bytes).toString('hex')}/${range.prefixLength}`, expected);
	},
	title: (_provided, text) => `reads ${text}`,
});

test(parses, '203.0.113.80', 4, 'cb007150/32');
test(parses, '10.0.0.0/8', 4, '0a000000/8');
test(parses, '2001:DB8:113::80', 6, '20010db8011300000000000000000080/128');
test(parses, '2001:db8::/32', 6, '20010db8000000000000000000000000/32');
test(parses, '1:2:3:4:5:6:7:8', 6, '00010002000300040005000600070008/128');
test(parses, '::ffff:192.0.2.1', 6, '00000000000000000000ffffc0000201/128');
test(parses, '::1', 6, '00000000000000000000000000000001/128');

test('every IPv4 range that is built is read back', (t) => {
	fc.assert(
		fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, length) => {
			const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
			const masked = Math.floor(number / 2 ** (32 - length)) * 2 ** (32 - length);
			const text = [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256).join('.');
			return parseCidr(`${text}/${length}`, 4).text === `${text}/${length}`;
		}),
	);
	t.pass();
});

test('every IPv6 address is read as 16 bytes', (t) => {
	fc.assert(fc.property(fc.ipV6(), (address) => parseCidr(address, 6).bytes.length === 16));
	t.pass();
});

test('ranges overlap if one contains the other', (t) => {
	const range = (text: string) => parseCidr(text, 4);
	t.true(cidrsOverlap(range('10.0.0.0/8'), range('10.255.0.0/16')));
	t.true(cidrsOverlap(range('10.1.2.3'), range('10.0.0.0/8')));
	t.false(cidrsOverlap(range('10.0.0.0/9'), range('10.128.0.0/9')));
});
