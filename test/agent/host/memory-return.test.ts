import { getHeapSpaceStatistics } from 'node:v8';
import test from 'ava';
import { silentLog } from '../../../agent/core/log.ts';
import { returnMemory } from '../../../agent/host/memory-return.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const MIB = 2 ** 20;
const LOOK_MS = 15_000;

function scene({ tookMs = 30 } = {}) {
	const clock = new FakeClock();
	const machine = { resident: 80 * MIB, cpuMs: 0, given: 0 };
	const stop = returnMemory({
		clock,
		log: silentLog,
		residentBytes: () => machine.resident,
		cpuMs: () => machine.cpuMs,
		giveBack: () => {
			machine.given++;
			machine.resident = 82 * MIB;
			machine.cpuMs += tookMs;
		},
	});
	const look = async (residentMib: number, cpuMs = 0) => {
		machine.resident = residentMib * MIB;
		machine.cpuMs += cpuMs;
		await clock.pass(LOOK_MS);
		return machine.given;
	};
	return { look, stop };
}

test('memory is given back when a burst is over, and not while there is something to do', async (t) => {
	const { look } = scene();
	t.is(await look(120, 5000), 0);
	t.is(await look(120, 751), 0, 'more than a twentieth of a core');
	t.is(await look(120, 750), 1);
	t.is(await look(82), 1);
});

test('a little is not worth it: four mebibytes above the least are', async (t) => {
	const { look } = scene();
	t.is(await look(83), 0);
	t.is(await look(78), 0);
	t.is(await look(81), 0);
	t.is(await look(82), 1);
});

test('a large heap is left to V8: to collect it at once would take too long', async (t) => {
	const { look } = scene();
	t.is(await look(129), 0);
	t.is(await look(128), 1);
});

test('it takes at most a thousandth of the time, on a slow processor too', async (t) => {
	const { look } = scene({ tookMs: 300 });
	t.is(await look(120), 1);
	for (let waitedMs = LOOK_MS; waitedMs < 300_000; waitedMs += LOOK_MS) t.is(await look(120), 1, `${waitedMs}`);
	t.is(await look(120), 2);
});

test('what is still there afterwards is in use: it is not tried again for that', async (t) => {
	const { look } = scene();
	t.is(await look(90), 1);
	for (let looks = 0; looks < 100; looks++) t.is(await look(85), 1);
	t.is(await look(86), 2);
});

test('it ends', async (t) => {
	const { look, stop } = scene();
	stop();
	t.is(await look(500), 0);
});

test('pages of the heap with few objects left are given back, not only what is empty', async (t) => {
	const pagesBytes = () =>
		getHeapSpaceStatistics().find((one) => one.space_name === 'old_space')?.physical_space_size ?? 0;
	const objects: (object | undefined)[] = Array.from({ length: 300_000 }, (_, index) => ({
		index,
		pair: [index, index],
	}));
	const clock = new FakeClock();
	let resident = 0;
	const stop = returnMemory({ clock, log: silentLog, residentBytes: () => resident, cpuMs: () => 0 });
	resident = 60 * MIB;
	// Once while they live: they are old now.
	await clock.pass(LOOK_MS);
	const most = pagesBytes();
	for (let index = 0; index < objects.length; index++) if (index % 10 > 0) objects[index] = undefined;
	resident = 120 * MIB;
	await clock.pass(LOOK_MS);
	stop();
	const live = objects.filter((one) => one !== undefined).length;
	t.is(live, 30_000);
	t.true(pagesBytes() < most / 2, `${pagesBytes()} of ${most}`);
});
