import type { Pool } from './pool.ts';
import type { Pools } from './pools.ts';
import type { Renewal } from './renewal.ts';

/**
 * Holds the turns of all pools, so that nothing is on its way to the kernel or to the ledger, and runs `work`.
 *
 * @param prepare waited for with each lot of pools that is held, before `work`
 */
export async function standstill(
	{ pools, renewal }: { pools: Pools; renewal: Renewal },
	prepare: (held: readonly Pool[]) => Promise<void>,
	work: () => void,
): Promise<void> {
	const held = new Set<Pool>();
	const releases: (() => void)[] = [];
	const hold = (pool: Pool) =>
		new Promise<void>((entered) => {
			held.add(pool);
			void renewal.turn(pool, () => {
				entered();
				return new Promise<void>((release) => releases.push(release));
			});
		});
	try {
		const others = () => pools.all().filter((pool) => !held.has(pool));
		// Stations may be attached while we wait.
		for (let lot = others(); lot.length > 0; lot = others()) {
			await Promise.all(lot.map(hold));
			await prepare(lot);
		}
		work();
	} finally {
		for (const release of releases) release();
	}
}
