import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import type { Flow } from '../flow.ts';
import { type ForeignRuleset, readFirewall4Rulesets } from '../foreign-rulesets.ts';
import { type Lab, withLab } from '../lab.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { HANG_MS } from '../until.ts';
import { allWays, movedBytes } from '../ways.ts';

const STATIONS = 2;
const ROUNDS = 1000;
/** So many flows of 40 kB run while the ruleset is loaded; and as many begin under it. */
const FLOW_BYTES = 40_000;
const FLOW_BITS_PER_SECOND = 2_000_000;
/** A flow that gets nothing for so long was refused: most rulesets let nothing new through. */
const REFUSED_MS = 150;
/** What loads under the names of the environment; all of a checkout, or those whose name has a word. */
const FOLDER = 'OCTROI_FIREWALL4';
const WORD = 'OCTROI_RULESET';
const ROUNDS_NAME = 'OCTROI_ROUNDS';

/** Exact beside the rulesets of OpenWrt's firewall, as its own tests have them: each is loaded in turn while flows run. */
export const foreignFirewall: Scenario = {
	name: 'foreign-firewall',
	title: `firewall4's rulesets beside ours, from a checkout of it named by ${FOLDER}: charged − counted = 0 in 1,000 rounds`,
	figures: {
		...COMPARISON_RULES,
		rounds: { title: 'times that a ruleset was loaded under running flows', bound: { atLeast: ROUNDS } },
		rounds_with_difference: { title: 'of these, those after which a figure differed', bound: { equals: 0 } },
		rulesets: { title: 'different ones', bound: { atLeast: 1 } },
		not_loaded: { title: 'rulesets that this kernel does not load', bound: { atMost: 10 } },
		losses_after_meter: {
			title: 'packets that the router could not send: some of the rulesets forbid it to speak itself',
			bound: { atMost: ROUNDS },
		},
		moved_bytes: { title: 'layer-3 bytes that the witness saw', bound: { atLeast: ROUNDS * FLOW_BYTES } },
	},
	async run(options) {
		const folder = process.env[FOLDER];
		if (folder === undefined) {
			throw new Error(
				`name a folder with a checkout of openwrt/firewall4: ${FOLDER}=… npm run lab -- foreign-firewall`,
			);
		}
		const word = process.env[WORD] ?? '';
		const rulesets = readFirewall4Rulesets(folder).filter(({ name }) => name.includes(word));
		if (rulesets.length === 0)
			throw new Error(`${folder} has no ruleset of firewall4's tests with "${word}" in its name`);
		return await withLab({ stations: STATIONS }, async (lab) => await measure(lab, rulesets, options));
	},
};

async function measure(lab: Lab, all: readonly ForeignRuleset[], { progress }: ScenarioOptions) {
	const agent = await lab.startAgent();
	for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
	const loadable = await loadableOf(lab, all, progress);
	const rounds = Number(process.env[ROUNDS_NAME] ?? ROUNDS);
	let rounds_with_difference = 0;
	let figures: Record<string, number> = {};
	for (let round = 0; round < rounds; round++) {
		const ruleset = loadable[round % loadable.length] as ForeignRuleset;
		await passUnder(lab, ruleset, round);
		const lines: string[] = [];
		figures = await comparisonFigures(lab, agent, (line) => lines.push(line));
		if (figures.difference_bytes !== 0) {
			rounds_with_difference++;
			progress(`round ${round + 1}, ${ruleset.name}: ${lines.join('; ')}; ${JSON.stringify(await lab.witness.read())}`);
		} else if ((round + 1) % 50 === 0) {
			progress(`${round + 1} rounds, difference 0, ${movedBytes(await lab.witness.read())} bytes`);
		}
		await attachAgain(lab, agent);
	}
	return {
		...figures,
		rounds,
		rounds_with_difference,
		rulesets: loadable.length,
		not_loaded: all.length - loadable.length,
		moved_bytes: movedBytes(await lab.witness.read()),
	};
}

async function loadableOf(lab: Lab, all: readonly ForeignRuleset[], progress: ScenarioOptions['progress']) {
	const loadable: ForeignRuleset[] = [];
	for (const ruleset of all) {
		try {
			await lab.router.nft(ruleset.text);
			await unload(lab);
			loadable.push(ruleset);
		} catch (error) {
			progress(`${ruleset.name} is not loaded: ${String(error).split('\n').slice(0, 2).join(' ')}`);
		}
	}
	return loadable;
}

/** Flows that run when it is loaded, then new ones under it. */
async function passUnder(lab: Lab, { text }: ForeignRuleset, round: number): Promise<void> {
	const running = await begin(lab, round);
	await Promise.all(running.map((flow) => flow.progress()));
	await lab.router.nft(text);
	try {
		const later = await begin(lab, round + 3);
		for (const flow of [...running, ...later]) await flow.stalled(REFUSED_MS, HANG_MS);
		await Promise.all([...running, ...later].map((flow) => flow.stop()));
	} finally {
		await unload(lab);
	}
}

async function begin(lab: Lab, turn: number): Promise<Flow[]> {
	const ways = allWays();
	return await Promise.all(
		lab.stations.map(async (station, index) => {
			const way = ways[(turn + index * 3) % ways.length] as (typeof ways)[number];
			return await lab.flow(station, { ...way, bytes: FLOW_BYTES, bitsPerSecond: FLOW_BITS_PER_SECOND });
		}),
	);
}

async function unload({ router }: Lab): Promise<void> {
	await router.nft('add table inet fw4\ndelete table inet fw4\n');
}

async function attachAgain({ stations }: Lab, agent: AgentHandle): Promise<void> {
	for (const { name, mac } of stations) await agent.ask('station.attach', { mac, account: name });
}
