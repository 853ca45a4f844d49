import { clockWarning } from '../core/clock-warning.ts';
import type { TetherDetection } from '../detection/tether-detection.ts';
import type { Sampler } from '../meter/sampler.ts';
import { stationTotals } from '../snapshot/station-totals.ts';
import type { AgentStatus } from '../status/protocol.ts';
import type { CommandParts } from './command-parts.ts';

/** The command `status`; the agent counts as started when this is called. */
export function statusCommand(parts: CommandParts): () => AgentStatus {
	const { config, version, clock, trusted, ledger, meter, sampler, warnings, tethering } = parts;
	const startedAtMs = clock.wallMs();
	const startedBootMs = clock.bootMs();
	return () => {
		const { counts, ...rates } = stationTotals(parts);
		warnings.set('clock', clockWarning(trusted));
		return {
			version,
			processId: parts.processId,
			startedAtMs,
			upSeconds: Math.floor((clock.bootMs() - startedBootMs) / 1000),
			devices: config.devices,
			powerLoss: config.powerLoss,
			database: config.database,
			epoch: meter.epoch,
			stations: counts,
			accounts: ledger.accountCount(),
			traffic: {
				upBytes: meter.charger.traffic.up,
				downBytes: meter.charger.traffic.down,
				...rates,
			},
			sample: sampleOf(sampler),
			...(tethering ? { flows: flowsOf(tethering) } : {}),
			warnings: warnings.list(),
		};
	};
}

function flowsOf({ figures }: TetherDetection): NonNullable<AgentStatus['flows']> {
	const { mode: queue, own, tethered, shed, passed } = figures;
	return { queue, own, tethered, shed, passed };
}

function sampleOf({ figures }: Sampler): AgentStatus['sample'] {
	const { count, lastDurationMs, longestDurationMs } = figures;
	return { count, lastDurationMs, longestDurationMs };
}
