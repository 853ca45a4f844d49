import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Simulation } from './simulation.ts';

/**
 * One seed again: OCTROI_SEED=17 npx ava build/test/agent/meter/simulation.test.js
 * More of them: OCTROI_SEEDS=500 OCTROI_STEPS=20000 …
 */
const only = process.env.OCTROI_SEED;
const first = Number(only ?? process.env.OCTROI_FIRST_SEED ?? 1);
const count = only === undefined ? Number(process.env.OCTROI_SEEDS ?? 30) : 1;
const steps = Number(process.env.OCTROI_STEPS ?? 600);
/** Memory instead of a disk: power cuts of the database are the ledger's own tests. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

test('no random history breaks the books, gives anything away, or gets stuck', async (t) => {
	for (let seed = first; seed < first + count; seed += 1) {
		const folder = mkdtempSync(join(place, 'octroi-simulation-'));
		try {
			await new Simulation(seed, join(folder, 'ledger.db')).run(steps);
		} catch (error) {
			t.fail(`seed ${seed} (OCTROI_SEED=${seed} OCTROI_STEPS=${steps}):\n${(error as Error).message}`);
			return;
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}
	t.pass();
});
