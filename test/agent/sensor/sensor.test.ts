import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { FrameTurns } from '../../../agent/sensor/frame-turns.ts';
import { type Hears, Sensor } from '../../../agent/sensor/sensor.ts';
import type { Spoof } from '../../../agent/sensor/spoof-watch.ts';
import type { Observation } from '../../../agent/tether/flow-classifier.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { arpReply, dhcpDiscover, ethernetFrame } from '../../lab/frames/ethernet.ts';
import { dnsQuery, synPacket } from '../tether/packets.ts';
import { FakeDevice } from './fake-reader.ts';

const [ANN, EVE] = ['02:00:5e:10:00:01', '02:00:5e:10:00:03'] as MacAddress[] as [MacAddress, MacAddress];
const ADDRESS = '10.77.0.9';
const toRouter = { source: ANN, destination: '02:00:5e:10:ff:01' };

function scene(hears: Hears) {
	const clock = new FakeClock();
	const device = new FakeDevice();
	const leases = new Map([[ADDRESS, ANN]]);
	const observed: [MacAddress, Observation][] = [];
	const spoofs: Spoof[] = [];
	const problems: (string | undefined)[] = [];
	const sensor = new Sensor({
		devices: ['br-lan'],
		open: device.open,
		turns: new FrameTurns(clock),
		clock,
		log: silentLog,
		classifier: { observe: (station, observation) => observed.push([station, observation]) },
		hears,
		leaseholder: (address) => leases.get(address),
		onSpoof: (spoof) => spoofs.push(spoof),
		onProblem: (problem) => problems.push(problem),
	});
	return { clock, device, leases, observed, spoofs, problems, sensor };
}

test('a request for an address says what the station is, and only its own does', async (t) => {
	const { clock, device, observed, sensor } = scene('neighbours');
	sensor.start();
	device.waiting.push(dhcpDiscover(ANN, 'android-dhcp-14', [1, 3]));
	const relayed = dhcpDiscover(ANN, 'MSFT 5.0', [1, 3]);
	Buffer.from(EVE.replaceAll(':', ''), 'hex').copy(relayed, 6);
	device.waiting.push(relayed);
	await clock.pass(200);
	t.deepEqual(observed, [[ANN, { kind: 'dhcp', fingerprint: { vendorClass: 'android-dhcp-14', parameters: [1, 3] } }]]);
	t.is(device.opened, 1, 'no flows are listened to');
	sensor.stop();
	t.is(clock.pending, 0);
});

test('a claim of the address of a leaseholder is told and counted', async (t) => {
	const { clock, device, spoofs, sensor } = scene('neighbours');
	sensor.start();
	device.waiting.push(arpReply({ source: EVE, destination: ANN, address: ADDRESS, mac: EVE, askedBy: '10.77.0.1' }));
	await clock.pass(200);
	t.is(spoofs.length, 0, 'the lease may be on its way');
	await clock.pass(1000);
	t.like(spoofs[0], { owner: ANN, claimant: EVE, address: ADDRESS });
	t.deepEqual(sensor.spoofs, { gateway: 0, neighbour: 1, router: 0, dhcp: 0 });
	sensor.stop();
});

for (const [hears, kinds] of [
	['names', ['name']],
	['flows', ['flow', 'flow']],
] as const) {
	test(`where it is to hear ${hears}, that is what the classifier is told`, async (t) => {
		const { clock, device, observed, sensor } = scene(hears);
		sensor.start();
		// The second reader is that of flows; the fake device gives what waits to whoever reads first.
		await clock.pass(50);
		const { onFrame } = device.options as NonNullable<typeof device.options>;
		for (const packet of [dnsQuery('captive.apple.com'), synPacket('linux', 64)]) {
			const bytes = ethernetFrame(toRouter, packet);
			onFrame({ bytes, wireBytes: bytes.length, seconds: 0, microseconds: 0 });
		}
		t.deepEqual(
			observed.map(([, { kind }]) => kind),
			[...kinds],
		);
		sensor.stop();
	});
}

test('one station cannot take the attention from the others', async (t) => {
	const { clock, device, observed, sensor } = scene('neighbours');
	sensor.start();
	for (let index = 0; index < 200; index++) device.waiting.push(dhcpDiscover(EVE, 'PS5', [index]));
	device.waiting.push(dhcpDiscover(ANN, 'PS5', [1]));
	await clock.pass(200);
	t.true(observed.length < 100);
	t.true(observed.some(([station]) => station === ANN));
	t.is(sensor.figures.shed, 201 - observed.length);
	sensor.stop();
});

test('what it cannot hear is told once, and when it hears again', async (t) => {
	const { clock, device, problems, sensor } = scene('neighbours');
	device.isThere = false;
	sensor.start();
	await clock.pass(1000);
	t.deepEqual(problems, ['nothing is heard on br-lan: No such device exists']);
	device.isThere = true;
	await clock.pass(5000);
	t.deepEqual(problems.slice(1), [undefined]);
	for (let index = 0; index < 1000; index++) device.waiting.push(dhcpDiscover(EVE, 'PS5', [1]));
	await clock.pass(2000);
	t.regex(problems.at(-1) ?? '', /^a flood of frames/);
	await clock.pass(20_000);
	t.is(problems.at(-1), undefined);
	sensor.stop();
});

test('an address that has just been given to somebody else is no spoofing', async (t) => {
	const { clock, device, leases, spoofs, sensor } = scene('neighbours');
	sensor.start();
	device.waiting.push(arpReply({ source: EVE, destination: ANN, address: ADDRESS, mac: EVE, askedBy: '10.77.0.1' }));
	await clock.pass(200);
	leases.set(ADDRESS, EVE);
	await clock.pass(2000);
	t.deepEqual(spoofs, []);
	sensor.stop();
	t.is(clock.pending, 0);
});
