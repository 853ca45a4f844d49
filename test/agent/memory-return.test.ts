import test from 'ava';
import { silentLog } from '../../agent/core/log.ts';
import { returnMemory } from '../../agent/memory-return.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const MIB = 2 ** 20;
const LOOK_MS = 15_000;

function scene() {
	const clock = new FakeClock();
	const machine = { resident: 80 * MIB, cpuMs: 0, collected: 0, collectMs: 0 };
	const stop = returnMemory({
		clock,
		log: silentLog,
		residentBytes: () => machine.resident,
		cpuMs: () => machine.cpuMs,
		collect: () => {
			machine.collected++;
			clock.skip(machine.collectMs);
			machine.resident = 82 * MIB;
		},
	});
	const look = async (resident: number, cpuMs = 0) => {
		machine.resident = resident * MIB;
		machine.cpuMs += cpuMs;
		await clock.pass(LOOK_MS);
		return machine.collected;
	};
	return { look, stop, machine };
}

test('memory is given back when a burst is over, and not while there is something to do', async (t) => {
	const { look } = scene();
	t.is(await look(120, 5000), 0);
	t.is(await look(120, 301), 0, 'more than a fiftieth of a core');
	t.is(await look(120, 300), 1);
	t.is(await look(82), 1);
});

test('a little is not worth the pause', async (t) => {
	const { look } = scene();
	t.is(await look(87), 0);
	t.is(await look(120), 1);
});

test('a burst that follows is given back too, and nobody is stopped for more than a thousandth of the time', async (t) => {
	const { look, machine } = scene();
	t.is(await look(120), 1);
	t.is(await look(120), 1);
	t.is(await look(120), 2);
	machine.collectMs = 300;
	t.is(await look(120), 2);
	t.is(await look(120), 3);
	for (let looks = 1; looks <= 20; looks++) t.is(await look(120), 3, `${looks}`);
	t.is(await look(120), 4);
});

test('it ends', async (t) => {
	const { look, stop } = scene();
	stop();
	t.is(await look(500), 0);
});
