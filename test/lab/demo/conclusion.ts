import type { AgentHandle } from '../agent-handle.ts';
import { type ComparisonRow, compare } from '../comparison.ts';
import type { Lab } from '../lab.ts';
import { carrierProblems } from './carrier-act.ts';
import { CAST } from './cast.ts';
import type { DemoCarrier } from './demo-carrier.ts';
import { summaryLines } from './frame.ts';

export type Conclusion = {
	/** The proofs, and last the ledger beside the independent count. */
	lines: string[];
	/** What was not as the cast says, one sentence each. */
	problems: string[];
};

/** Compares the ledger and the platform with the independent count, and each fate with what the cast says. */
export async function concludeDemo(
	lab: Lab,
	agent: AgentHandle,
	carrier: DemoCarrier,
	packageBytes: number,
): Promise<Conclusion> {
	const rows = await compare(lab, agent);
	const losses = await lab.witness.lossesAfterMeter();
	const garden = await lab.witness.gardenBytes();
	const lines = [`walled garden, not charged: ${garden.toLocaleString('en-US')} bytes`];
	const problems = fateProblems(rows, { packageBytes, losses, garden });
	await agent.verifyLedger();
	lines.push('octroi ledger verify: all invariants hold');
	problems.push(...(await carrierProblems(agent, carrier, rows, (line) => lines.push(line))));
	lines.push(
		'',
		...summaryLines(rows),
		'',
		'ledger: what octroi charged. counted: layer-3 bytes, outside of octroi, where they arrived.',
	);
	return { lines, problems };
}

function fateProblems(
	rows: readonly ComparisonRow[],
	{ packageBytes, losses, garden }: { packageBytes: number; losses: number; garden: number },
): string[] {
	const total = (station: string) =>
		rows.filter((row) => row.station === station).reduce((sum, row) => sum + row.countedBytes, 0);
	return [
		...rows
			.filter(({ chargedBytes, countedBytes }) => chargedBytes !== countedBytes)
			.map(({ station, direction }) => `${station} ${direction}: the ledger differs from the count`),
		...(losses > 0 ? [`${losses} packets were lost behind the meter: the comparison says nothing`] : []),
		...(total('sta1') === 0 ? ['sta1 got nothing'] : []),
		...(total('sta2') > 2 * packageBytes ? ['sta2 got more than it paid for'] : []),
		...(total('sta2') < packageBytes * 0.99 ? ['sta2 was cut off before it had got what it paid for'] : []),
		...(total('sta3') <= packageBytes ? ['sta3 was not slowed down but stopped'] : []),
		...(CAST[3]?.plan === undefined && total('sta4') !== 0 ? ['sta4 got something without paying'] : []),
		...(garden === 0 ? ['the walled garden was closed'] : []),
	];
}
