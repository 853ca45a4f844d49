import { setTimeout as delay } from 'node:timers/promises';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS } from '../until.ts';
import { movedBytes, type Way } from '../ways.ts';

const PAID_BYTES = 10 << 20;
const RUNS = 5;
const STALL_MS = 700;
const STALL_TIMEOUT_MS = HANG_MS;
const LATE_MS = 500;

const WAYS: Way[] = [
	{ protocol: 'tcp', direction: 'down', family: 'ipv4' },
	{ protocol: 'tcp', direction: 'up', family: 'ipv6' },
	{ protocol: 'udp', direction: 'down', family: 'ipv4' },
];

/** Three stations race for one balance. */
export const shared: Scenario = {
	name: 'shared',
	title: '3 stations spend one account at once: Σ delivered ≤ paid, charged = counted',
	figures: {
		...COMPARISON_RULES,
		delivered_to_paid_max: {
			title: 'Σ delivered ÷ paid, largest of all runs',
			bound: { atMost: 1 },
			anywhere: 'both are amounts of bytes',
		},
		delivered_to_paid_min: {
			title: 'Σ delivered ÷ paid, smallest of all runs',
			bound: { atLeast: 0.99 },
			anywhere: 'both are amounts of bytes',
		},
		late_bytes: { title: 'bytes after the cut', bound: { equals: 0 } },
		stations_without_share: { title: 'stations that got nothing at all', bound: { equals: 0 } },
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: WAYS.length }, async (lab) => {
			const agent = await lab.startAgent();
			const ratios: number[] = [];
			let late_bytes = 0;
			let stations_without_share = 0;
			for (let run = 0; run < (isShort ? 2 : RUNS); run++) {
				await agent.admit(
					`family-${run}`,
					'ten-mb',
					lab.stations.map(({ mac }) => mac),
				);
				for (const { mac } of lab.stations) await agent.reaches(mac, 'active');
				const before = await lab.witness.read();
				const flows = await Promise.all(
					lab.stations.map((station, index) => {
						const way = WAYS[(index + run) % WAYS.length] as Way;
						return lab.flow(station, { ...way, bitsPerSecond: way.protocol === 'udp' ? 80_000_000 : undefined });
					}),
				);
				await Promise.all(flows.map((flow) => flow.stalled(STALL_MS, STALL_TIMEOUT_MS)));
				const after = await lab.witness.read();
				await delay(LATE_MS);
				const late = movedBytes(await lab.witness.read()) - movedBytes(after);
				const shares = after.map(
					({ up, down }, index) => up + down - (before[index]?.up ?? 0) - (before[index]?.down ?? 0),
				);
				const delivered = shares.reduce((sum, share) => sum + share, 0) + late;
				progress(`run ${run + 1}: ${shares.join(' + ')} = ${delivered} of ${PAID_BYTES}, late ${late}`);
				ratios.push(delivered / PAID_BYTES);
				late_bytes += late;
				stations_without_share += shares.filter((share) => share === 0).length;
				for (const flow of flows) await flow.stop();
				for (const { mac } of lab.stations) await agent.ask('station.detach', { mac });
			}
			return {
				...(await comparisonFigures(lab, agent, progress)),
				delivered_to_paid_max: Math.max(...ratios),
				delivered_to_paid_min: Math.min(...ratios),
				late_bytes,
				stations_without_share,
			};
		});
	},
};
