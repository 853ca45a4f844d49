import { createInterface } from 'node:readline';
import { Random } from '../random.ts';
import { SimulatedAccessPoint } from './simulated-access-point.ts';

/**
 * `access-points FIRST COUNT URL KEY DIRECTORY`: so many simulated access points in one process. On stdin `use` (each station uses
 * something), `read` and `stop`; one JSON object a line on stdout.
 */
const [first, count, url, keyText, directory] = process.argv.slice(2) as [string, string, string, string, string];
const [kid, x] = keyText.split(':') as [string, string];
/** Connections that are made at once: a broker's queue of those that knock is short. */
const AT_ONCE = 50;

const random = new Random(Number(first) + 1);
const fleet: SimulatedAccessPoint[] = [];
for (let number = Number(first); number < Number(first) + Number(count); number++) {
	fleet.push(new SimulatedAccessPoint({ name: `ap-${number}`, directory, url, key: { kid, x } }));
}
for (let index = 0; index < fleet.length; index += AT_ONCE) {
	const some = fleet.slice(index, index + AT_ONCE);
	await Promise.all(some.map((ap) => ap.start()));
	while (!some.every((ap) => ap.isConnected)) await new Promise((resume) => setTimeout(resume, 20));
}
say();

for await (const line of createInterface({ input: process.stdin })) {
	if (line === 'use') for (const ap of fleet) ap.use(random.between(0, 100_000), random.between(1, 1_000_000));
	if (line === 'stop') break;
	say();
}
await Promise.all(fleet.map((ap) => ap.stop()));
process.exit();

function say(): void {
	const reading = {
		connected: fleet.filter((ap) => ap.isConnected).length,
		usedBytes: fleet.reduce((sum, ap) => sum + ap.usedBytes, 0),
		waiting: fleet.reduce((sum, ap) => sum + ap.waiting, 0),
	};
	process.stdout.write(`${JSON.stringify(reading)}\n`);
}
