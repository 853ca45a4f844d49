import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { FrameSource } from '../../../agent/sensor/frame-source.ts';
import { FakeDevice } from './fake-reader.ts';

const PER_TURN = 8;

function scene(onFrame: (bytes: Buffer) => void = () => undefined) {
	const device = new FakeDevice();
	const heard: Buffer[] = [];
	const source = new FrameSource({
		open: device.open,
		log: silentLog,
		device: 'br-lan',
		filter: 'arp',
		snapBytes: 64,
		bufferBytes: 4096,
		isPromiscuous: false,
		isInboundOnly: true,
		framesPerTurnMax: PER_TURN,
		onFrame: ({ bytes }) => {
			heard.push(bytes);
			onFrame(bytes);
		},
	});
	const arrive = (count: number) => {
		for (let index = 0; index < count; index++) device.waiting.push(Buffer.alloc(60));
	};
	return { device, source, heard, arrive };
}

test('a turn reads what is there', (t) => {
	const { source, heard, arrive } = scene();
	source.turn(0);
	arrive(PER_TURN);
	source.turn(100);
	t.is(heard.length, PER_TURN);
	t.deepEqual(source.figures, { frames: PER_TURN, floods: 0 });
});

test('a flood ends the turn, is counted, and is listened to again after a pause', (t) => {
	const { device, source, heard, arrive } = scene();
	source.turn(0);
	arrive(1000);
	source.turn(100);
	t.is(heard.length, PER_TURN);
	t.deepEqual([device.opened, device.closed, source.figures.floods], [1, 1, 1]);
	source.turn(200);
	t.is(heard.length, PER_TURN, 'not yet');
	device.waiting.length = 0;
	arrive(3);
	source.turn(1200);
	t.deepEqual([device.opened, heard.length], [2, PER_TURN + 3]);
});

test('a device that is not there is looked for again, and one that goes too', (t) => {
	const { device, source, heard, arrive } = scene();
	device.isThere = false;
	source.turn(0);
	t.is(source.problem, 'No such device exists');
	device.isThere = true;
	source.turn(1000);
	t.is(device.opened, 0, 'not at every turn');
	source.turn(5000);
	t.is(source.problem, undefined);
	device.isThere = false;
	source.turn(5100);
	t.is(source.problem, 'the device has gone');
	t.is(device.closed, 1);
	device.isThere = true;
	arrive(1);
	source.turn(10_200);
	t.is(heard.length, 1);
});

test('what was stopped is not opened any more', (t) => {
	const { device, source } = scene();
	source.turn(0);
	source.stop();
	source.stop();
	source.turn(1_000_000);
	t.deepEqual([device.opened, device.closed], [1, 1]);
});

test('a frame that cannot be understood is passed over, and the next one is heard', (t) => {
	const { source, heard, arrive } = scene(() => {
		throw new RangeError('the offset is out of range');
	});
	source.turn(0);
	arrive(3);
	t.notThrows(() => source.turn(100));
	t.is(heard.length, 3);
});
