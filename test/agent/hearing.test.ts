import test from 'ava';
import { AgentWarnings } from '../../agent/agent-warnings.ts';
import { silentLog } from '../../agent/core/log.ts';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import type { MacAddress } from '../../agent/core/units.ts';
import { Hearing } from '../../agent/hearing.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { arpReply } from '../lab/frames/ethernet.ts';
import { FakeDevice } from './sensor/fake-reader.ts';
import { synPacket } from './tether/packets.ts';

const [OWNER, EVE] = ['02:00:5e:10:00:01', '02:00:5e:10:00:03'] as MacAddress[] as [MacAddress, MacAddress];
const ADDRESS = '10.77.0.9';
const LIE = arpReply({ source: EVE, destination: OWNER, address: ADDRESS, mac: EVE, askedBy: '10.77.0.1' });

function scene({ enabled = true, load }: { enabled?: boolean; load?: () => never } = {}) {
	const clock = new FakeClock();
	const device = new FakeDevice();
	const warnings = new AgentWarnings();
	const hearing = new Hearing({
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
	return { clock, device, warnings, hearing };
}

const missing = (): never => {
	throw new OctroiError('feature_missing', 'libpcap cannot be used: no such file', { fix: 'install libpcap' });
};

test('without libpcap the agent says so, and judges flows all the same', (t) => {
	const { warnings, hearing } = scene({ load: missing });
	hearing.start({ hasQueue: true });
	t.deepEqual(warnings.list(), ['the sensor does not run: libpcap cannot be used: no such file']);
	t.is(hearing.classifier.classify(EVE, synPacket('linux', 63)), 'tethered');
	t.throws(() => hearing.capture.start({ mac: EVE, seconds: 1, snapBytes: 64 }), { code: 'feature_missing' });
	t.deepEqual(hearing.figures, { frames: 0, floods: 0, shed: 0, spoofs: { gateway: 0, neighbour: 0 } });
	hearing.stop();
});

test('a sensor that is switched off loads nothing, and opens nothing', (t) => {
	const { clock, warnings, hearing } = scene({ enabled: false, load: missing });
	hearing.start({ hasQueue: true });
	t.deepEqual([warnings.list(), clock.pending], [[], 0]);
	hearing.stop();
});

test('spoofing is a warning with both hardware addresses, for ten minutes after it was heard last', async (t) => {
	const { clock, device, warnings, hearing } = scene();
	hearing.start({ hasQueue: true });
	device.waiting.push(LIE);
	await clock.pass(1500);
	t.deepEqual(warnings.list(), [`station ${EVE} claims ${ADDRESS}, which is that of another station (${OWNER})`]);
	t.is(hearing.figures.spoofs.neighbour, 1);
	await clock.pass(300_000);
	device.waiting.push(LIE);
	await clock.pass(400_000);
	t.is(warnings.list().length, 1, 'it was heard again');
	await clock.pass(300_000);
	t.deepEqual(warnings.list(), []);
	hearing.stop();
	t.is(clock.pending, 0);
});
