import test from 'ava';
import { ipAddressBytes, ipAddressText } from '../../../agent/netlink/ip-address.ts';

const spellings: [string, string][] = [
	['cb007107', '203.0.113.7'],
	['20010db8011300000000000000000007', '2001:db8:113::7'],
	['00000000000000000000000000000000', '::'],
	['00000000000000000000000000000001', '::1'],
	['fe800000000000000000000000000000', 'fe80::'],
	['20010db8000000010000000000000001', '2001:db8:0:1::1'],
	['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
	['20010db8000100010001000100010001', '2001:db8:1:1:1:1:1:1'],
	['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
];
for (const [hex, text] of spellings) {
	test(`${hex} is ${text}`, (t) => {
		t.is(ipAddressText(Buffer.from(hex, 'hex')), text);
		t.is(ipAddressBytes(text).toString('hex'), hex);
	});
}

test('another length is netlink_malformed', (t) => {
	t.throws(() => ipAddressText(Buffer.alloc(6)), { code: 'netlink_malformed' });
});
