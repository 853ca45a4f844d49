import { type Case, GROUPS, type Group, type Step } from './case.ts';
import type { StandingAnswer } from './reader.ts';

/** How one case of the labelled set came out. */
export type Outcome = {
	readonly labelled: Case;
	/** What is thought of the station at the end. */
	readonly standing: Pick<StandingAnswer, 'tethering' | 'score' | 'evidence'>;
	readonly flows: readonly { readonly step: Step; readonly as: string | undefined }[];
};

/** Of one kind of flow: how many there were, and how many of them were called tethered. */
type Count = { flows: number; tethered: number };

export type Row = {
	readonly group: Group;
	stations: number;
	tethering: number;
	own: Count;
	/** Of the machine behind: those that a SYN opens, and the others. */
	behindTcp: Count;
	behindOther: Count;
};

/** What was sent against what was thought of it, by group. */
export function confusionTable(outcomes: readonly Outcome[]): Row[] {
	const rows = new Map(
		GROUPS.map((group) => {
			const none = () => ({ flows: 0, tethered: 0 });
			return [group, { group, stations: 0, tethering: 0, own: none(), behindTcp: none(), behindOther: none() }];
		}),
	);
	for (const { labelled, standing, flows } of outcomes) {
		const row = rows.get(labelled.group) as Row;
		row.stations++;
		if (standing.tethering) row.tethering++;
		for (const { step, as } of flows) {
			const count = step.from === 'phone' ? row.own : step.kind === 'tcp' ? row.behindTcp : row.behindOther;
			count.flows++;
			if (as === 'tethered') count.tethered++;
		}
	}
	return [...rows.values()].filter(({ stations }) => stations > 0);
}

/** The table as `docs/tethering.md` has it. */
export function confusionLines(rows: readonly Row[]): string[] {
	const cell = ({ flows, tethered }: Count) => (flows === 0 ? '–' : `${tethered} of ${flows}`);
	return [
		'| stations | taken to tether | own flows called tethered | TCP from behind called tethered | the rest from behind |',
		'|---|---|---|---|---|',
		...rows.map(
			({ group, stations, tethering, own, behindTcp, behindOther }) =>
				`| ${group} | ${tethering} of ${stations} | ${cell(own)} | ${cell(behindTcp)} | ${cell(behindOther)} |`,
		),
	];
}

export function shareOf(outcomes: readonly Outcome[], groups: readonly Group[]): number {
	const rows = confusionTable(outcomes).filter(({ group }) => groups.includes(group));
	const sum = (field: 'stations' | 'tethering') => rows.reduce((total, row) => total + row[field], 0);
	return sum('stations') === 0 ? Number.NaN : sum('tethering') / sum('stations');
}

/** Of the flows of these groups and kinds together: which part was called tethered. */
export function flowShareOf(
	outcomes: readonly Outcome[],
	groups: readonly Group[],
	kinds: readonly ('own' | 'behindTcp' | 'behindOther')[],
): number {
	let flows = 0;
	let tethered = 0;
	for (const row of confusionTable(outcomes).filter(({ group }) => groups.includes(group))) {
		for (const kind of kinds) {
			flows += row[kind].flows;
			tethered += row[kind].tethered;
		}
	}
	return flows === 0 ? Number.NaN : tethered / flows;
}
