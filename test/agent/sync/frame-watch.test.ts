import test from 'ava';
import { FrameWatch } from '../../../agent/sync/frame-watch.ts';

/** MQTT 3.1.1, 2.2.3, table 2.4: the length of a packet in one to four bytes. */
const header = (length: number): number[] => {
	const bytes: number[] = [];
	for (let rest = length; ; rest = Math.floor(rest / 128)) {
		bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
		if (rest < 128) return [0x30, ...bytes];
	}
};

for (const length of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
	test(`packets of ${length} bytes pass, wherever the stream is cut`, (t) => {
		const packet = Buffer.concat([Buffer.from(header(length)), Buffer.alloc(length, 0xff)]);
		const stream = Buffer.concat([packet, packet, packet]);
		for (const size of [1, 3, 1000, stream.length]) {
			const watch = new FrameWatch(70_000);
			for (let at = 0; at < stream.length; at += size) {
				t.is(watch.follow(stream.subarray(at, at + size)), undefined);
			}
		}
	});
}

test('a packet that is too large is told by its header', (t) => {
	const watch = new FrameWatch(1000);
	t.is(watch.follow(Buffer.from(header(1000))), undefined);
	t.is(watch.follow(Buffer.alloc(1000)), undefined);
	t.is(watch.follow(Buffer.from(header(1001))), 1001);
	const cut = new FrameWatch(1000);
	const [type, first, ...others] = header(268_435_455) as [number, number, ...number[]];
	t.is(cut.follow(Buffer.from([type, first])), undefined);
	t.is(cut.follow(Buffer.from(others)), 268_435_455);
});
