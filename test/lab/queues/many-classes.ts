import { silentLog } from '../../../agent/core/log.ts';
import { classOf } from '../../../agent/shaping/class-rate.ts';
import { Shaper } from '../../../agent/shaping/shaper.ts';

/**
 * `many-classes.js COUNT DOWN UP`: makes classes for so many pools on two devices of its namespace, adopts them as a second agent
 * does, and leaves them. Prints one JSON object.
 */
const [count = '0', down = '', up = ''] = process.argv.slice(2);
const rates = { up: 62_500, down: 62_500 };
const classes = new Map(
	Array.from({ length: Number(count) }, (_, index) => [classOf('slow', 5000 - index), rates] as const),
);

async function run(): Promise<number> {
	const options = { metered: [down], uplinks: () => [up], log: silentLog, onProblem: () => undefined };
	const shaper = new Shaper(options);
	await shaper.start();
	const began = performance.now();
	shaper.wantOnly(classes);
	await shaper.settled();
	const milliseconds = performance.now() - began;
	shaper.stop();
	return milliseconds;
}

const makeMs = await run();
const adoptMs = await run();
process.stdout.write(`${JSON.stringify({ makeMs, adoptMs })}\n`);
process.exit(0);
