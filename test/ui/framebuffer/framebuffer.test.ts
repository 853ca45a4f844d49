import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { Framebuffer, type PixelFile } from '../../../ui/framebuffer/framebuffer.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

/** The memory of a device that takes a few bytes at a time, waits if it is told to, and may vanish. */
class FakeDevice implements PixelFile {
	readonly memory = Buffer.alloc(200);
	readonly writes: number[] = [];
	bytesMax = 1000;
	isGone = false;
	hold: Promise<void> | undefined;

	async write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }> {
		await this.hold;
		if (this.isGone) {
			throw Object.assign(new Error('gone'), { code: 'ENODEV' });
		}
		const count = Math.min(length, this.bytesMax);
		bytes.copy(this.memory, position, offset, offset + count);
		this.writes.push(count);
		return { bytesWritten: count };
	}

	async close(): Promise<void> {}
}

function setup(): { device: FakeDevice; framebuffer: Framebuffer; clock: FakeClock; lost: string[] } {
	const device = new FakeDevice();
	const clock = new FakeClock();
	const lost: string[] = [];
	const framebuffer = new Framebuffer({
		path: '/dev/fb0',
		timers: clock,
		onLost: (reason) => lost.push(reason),
		openFile: async () => {
			if (device.isGone) {
				throw Object.assign(new Error('gone'), { code: 'ENOENT' });
			}
			return device;
		},
	});
	framebuffer.start();
	return { device, framebuffer, clock, lost };
}

async function settle(): Promise<void> {
	for (let turn = 0; turn < 30; turn += 1) {
		await nextTurn();
	}
}

const frameOf = (value: number) => Buffer.alloc(200, value);

test('only what changed is written', async (t) => {
	const { device, framebuffer } = setup();
	framebuffer.show(frameOf(1));
	await settle();
	const next = frameOf(1);
	next[100] = 7;
	framebuffer.show(next);
	await settle();
	t.deepEqual(device.writes, [200, 1]);
	t.deepEqual(device.memory, next);
	t.is(framebuffer.writtenBytes, 201);
});

test('a device that takes less than it is given gets the rest', async (t) => {
	const { device, framebuffer } = setup();
	device.bytesMax = 30;
	framebuffer.show(frameOf(2));
	await settle();
	t.deepEqual(device.memory, frameOf(2));
});

test('while a frame is being written, only the newest waits', async (t) => {
	const { device, framebuffer } = setup();
	let release = () => {};
	device.hold = new Promise((resolve) => {
		release = resolve;
	});
	for (let value = 1; value <= 50; value += 1) {
		framebuffer.show(frameOf(value));
	}
	await settle();
	release();
	await settle();
	t.true(device.writes.length <= 2);
	t.deepEqual(device.memory, frameOf(50));
});

test('a device that vanishes is drawn whole again when it is back', async (t) => {
	const { device, framebuffer, clock, lost } = setup();
	framebuffer.show(frameOf(1));
	await settle();
	device.isGone = true;
	framebuffer.show(frameOf(2));
	await settle();
	t.deepEqual(lost, ['ENODEV']);
	framebuffer.show(frameOf(3));
	await clock.pass(5000, settle);
	t.deepEqual(lost, ['ENODEV', 'ENOENT']);
	device.isGone = false;
	device.memory.fill(0);
	framebuffer.show(frameOf(3));
	await clock.pass(5000, settle);
	t.deepEqual(device.memory, frameOf(3));
});

test('a device that is full says that the size is wrong', async (t) => {
	const { device, framebuffer, lost } = setup();
	device.bytesMax = 0;
	framebuffer.show(frameOf(1));
	await settle();
	t.regex(lost[0] as string, /is the size right/);
});

test('after the stop nothing is written', async (t) => {
	const { device, framebuffer, clock } = setup();
	framebuffer.stop();
	framebuffer.stop();
	framebuffer.show(frameOf(1));
	await settle();
	t.deepEqual(device.writes, []);
	t.is(clock.pending, 0);
});
