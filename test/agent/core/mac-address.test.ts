import test from 'ava';
import { macAddressBytes, macAddressOf, parseMacAddress } from '../../../agent/core/mac-address.ts';
import type { OctroiError } from '../../../agent/core/octroi-error.ts';

const is = test.macro({
	exec: (t, text: string) => t.is(parseMacAddress(text), '02:ab:cd:ef:00:01' as never),
	title: (_title, text: string) => `${text} is a MAC address`,
});
for (const text of [
	'02:ab:cd:ef:00:01',
	'02:AB:CD:EF:00:01',
	'02-ab-cd-ef-00-01',
	'02-AB-cd-EF-00-01',
	'02ab.cdef.0001',
	'02AB.CDEF.0001',
	'02abcdef0001',
	'02ABCDEF0001',
]) {
	test(is, text);
}

const isNot = test.macro({
	exec(t, text: string, words: RegExp) {
		const error = t.throws<OctroiError>(() => parseMacAddress(text));
		t.is(error?.code, 'invalid_value');
		t.regex(error?.message ?? '', words);
		t.truthy(error?.fix);
		t.true((error?.message.length ?? 0) < 120);
	},
	title: (_title, text: string) => `${JSON.stringify(text.slice(0, 30))} is none`,
});
for (const text of [
	'',
	'02:ab:cd:ef:00',
	'02:ab:cd:ef:00:01:02',
	'02:ab:cd:ef:00:1',
	'02:ab-cd:ef-00:01',
	'02abc.def.0001',
	'02ab:cdef:0001',
	' 02:ab:cd:ef:00:01',
	'02:ab:cd:ef:00:01\n',
	'02:ab:cd:ef:00:0g',
	'0x02abcdef0001',
	'０２abcdef0001',
	'\u001b[31m02abcdef0001',
	'x'.repeat(1 << 20),
]) {
	test(isNot, text, /is not a MAC address/);
}
for (const text of ['ff:ff:ff:ff:ff:ff', '33:33:00:00:00:01', '01005e000001', '00:00:00:00:00:00']) {
	test(isNot, text, /group or null/);
}

test('an address has six bytes, and they say it again', (t) => {
	const address = parseMacAddress('02abcdef0001');
	t.is(macAddressBytes(address).toString('hex'), '02abcdef0001');
	t.is(macAddressOf(macAddressBytes(address)), address);
});
