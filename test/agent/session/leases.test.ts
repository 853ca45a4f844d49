import test from 'ava';
import { type Lease, parseLeases } from '../../../agent/session/leases.ts';

const LEASE = '1791000000 02:00:5e:10:00:01 10.1.0.17 phone 01:02:00:5e:10:00:01';
const PARSED = {
	mac: '02:00:5e:10:00:01',
	address: '10.1.0.17',
	name: 'phone',
	clientId: '01:02:00:5e:10:00:01',
	expiresSeconds: 1_791_000_000,
} as Lease;

const { clientId: _, ...UNNAMED } = PARSED;

const parses = test.macro({
	exec: (t, text: string, expected: readonly object[]) => t.deepEqual(parseLeases(text), expected as Lease[]),
	title: (title) => `a lease file: ${title}`,
});

test('nothing', parses, '', []);
test('one lease', parses, `${LEASE}\n`, [PARSED]);
test('a last line that is only half written', parses, `${LEASE}\n1791000000 02:00:5e:10:00:02 10.1.0.1`, [PARSED]);
test('a lease without a name', parses, '1791000000 02:00:5e:10:00:01 10.1.0.17 * *\n', [
	{ ...UNNAMED, name: undefined },
]);
test('a lease for ever', parses, '0 02:00:5e:10:00:01 10.1.0.17 phone *\n', [{ ...UNNAMED, expiresSeconds: 0 }]);
test('a MAC address in capitals', parses, `${LEASE.replace('5e', '5E')}\n`, [PARSED]);
test(
	'DHCPv6 leases and the duid of the server',
	parses,
	`duid 00:01:00:01:2c:5e\n1791000000 5904 2001:db8:113::17 phone 00:01\n${LEASE}\n`,
	[PARSED],
);
test('another link layer', parses, `1791000000 06-02:00:5e:10:00:01 10.1.0.17 x *\n${LEASE}\n`, [PARSED]);
test('a group address', parses, '1791000000 01:00:5e:10:00:01 10.1.0.17 x *\n', []);
test('an address that is none', parses, '1791000000 02:00:5e:10:00:01 10.1.0.999 x *\n', []);
test('an expiry that is none', parses, 'never 02:00:5e:10:00:01 10.1.0.17 x *\n', []);
test('fields that are missing', parses, `1791000000\n\n \n1791000000 02:00:5e:10:00:01\n${LEASE}\n`, [PARSED]);
test('line ends of another system', parses, `${LEASE}\r\n`, [PARSED]);
test('a line of a megabyte', parses, `${LEASE}${'x'.repeat(1 << 20)}\n${LEASE}\n`, [PARSED]);
test('megabytes of blanks', parses, `${' '.repeat(4 << 20)}\n${LEASE}\n`, [PARSED]);
test(
	'bytes of no text',
	parses,
	`${Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) & 255)).toString('utf8')}\n${LEASE}\n`,
	[PARSED],
);
