import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { type Case, GROUPS } from '../tether/case.ts';
import { makeCases } from '../tether/cases.ts';
import { confusionLines, confusionTable, flowShareOf, type Outcome, shareOf } from '../tether/confusion.ts';
import { Hotspot } from '../tether/hotspot.ts';
import { ReaderProcess } from '../tether/reader-process.ts';
import { HANG_MS, until } from '../until.ts';

/** They play their cases at the same time; some rewrite hop limits. */
const STATIONS = 8;
const REWRITING = 3;
/** How often all first packets are classified once more, for what one costs. */
const ROUNDS = 100;
const ROUNDS_SHORT = 2;
/** See docs/figures.md for what was measured. */
const CLASSIFY_TO_DIGEST = 8;
const READ_TIMEOUT_MS = HANG_MS;

const HONEST = GROUPS.filter((group) => group !== 'plain' && !group.startsWith('rewritten'));

/** A labelled set of stations, by real packets over a real bridge, read by the agent's own sensor and classifier. */
export const tetherDetect: Scenario = {
	name: 'tether-detect',
	title: 'who tethers: plain, with rewritten hop limits, and stations that only look like it',
	figures: {
		stations: { title: 'stations of the labelled set', bound: { atLeast: 50 } },
		unread_flows: { title: 'flows that were sent and not seen: they would say nothing', bound: { equals: 0 } },
		recall_plain: { title: 'of those that tether in the clear: recognised', bound: { atLeast: 0.95 } },
		recall_plain_held_out: {
			title: 'the same, of layouts of options that the classifier is given nothing of',
			bound: { atLeast: 0.95 },
		},
		flow_recall_plain: { title: 'of all flows from behind, in the clear: called tethered', bound: { atLeast: 0.95 } },
		recall_rewritten: {
			title: 'of those that rewrite hop limits, another system behind: recognised',
			bound: { atLeast: 0.8 },
		},
		recall_rewritten_held_out: { title: 'the same, of layouts held out', bound: { atLeast: 0.8 } },
		flow_recall_rewritten_tcp: {
			title: 'of their TCP flows from behind: called tethered, those before the station was recognised included',
			bound: { atLeast: 0.5 },
		},
		false_alarms: { title: 'of stations that do not tether: taken to', bound: { atMost: 0.01 } },
		false_flows: { title: "of all stations' own flows: called tethered", bound: { atMost: 0.01 } },
		cpu_us_per_packet: { title: 'CPU of one classification', kind: 'speed' },
		classify_to_digest: {
			title: 'the same ÷ CPU of a SHA-256 of the same packet in the same process, in turn with it',
			bound: { atMost: CLASSIFY_TO_DIGEST },
			kind: 'speed',
		},
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: STATIONS, addressing: 'static' }, async (lab) => {
			const hotspots = lab.stations.map((station) => new Hotspot(station));
			const reader = new ReaderProcess(lab.router, 'br-lan');
			try {
				await Promise.all([
					reader.ready(),
					...hotspots.map((hotspot, index) => hotspot.start({ rewrites: index < REWRITING })),
				]);
				const cases = makeCases(isShort);
				const outcomes: Outcome[] = [];
				await Promise.all(
					hotspots.map(async (hotspot, index) => {
						for (const labelled of casesOf(index, cases)) {
							const outcome = await playCase(labelled, hotspot, reader);
							outcomes.push(outcome);
							if (isWrong(outcome)) progress(describe(outcome));
						}
					}),
				);
				for (const line of confusionLines(confusionTable(outcomes))) progress(line);
				const { cpuMicroseconds, floorMicroseconds, packets } = await reader.measure(isShort ? ROUNDS_SHORT : ROUNDS);
				const heldOut = outcomes.filter(({ labelled }) => labelled.heldOut);
				return {
					stations: outcomes.length,
					unread_flows: outcomes.flatMap(({ flows }) => flows).filter(({ as }) => as === undefined).length,
					recall_plain: shareOf(outcomes, ['plain']),
					recall_plain_held_out: shareOf(heldOut, ['plain']),
					flow_recall_plain: flowShareOf(outcomes, ['plain'], ['behindTcp', 'behindOther']),
					recall_rewritten: shareOf(outcomes, ['rewritten, another system']),
					recall_rewritten_held_out: shareOf(heldOut, ['rewritten, another system']),
					flow_recall_rewritten_tcp: flowShareOf(outcomes, ['rewritten, another system'], ['behindTcp']),
					false_alarms: shareOf(outcomes, HONEST),
					false_flows: flowShareOf(outcomes, GROUPS, ['own']),
					cpu_us_per_packet: cpuMicroseconds / packets,
					classify_to_digest: Math.round((cpuMicroseconds / floorMicroseconds) * 100) / 100,
				};
			} finally {
				reader.stop();
				for (const hotspot of hotspots) hotspot.stop();
			}
		});
	},
};

/** The same station has the same cases each time: its kernel's parameters are part of them. */
function casesOf(index: number, cases: readonly Case[]): Case[] {
	const rewrites = index < REWRITING;
	const [place, places] = rewrites ? [index, REWRITING] : [index - REWRITING, STATIONS - REWRITING];
	return cases.filter((labelled) => labelled.rewrites === rewrites).filter((_, count) => count % places === place);
}

async function playCase(labelled: Case, hotspot: Hotspot, reader: ReaderProcess): Promise<Outcome> {
	const { mac } = hotspot.station;
	await reader.forget(mac);
	const flows = await hotspot.play(labelled, async () => {
		await until('the DHCP request to be heard', READ_TIMEOUT_MS, () => reader.verdicts(mac).has('dhcp'));
	});
	const isRead = () => [...flows.keys()].every((flow) => reader.verdicts(mac).has(flow));
	// What is missing then counts as unread.
	await until('the flows to be read', READ_TIMEOUT_MS, isRead).catch(() => undefined);
	const standing = await reader.standing(mac);
	const verdicts = reader.verdicts(mac);
	return { labelled, standing, flows: [...flows].map(([flow, step]) => ({ step, as: verdicts.get(flow) })) };
}

function isWrong({ labelled, standing, flows }: Outcome): boolean {
	return (
		standing.tethering !== (labelled.behind !== undefined) ||
		flows.some(({ step, as }) => as === undefined || (step.from === 'phone' && as !== 'own'))
	);
}

function describe({ labelled, standing, flows }: Outcome): string {
	const { tethering, score, evidence } = standing;
	const wrong = flows.filter(({ step, as }) => step.from === 'phone' && as === 'tethered').length;
	const unread = flows.filter(({ as }) => as === undefined).length;
	const signs = evidence.map(({ weight, text, seen }) => `${weight} ${text} (${seen})`).join('; ');
	const what = `${labelled.group}, ${labelled.family}${labelled.heldOut ? ', held out' : ''}: ${labelled.title}`;
	const thought = `${tethering ? 'tethers' : 'does not tether'}, score ${score}`;
	return `${what}: ${thought}, ${wrong} own flows called tethered, ${unread} unread: ${signs}`;
}
