import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { runLcd } from '../../../ui/lcd/run-lcd.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { examplePicture, FakeAgent } from './fake-agent.ts';

test('a framebuffer is drawn from what the agent streams, and left as it is at the end', async (t) => {
	const directory = mkdtempSync(join(tmpdir(), 'octroi-lcd-'));
	const agent = new FakeAgent({ directory, picture: examplePicture(), intervalMs: 50 });
	await agent.start();
	const clock = new FakeClock();
	const stop = new AbortController();
	const path = join(directory, 'panel');
	const said: string[] = [];
	const running = runLcd({
		socket: join(directory, 'status.sock'),
		lcdd: undefined,
		framebuffer: {
			path,
			geometry: { width: 128, height: 64, format: 'mono-lsb', strideBytes: 16 },
			rotateDegrees: 0,
			isInverted: false,
			isOrbiting: false,
			page: 'overview',
		},
		account: undefined,
		wifi: undefined,
		portal: undefined,
		restAfterMs: undefined,
		timer: clock,
		random: () => 0.5,
		report: (text) => said.push(text),
		stop: stop.signal,
	});
	// The line below the head goes over the whole width once there are figures; while it starts there is none.
	const isDrawn = () => {
		const pixels = said.length > 0 ? readFileSync(path) : Buffer.alloc(0);
		return pixels.length === 128 * 8 && pixels.subarray(11 * 16, 12 * 16).every((byte) => byte === 0xff);
	};
	while (!isDrawn()) {
		await clock.pass(100, nextTurn);
		await nextTurn();
	}
	stop.abort();
	await running;
	t.is(readFileSync(path).length, 128 * 8);
	t.deepEqual(said, [`drawing on ${path}`]);
	await agent.stop();
	rmSync(directory, { recursive: true });
});
