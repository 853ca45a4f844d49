import test from 'ava';
import { parseNamed } from '../../../agent/status/why-command.ts';

test('a device is named as programs and people write it', (t) => {
	t.deepEqual(parseNamed(' 02-00-5E-10-00-01 '), { mac: '02:00:5e:10:00:01' } as object);
	t.deepEqual(parseNamed('192.0.2.10\n'), { address: '192.0.2.10' });
	t.deepEqual(parseNamed('FE80::1%br-lan'), { address: 'fe80::1' });
	t.deepEqual(parseNamed('::ffff:192.0.2.10'), { address: '192.0.2.10' });
	t.deepEqual(parseNamed('2001:DB8::10'), { address: '2001:db8::10' });
});

test('what is no device is refused with what it is', (t) => {
	t.throws(() => parseNamed('ff:ff:ff:ff:ff:ff'), { message: /group or null address, not a station's/ });
	t.throws(() => parseNamed('01:00:5e:00:00:fb'), { message: /group or null/ });
	t.throws(() => parseNamed('00:00:00:00:00:00'), { message: /group or null/ });
	for (const text of ['', 'room-12', '192.0.2', '02:00:5e:10:00', '::ffff:x', 'a'.repeat(500)]) {
		t.throws(() => parseNamed(text), { code: 'invalid_value', message: /no MAC address and no IP address/ } as object);
	}
});
