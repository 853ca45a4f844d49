import test from 'ava';
import { readDhcpRequest } from '../../../agent/sensor/dhcp-request.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { dhcpDiscover } from '../../lab/frames/ethernet.ts';

const MAC = '02:00:5e:10:00:01';
const HEADERS_BYTES = 14 + 20 + 8;
const message = (vendorClass?: string) => dhcpDiscover(MAC, vendorClass, [1, 3, 6]).subarray(HEADERS_BYTES);

test('a request says who asks, as what, and for what', (t) => {
	t.deepEqual(readDhcpRequest(message('android-dhcp-14')), {
		client: MAC as never,
		fingerprint: { vendorClass: 'android-dhcp-14', parameters: [1, 3, 6] },
	});
	t.deepEqual(readDhcpRequest(message())?.fingerprint, { parameters: [1, 3, 6] });
});

test("an answer of a server is no request, and what is no DHCP isn't either", (t) => {
	const answer = Buffer.from(message());
	answer[0] = 2;
	t.is(readDhcpRequest(answer), undefined);
	const bootp = Buffer.from(message());
	bootp.writeUInt32BE(0, 236);
	t.is(readDhcpRequest(bootp), undefined);
});

test('requests that are cut or garbled never throw, and what is kept of them is bounded', (t) => {
	const random = new SeededRandom(3);
	const whole = message('x'.repeat(200));
	for (let length = 0; length <= whole.length; length++) readDhcpRequest(whole.subarray(0, length));
	for (let round = 0; round < 5000; round++) {
		const hostile = Buffer.from(whole);
		for (let count = 0; count < 5; count++) hostile[random.between(240, whole.length - 1)] = random.between(0, 255);
		const fingerprint = readDhcpRequest(hostile)?.fingerprint;
		if ((fingerprint?.vendorClass?.length ?? 0) > 64 || (fingerprint?.parameters.length ?? 0) > 64) t.fail();
	}
	t.is(readDhcpRequest(whole)?.fingerprint.vendorClass?.length, 64);
});
