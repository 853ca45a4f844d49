import test from 'ava';
import type { MacAddress, MeterId } from '../../../agent/core/units.ts';
import { newMeterState } from '../../../agent/meter/pool.ts';
import { Traffic } from '../../../agent/meter/traffic.ts';

const station = () => newMeterState({ meter: 1 as MeterId, mac: '02:00:5e:10:00:01' as MacAddress, session: 's1' });

test('each class is counted by itself, and tethered traffic is the traffic of its station', (t) => {
	const traffic = new Traffic();
	const state = station();
	traffic.noteUp(state, 100);
	traffic.noteDown(state, 1000);
	traffic.noteTethered(state, 'down', 50);
	traffic.noteFree(state, 'up', 7);
	traffic.noteFree(state, 'down', 70);
	t.like(traffic, { up: 100, down: 1050, tethered: { up: 0, down: 50 }, free: { up: 7, down: 70 } });
});

test('a reading that is older than another adds nothing', (t) => {
	const traffic = new Traffic();
	const state = station();
	traffic.noteFree(state, 'down', 70);
	traffic.noteFree(state, 'down', 60);
	traffic.noteUp(state, 9);
	traffic.noteUp(state, 8);
	t.like(traffic, { up: 9, free: { up: 0, down: 70 } });
	t.is(state.free.down, 70);
});

test('whoever moves zero-rated bytes is among those that moved', (t) => {
	const traffic = new Traffic();
	const state = station();
	traffic.moved = new Set();
	traffic.noteFree(state, 'up', 1);
	t.deepEqual([...traffic.moved], [state]);
});
