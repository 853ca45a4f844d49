import test from 'ava';
import { readArpClaim, readNeighbourClaim } from '../../../agent/sensor/address-claim.ts';
import { readEthernetFrame } from '../../../agent/sensor/ethernet-frame.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { arpReply, neighbourAdvertisement } from '../../lab/frames/ethernet.ts';

const ENDS = { source: '02:00:5e:10:00:02', destination: '02:00:5e:10:00:03' };
const LIE = { ...ENDS, mac: '02:00:5e:10:00:09' };

function claimOf(bytes: Buffer) {
	const frame = readEthernetFrame(bytes);
	if (frame === undefined) return undefined;
	return frame.type === 0x0806 ? readArpClaim(frame) : readNeighbourClaim(frame);
}

test('an ARP packet claims the address of its sender, whoever sends the frame', (t) => {
	t.deepEqual(claimOf(arpReply({ ...LIE, address: '10.77.0.1', askedBy: '10.77.0.3' })), {
		address: '10.77.0.1',
		claimed: LIE.mac as never,
		claimant: ENDS.source as never,
		how: 'arp',
	});
});

test('a probe, whether an address is free, claims nothing', (t) => {
	t.is(claimOf(arpReply({ ...LIE, address: '0.0.0.0', askedBy: '10.77.0.3' })), undefined);
});

test('a neighbour advertisement claims its target', (t) => {
	t.deepEqual(claimOf(neighbourAdvertisement({ ...LIE, address: '2001:db8:10::1', askedBy: 'fe80::3' })), {
		address: '2001:db8:10::1',
		claimed: LIE.mac as never,
		claimant: ENDS.source as never,
		how: 'nd',
	});
});

test('what has come over a hop is believed by nobody', (t) => {
	const frame = neighbourAdvertisement({ ...LIE, address: '2001:db8:10::1', askedBy: 'fe80::3' });
	frame[14 + 7] = 254;
	t.is(claimOf(frame), undefined);
});

test('a router advertisement offers its sender as the router', (t) => {
	const frame = neighbourAdvertisement({ ...LIE, address: 'fe80::2', askedBy: 'ff02::1' });
	frame[14 + 40] = 134;
	t.like(claimOf(frame), { how: 'router', address: 'fe80::2' });
});

test('frames that are cut or garbled never throw', (t) => {
	const random = new SeededRandom(7);
	for (const frame of [
		arpReply({ ...LIE, address: '10.77.0.1', askedBy: '10.77.0.3' }),
		neighbourAdvertisement({ ...LIE, address: '2001:db8:10::1', askedBy: 'fe80::3' }),
	]) {
		for (let length = 0; length < frame.length; length++) t.notThrows(() => claimOf(frame.subarray(0, length)));
		for (let round = 0; round < 5000; round++) {
			const hostile = Buffer.from(frame);
			for (let count = 0; count < 4; count++) hostile[random.between(0, frame.length - 1)] = random.between(0, 255);
			claimOf(hostile);
		}
	}
});
