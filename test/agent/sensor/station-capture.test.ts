import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import type { MacAddress } from '../../../agent/core/units.ts';
import { FrameTurns } from '../../../agent/sensor/frame-turns.ts';
import { StationCapture } from '../../../agent/sensor/station-capture.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { arpReply } from '../../lab/frames/ethernet.ts';
import { FakeDevice } from './fake-reader.ts';

const MAC = '02:00:5e:10:00:01' as MacAddress;
const OTHER = '02:00:5e:10:00:02';
const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;

function scene() {
	const clock = new FakeClock();
	const device = new FakeDevice();
	const turns = new FrameTurns(clock);
	let ids = 0;
	const capture = new StationCapture({
		devices: ['br-lan'],
		open: () => device.open,
		turns,
		clock,
		log: silentLog,
		newId: () => `c${++ids}`,
	});
	const frame = (source: string) =>
		arpReply({ source, destination: 'ff:ff:ff:ff:ff:ff', address: '10.0.0.2', mac: source, askedBy: '10.0.0.1' });
	return { clock, device, capture, frame };
}

test("what a station sends comes as a pcap file, in parts, and others' frames do not", async (t) => {
	const { clock, device, capture, frame } = scene();
	const first = capture.start({ mac: MAC, seconds: 2, snapBytes: 32 });
	t.is(first.data.length, FILE_HEADER_BYTES);
	t.is(first.data.readUInt32LE(0), 0xa1b2c3d4);
	await clock.pass(200);
	device.waiting.push(frame(MAC), frame(OTHER), frame(MAC));
	await clock.pass(200);
	const part = capture.read(first.capture);
	t.like(part, { frames: 2, missed: 0, isDone: false });
	t.is(part.data.length, 2 * (FRAME_HEADER_BYTES + 32), 'cut to what was asked for');
	t.deepEqual([part.data.readUInt32LE(8), part.data.readUInt32LE(12)], [32, 60]);
	await clock.pass(2000);
	device.waiting.push(frame(MAC));
	const last = capture.read(first.capture);
	t.like(last, { frames: 2, isDone: true });
	t.is(device.closed, 1);
	t.throws(() => capture.read(first.capture), { code: 'not_found' });
});

test('there is one capture at a time, until nobody fetches it any more', async (t) => {
	const { clock, capture } = scene();
	const { capture: id } = capture.start({ mac: MAC, seconds: 60, snapBytes: 64 });
	await clock.pass(5000);
	capture.read(id);
	t.throws(() => capture.start({ mac: MAC, seconds: 1, snapBytes: 64 }), { code: 'not_allowed' });
	await clock.pass(10_000);
	t.is(capture.start({ mac: MAC, seconds: 1, snapBytes: 64 }).capture, 'c2');
	await clock.pass(11_000);
	t.throws(() => capture.read('c2'), { code: 'not_found' });
	t.is(clock.pending, 0, 'nothing goes on by itself');
});

test('what nobody fetches is bounded, and what is missing is counted', async (t) => {
	const { clock, device, capture, frame } = scene();
	const { capture: id } = capture.start({ mac: MAC, seconds: 60, snapBytes: 60 });
	for (let turn = 0; turn < 8; turn++) {
		for (let index = 0; index < 4000; index++) device.waiting.push(frame(MAC));
		await clock.pass(100);
	}
	const part = capture.read(id);
	t.true(part.data.length <= 1024 * 1024);
	t.is(part.frames + part.missed, 32_000);
	t.is(part.floods, 0);
});

test('a device that cannot be heard is told', async (t) => {
	const { clock, device, capture } = scene();
	device.isThere = false;
	const { capture: id } = capture.start({ mac: MAC, seconds: 60, snapBytes: 60 });
	await clock.pass(200);
	t.throws(() => capture.read(id), { code: 'feature_missing', message: /No such device/ });
});
