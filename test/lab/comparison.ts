import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from './agent-handle.ts';
import type { Lab } from './lab.ts';
import { LedgerReader } from './ledger-reader.ts';
import type { FigureRules } from './scenario.ts';

/** Retransmissions and acknowledgements that are on their way have arrived after this. */
const QUIET_MS = 400;

export type ComparisonRow = {
	station: string;
	direction: 'up' | 'down';
	chargedBytes: number;
	countedBytes: number;
};

/** The figures of {@link comparisonFigures}, for a scenario's table. */
export const COMPARISON_RULES: FigureRules = {
	difference_bytes: { title: 'charged − counted, largest of all stations and directions', bound: { equals: 0 } },
	unpaid_bytes: { title: 'forwarded without payment, by the ledger', bound: { equals: 0 } },
	losses_after_meter: {
		title: 'packets lost between meter and witness: the comparison would say nothing',
		bound: { equals: 0 },
	},
	stray_bytes: { title: 'bytes from the LAN that belong to nobody', bound: { equals: 0 } },
	device_difference_bytes: { title: "the devices' own totals against the witness", bound: { equals: 0 } },
};

/** Ledger beside witness, for each station and direction. Detaches the stations first, so that all is charged; flows must have ended. */
export async function compare(lab: Lab, agent: AgentHandle): Promise<ComparisonRow[]> {
	await delay(QUIET_MS);
	for (const station of await agent.stations()) {
		if (station.account !== undefined) await agent.ask('station.detach', { mac: station.mac });
	}
	const charged = new LedgerReader(agent.database).charged();
	const counted = await lab.witness.read();
	return lab.stations.flatMap(({ name, mac }, index) =>
		(['up', 'down'] as const).map((direction) => ({
			station: name,
			direction,
			chargedBytes: charged.get(mac)?.[direction] ?? 0,
			countedBytes: counted[index]?.[direction] ?? Number.NaN,
		})),
	);
}

/** Whether ledger and witness agree, and whether the lab itself was fit to tell. */
export async function comparisonFigures(
	lab: Lab,
	agent: AgentHandle,
	progress: (line: string) => void,
	isCompared: (row: ComparisonRow) => boolean = () => true,
): Promise<Record<string, number>> {
	const rows = (await compare(lab, agent)).filter(isCompared);
	for (const { station, direction, chargedBytes, countedBytes } of rows) {
		progress(
			`${station} ${direction}: charged ${chargedBytes}, counted ${countedBytes}, difference ${chargedBytes - countedBytes}`,
		);
	}
	const unpaid = new LedgerReader(agent.database).moved(['overrun', 'throttled', 'included']);
	return {
		difference_bytes: Math.max(...rows.map(({ chargedBytes, countedBytes }) => Math.abs(chargedBytes - countedBytes))),
		unpaid_bytes: [...unpaid.values()].reduce((sum, bytes) => sum + bytes, 0),
		losses_after_meter: await lab.witness.lossesAfterMeter(),
		stray_bytes: await lab.witness.strayBytes(),
		device_difference_bytes: await lab.witness.deviceDifference(),
	};
}
