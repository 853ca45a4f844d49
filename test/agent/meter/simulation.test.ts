import test from 'ava';
import { onManySeeds } from './seeds.ts';
import { Simulation } from './simulation.ts';

test('no random history breaks the books, gives anything away, or gets stuck', (t) =>
	onManySeeds(t, Simulation, { seeds: 30, steps: 600 }));
