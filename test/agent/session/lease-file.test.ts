import test from 'ava';
import { readLeaseFile } from '../../../agent/session/lease-file.ts';
import type { Lease } from '../../../agent/session/leases.ts';

const PHONE = { mac: '02:00:5e:10:00:01', address: '10.1.0.17', name: 'phone', expiresSeconds: 1_791_000_000 } as Lease;
const LAPTOP = { mac: '02:ab:5e:10:00:0c', address: '10.1.0.18', name: undefined, expiresSeconds: 0 } as Lease;
/** As the main branch of June 2026 writes it on OpenWrt (musl). */
const ODHCPD = [
	'# br-lan 02:00:5E:10:00:01 ipv4 phone 1791000000 a010011 32 10.1.0.17/32',
	'# br-lan 02:AB:5E:10:00:0C ipv4 - -1 a010012 32 10.1.0.18/32',
	'# br-lan 00010001deadbeef02005e100001 7b3ae2c1 phone 1791000000 11 128 fd00:113::11/128 2001:db8:113::11/128',
	'',
].join('\n');
/** As OpenWrt 24.10 and before writes it: names for the resolver in between, a blank at the end of leases of IPv6. */
const ODHCPD_24_10 = [
	'# br-lan 00030001ab005e100001 1 broken\\x20a phone 1791000000 11 128 fd00:113::11/128 ',
	'10.1.0.17\tphone.lan\tphone',
	'# br-lan 02005e100001 ipv4 phone 1791000000 a010011 32 10.1.0.17/32',
	'# br-lan 02ab5e10000c ipv4 broken\\x20my laptop -1 a010012 32 10.1.0.18/32',
	'',
].join('\n');
const DNSMASQ = '1791000000 02:00:5e:10:00:01 10.1.0.17 phone *\n';
const DUID = 'duid 00:01:00:01:2c:5e:aa:bb:02:00:5e:10:00:ff\n';

const reads = test.macro({
	exec: (t, text: string, leases: readonly Lease[]) => t.deepEqual(readLeaseFile(text), { leases }),
	title: (title) => `the leases are read from ${title}`,
});
test('an empty file', reads, '', []);
test('a file of empty lines', reads, '\n\n', []);
test('a line that is half written', reads, '1791000000 02:00:5e', []);
test('dnsmasq’s file', reads, DNSMASQ, [PHONE]);
test('dnsmasq’s file with its DUID line', reads, `${DNSMASQ}${DUID}1791000000 5904 2001:db8:113::17 phone 00:01\n`, [
	PHONE,
]);
test('dnsmasq’s file with nothing but its DUID line', reads, DUID, []);
test('dnsmasq’s file after a line that makes no sense', reads, `?\n${DNSMASQ}`, [PHONE]);
test('odhcpd’s state file', reads, ODHCPD, [PHONE, LAPTOP]);
test('odhcpd’s state file of OpenWrt 24.10', reads, ODHCPD_24_10, [PHONE, LAPTOP]);
test('odhcpd’s state file with the spelling of glibc', reads, ODHCPD.replace('02:00:5E:10:00:01', '2:0:5e:10:0:1'), [
	PHONE,
	LAPTOP,
]);
test('odhcpd’s state file with a lease that is over', reads, ODHCPD.replace(' 1791000000 a010011', ' 0 a010011'), [
	LAPTOP,
]);
test('odhcpd’s state file whose last line is half written', reads, `${ODHCPD}# br-lan 02:00:5E:10:00:02 ipv4 - 1 a0`, [
	PHONE,
	LAPTOP,
]);
test('odhcpd’s state file with a name in escapes', reads, ODHCPD.replace('ipv4 phone', 'ipv4 broken\\x20a\\x20b'), [
	{ ...PHONE, name: undefined },
	LAPTOP,
]);
test('odhcpd’s state file with a group address', reads, ODHCPD.replace('02:00:5E', '01:00:5E'), [LAPTOP]);
test('odhcpd’s state file with an address that is another', reads, ODHCPD.replace('10.1.0.17/32', '10.1.0.19/32'), [
	LAPTOP,
]);

const problem = test.macro({
	exec(t, text: string, expected: RegExp, leases: readonly Lease[] = []) {
		const read = readLeaseFile(text);
		t.deepEqual(read.leases, leases);
		t.regex(read.problem ?? '', expected);
	},
	title: (title) => `the operator is told of ${title}`,
});
const ISC = `# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 10.1.0.17 {
  starts 2 2026/12/01 10:00:00;
  ends 2 2026/12/01 22:00:00;
  hardware ethernet 02:00:5e:10:00:01;
}
`;
const KEA = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
10.1.0.17,02:00:5e:10:00:01,,3600,1791000000,1,0,0,phone,0,,0
`;
test(
	'ISC’s file',
	problem,
	ISC,
	/is a file of ISC's DHCP server .* expected is the lease file of dnsmasq .* or of odhcpd/,
);
test('Kea’s file', problem, KEA, /is a file of Kea's/);
test('Kea’s file of IPv6', problem, 'address,duid,valid_lifetime,expire\n', /is a file of Kea's/);
test('JSON', problem, '{ "leases": [] }\n', /is a JSON text/);
test('busybox’s file', problem, `${'\0'.repeat(8)}\u0002\0^\u0010\n`, /busybox's udhcpd/);
test('another text', problem, 'hello\nworld\n', /in a format that is not known: no lease is read/);
test('a file of hosts', problem, '127.0.0.1 localhost\n::1 localhost\n', /format that is not known/);
test('odhcpd’s file of hosts', problem, '10.1.0.17\tphone.lan\tphone\n', /has names for the resolver, and no lease/);
test(
	'odhcpd’s state file with leases of IPv6 only',
	problem,
	'# br-lan 00010001deadbeef02005e100001 7b3ae2c1 - 1791000000 11 128 fd00:113::11/128\n',
	/has only IPv6 leases of odhcpd/,
);

const FORGED = '# br-lan 02:00:5E:99:99:99 ipv4 x 1791000000 a010017 32 10.1.0.23/32';
for (const [how, name] of [
	['a whole line', `a\n${FORGED}\nb`],
	['a whole line, with a comment after it', `a\n${FORGED}\n# br-lan`],
	['a line that closes, and another one', `a\nb 1 a010011 32 10.1.0.17/32\n${FORGED}\n# c d ipv4 e\n`],
	["a line of dnsmasq's", 'a\n1791000000 02:00:5e:99:99:99 10.1.0.23 x *\nb'],
] as const) {
	test(
		`a client’s name with line ends (${how}) that forges a lease of another`,
		problem,
		ODHCPD.replace('ipv4 phone', `ipv4 broken\\x20${name}`),
		/come from the name of a client.*update odhcpd/,
		[LAPTOP],
	);
}
