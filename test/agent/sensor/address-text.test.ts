import { SocketAddress } from 'node:net';
import test from 'ava';
import { addressText } from '../../../agent/sensor/address-text.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { addressBytes } from '../../lab/frames/ip-packet.ts';

test('addresses are written as Node writes those of its interfaces', (t) => {
	for (const address of [
		'10.77.0.1',
		'::',
		'::1',
		'fe80::1',
		'2001:db8::1:0:0:1',
		'2001:db8:0:1:1:1:1:1',
		'1::',
		'1:0:0:2::3',
	]) {
		t.is(addressText(addressBytes(address)), address);
	}
	const random = new SeededRandom(1);
	for (let round = 0; round < 500; round++) {
		const words = Array.from({ length: 8 }, () => (random.between(0, 1) ? 0 : random.between(0, 0xffff)).toString(16));
		const { address } = new SocketAddress({ address: words.join(':'), family: 'ipv6' });
		// inet_ntop writes addresses of this kind with dots; no interface has one.
		if (!address.includes('.')) t.is(addressText(addressBytes(address)), address);
	}
});
