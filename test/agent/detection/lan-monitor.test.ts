import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { Warnings } from '../../../agent/core/warnings.ts';
import { LanMonitor } from '../../../agent/detection/lan-monitor.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { arpReply, ethernetFrame } from '../../lab/frames/ethernet.ts';
import { ipPacket, udpSegment } from '../../lab/frames/ip-packet.ts';
import { FakeDevice } from '../sensor/fake-reader.ts';
import { synPacket } from '../tether/packets.ts';

const [OWNER, EVE] = ['02:00:5e:10:00:01', '02:00:5e:10:00:03'] as MacAddress[] as [MacAddress, MacAddress];
const ADDRESS = '10.77.0.9';
const LIE = arpReply({ source: EVE, destination: OWNER, address: ADDRESS, mac: EVE, askedBy: '10.77.0.1' });

function scene({ enabled = true, load }: { enabled?: boolean; load?: () => never } = {}) {
	const clock = new FakeClock();
	const device = new FakeDevice();
	const warnings = new Warnings();
	const lanMonitor = new LanMonitor({
		config: {
			devices: { metered: ['br-lan'], free: [] },
			sensor: { enabled, signatures: '/nonexistent/p0f.fp' },
			tethered: { detect: true } as never,
		},
		clock,
		log: silentLog,
		warnings,
		stations: { leaseholder: () => OWNER },
		load: load ?? (() => ({ version: 'fake', open: device.open })),
	});
	return { clock, device, warnings, lanMonitor };
}

const missing = (): never => {
	throw new OctroiError('feature_missing', 'libpcap cannot be used: no such file', { fix: 'install libpcap' });
};

test('without libpcap the agent says so, and judges flows all the same', (t) => {
	const { warnings, lanMonitor } = scene({ load: missing });
	lanMonitor.start({ hasQueue: true });
	t.deepEqual(warnings.list(), ['the sensor does not run: libpcap cannot be used: no such file']);
	t.is(lanMonitor.classifier.classify(EVE, synPacket('linux', 63)), 'tethered');
	t.throws(() => lanMonitor.capture.start({ mac: EVE, seconds: 1, snapBytes: 64 }), { code: 'feature_missing' });
	t.deepEqual(lanMonitor.figures, {
		frames: 0,
		floods: 0,
		shed: 0,
		spoofs: { gateway: 0, neighbour: 0, router: 0, dhcp: 0 },
	});
	lanMonitor.stop();
});

test('a sensor that is switched off loads nothing, and opens nothing', (t) => {
	const { clock, warnings, lanMonitor } = scene({ enabled: false, load: missing });
	lanMonitor.start({ hasQueue: true });
	t.deepEqual([warnings.list(), clock.pending], [[], 0]);
	lanMonitor.stop();
});

test('spoofing is a warning with both hardware addresses, for ten minutes after it was heard last', async (t) => {
	const { clock, device, warnings, lanMonitor } = scene();
	lanMonitor.start({ hasQueue: true });
	device.waiting.push(LIE);
	await clock.pass(1500);
	t.deepEqual(warnings.list(), [`station ${EVE} claims ${ADDRESS}, which is leased to ${OWNER}`]);
	t.is(lanMonitor.figures.spoofs.neighbour, 1);
	await clock.pass(300_000);
	device.waiting.push(LIE);
	await clock.pass(400_000);
	t.is(warnings.list().length, 1, 'it was heard again');
	await clock.pass(300_000);
	t.deepEqual(warnings.list(), []);
	lanMonitor.stop();
	t.is(clock.pending, 0);
});

test('another router, and another DHCP server, are said to be that, and nothing of this router', async (t) => {
	const { clock, device, warnings, lanMonitor } = scene();
	lanMonitor.start({ hasQueue: true });
	device.waiting.push(advertisement(EVE, 'fe80::3'), dhcpAnswer(EVE, '10.9.9.1'));
	await clock.pass(1500);
	t.deepEqual(warnings.list(), [
		`station ${EVE} sends router advertisements from fe80::3: hosts may send by it instead of this router`,
		`station ${EVE} answers as a DHCP server from 10.9.9.1: hosts may take addresses of it`,
	]);
	t.like(lanMonitor.figures.spoofs, { gateway: 0, neighbour: 0, router: 1, dhcp: 1 });
	await clock.pass(601_000);
	t.deepEqual(warnings.list(), []);
	lanMonitor.stop();
	t.is(clock.pending, 0);
});

/** RFC 4861, 4.2, without options. */
function advertisement(source: string, address: string): Buffer {
	const bytes = Buffer.from('86000000400007080000000000000000', 'hex');
	const packet = ipPacket(
		{ source: address, destination: 'ff02::1', hopLimit: 255 },
		{ protocol: 58, bytes, checksumAt: 2 },
	);
	return ethernetFrame({ source, destination: '33:33:00:00:00:01' }, packet);
}

/** RFC 2131, 2: a reply with its cookie; what it offers does not matter. */
function dhcpAnswer(source: string, address: string): Buffer {
	const message = Buffer.alloc(300);
	message.set([2, 1, 6]);
	message.writeUInt32BE(0x63825363, 236);
	const segment = udpSegment({ sourcePort: 67, destinationPort: 68 }, message);
	return ethernetFrame(
		{ source, destination: OWNER },
		ipPacket({ source: address, destination: '10.77.0.9', hopLimit: 64 }, segment),
	);
}
