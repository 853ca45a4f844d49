import test from 'ava';
import { ProductSimulation } from './product-simulation.ts';
import { onManySeeds } from './seeds.ts';

test('no order of purchases, transfers, use, expiry and crashes creates or destroys a unit of any product', (t) =>
	onManySeeds(t, ProductSimulation, { seeds: 8, steps: 300 }));
