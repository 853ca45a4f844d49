import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Simulation } from './simulation.ts';

/** Memory instead of a disk: power cuts of the database are the ledger's own tests. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/**
 * Runs a simulation on seed after seed; the first that fails is named.
 *
 * One seed again: OCTROI_SEED=17 npx ava build/test/agent/meter/simulation.test.js
 * More of them: OCTROI_SEEDS=500 OCTROI_STEPS=20000 …
 */
export async function onManySeeds(
	t: ExecutionContext,
	Venue: typeof Simulation,
	defaults: { seeds: number; steps: number },
): Promise<void> {
	const only = process.env.OCTROI_SEED;
	const first = Number(only ?? process.env.OCTROI_FIRST_SEED ?? 1);
	const count = only === undefined ? Number(process.env.OCTROI_SEEDS ?? defaults.seeds) : 1;
	const steps = Number(process.env.OCTROI_STEPS ?? defaults.steps);
	let followed = 0;
	for (let seed = first; seed < first + count; seed += 1) {
		const folder = mkdtempSync(join(place, 'octroi-simulation-'));
		try {
			const venue = new Venue(seed, join(folder, 'ledger.db'));
			await venue.run(steps);
			followed += venue.figures.followed;
		} catch (error) {
			t.fail(`seed ${seed} (OCTROI_SEED=${seed} OCTROI_STEPS=${steps}):\n${(error as Error).message}`);
			return;
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}
	t.true(followed > 0 || only !== undefined, 'records ended, and others followed');
}
