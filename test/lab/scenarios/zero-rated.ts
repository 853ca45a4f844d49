import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { GARDEN_NAME, ZERO_RATED_NAME } from '../dns/names.ts';
import { Resolver } from '../dns/resolver.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import type { Family } from '../topology.ts';
import { HANG_MS } from '../until.ts';
import { allWays, describeWay } from '../ways.ts';

const STATIONS = 2;
const BYTES = 24_000_000;
const BYTES_SHORT = 6_000_000;
/** Payload of each flow to the walled garden. */
const GARDEN_BYTES = 50_000;
const FLOW_TIMEOUT_MS = HANG_MS;
const UDP_BITS_PER_SECOND = 50_000_000;

/** Zero-rated by name: each way at once to a server that is paid for and to one that is not. */
const METRICS_ADDRESS = '127.0.0.1:9469';
const SCRAPE = `fetch('http://${METRICS_ADDRESS}/metrics').then((answer) => answer.text()).then(console.log)`;
const METRIC = /^octroi_forwarded_bytes_total\{class="zero_rated",direction="(?:up|down)"\} (\d+)$/gm;

export const zeroRated: Scenario = {
	name: 'zero-rated',
	title: 'mixed traffic, a name zero-rated through dnsmasq: free and paid are counted apart, each to the byte',
	figures: {
		...COMPARISON_RULES,
		free_difference_bytes: { title: 'recorded as zero-rated − counted by the witness', bound: { equals: 0 } },
		free_bytes: { title: 'layer-3 bytes that were zero-rated', bound: { atLeast: BYTES_SHORT } },
		paid_difference_bytes: { title: 'taken from the balances − paid bytes of the witness', bound: { equals: 0 } },
		refused_before: {
			title: 'zero-rated flows of a station without a session that got anything',
			bound: { equals: 0 },
		},
		garden_ipv4_bytes: { title: 'before login, to a named address of the garden', bound: { atLeast: GARDEN_BYTES } },
		garden_ipv6_bytes: { title: 'the same by IPv6', bound: { atLeast: GARDEN_BYTES } },
		garden_charged_bytes: { title: 'charged or recorded for it', bound: { equals: 0 } },
		garden_session_bytes: {
			title: 'to the garden with a session, which is not charged either: the lesser of both families',
			bound: { atLeast: GARDEN_BYTES },
		},
		unnamed_bytes: { title: 'before login, to and from addresses beside it that nobody named', bound: { equals: 0 } },
		free_after_end: { title: 'a zero-rated flow still works when the account is blocked', bound: { equals: 1 } },
		rows_difference_bytes: { title: 'the station rows against the ledger', bound: { equals: 0 } },
		metric_difference_bytes: {
			title: 'octroi_forwarded_bytes_total of the class zero_rated − counted by the witness',
			bound: { equals: 0 },
		},
	},
	async run({ isShort, progress }) {
		return await withLab({ stations: STATIONS }, async (lab) => {
			const agent = await lab.startAgent({
				metrics: { listen: METRICS_ADDRESS },
				zeroRated: { names: [ZERO_RATED_NAME] },
				garden: { ipv4: [], ipv6: [], names: [GARDEN_NAME] },
			});
			const resolver = await Resolver.start(lab, agent);
			try {
				const first = lab.station(1);
				const second = lab.station(2);
				await resolver.lookUp(first, { names: [ZERO_RATED_NAME, GARDEN_NAME], types: ['A', 'AAAA'] });
				const early = await lab.flow(first, { protocol: 'udp', direction: 'up', bytes: 50_000, server: 'zero-rated' });
				const refused_before = (await early.ended(FLOW_TIMEOUT_MS)).receivedBytes === 0 ? 0 : 1;
				const garden = await beforeLogin(lab, agent, progress);
				for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
				for (const { mac } of lab.stations) await agent.reaches(mac, 'active');
				const bytes = Math.ceil((isShort ? BYTES_SHORT : BYTES) / allWays().length);
				for (const way of allWays()) {
					const bitsPerSecond = way.protocol === 'udp' ? UDP_BITS_PER_SECOND : undefined;
					const flows = await Promise.all(
						[first, second].flatMap((station) =>
							(['own', 'zero-rated'] as const).map((server) =>
								lab.flow(station, { ...way, bytes, bitsPerSecond, server }),
							),
						),
					);
					const ends = await Promise.all(flows.map((flow) => flow.ended(FLOW_TIMEOUT_MS)));
					progress(`${describeWay(way)}: ${ends.map(({ receivedBytes }) => receivedBytes).join(' ')}`);
				}
				// With a session too: what is taken from the balances below is without it.
				const garden_session_bytes = Math.min(
					await gardenBytes(lab, first, 'ipv4'),
					await gardenBytes(lab, first, 'ipv6'),
				);
				await agent.ask('account.block', { account: second.name });
				const late = await lab.flow(second, {
					protocol: 'tcp',
					direction: 'down',
					bytes: 50_000,
					server: 'zero-rated',
				});
				const free_after_end = (await late.ended(FLOW_TIMEOUT_MS)).receivedBytes === 50_000 ? 1 : 0;
				await agent.sampled();
				const rows = (await agent.stations()).reduce(
					(sum, { zeroRated }) => sum + (zeroRated ? zeroRated.upBytes + zeroRated.downBytes : 0),
					0,
				);
				const scraped = await lab.router.run(process.execPath, ['--eval', SCRAPE]);
				const metric = [...scraped.matchAll(METRIC)].reduce((total, [, value]) => total + Number(value), 0);
				const figures = await comparisonFigures(lab, agent, progress);
				const free = await lab.witness.zeroRatedBytes();
				const ledger = new LedgerReader(agent.database);
				const sum = (moved: Map<string, number>) => [...moved.values()].reduce((total, amount) => total + amount, 0);
				const recorded = sum(ledger.moved(['zero_rated']));
				const paid = (await lab.witness.read()).reduce((total, { up, down }) => total + up + down, 0);
				progress(
					`zero-rated: recorded ${recorded}, counted ${free}; paid: taken ${sum(ledger.moved(['used']))}, counted ${paid}`,
				);
				await agent.verifyLedger();
				return {
					...figures,
					free_difference_bytes: recorded - free,
					free_bytes: free,
					paid_difference_bytes: sum(ledger.moved(['used'])) - paid,
					refused_before,
					...garden,
					garden_session_bytes,
					free_after_end,
					rows_difference_bytes: rows - recorded,
					metric_difference_bytes: metric - free,
				};
			} finally {
				resolver.stop();
			}
		});
	},
};

/** The walled garden is open by its name alone: its addresses stand in no configuration. */
async function beforeLogin(lab: Lab, agent: AgentHandle, progress: (line: string) => void) {
	const station = lab.station(1);
	const bytes = { ipv4: await gardenBytes(lab, station, 'ipv4'), ipv6: await gardenBytes(lab, station, 'ipv6') };
	for (const family of ['ipv4', 'ipv6'] as const) {
		const unnamed = await lab.flow(station, { protocol: 'tcp', direction: 'down', bytes: GARDEN_BYTES, family });
		await unnamed.ended(FLOW_TIMEOUT_MS);
	}
	const unnamed_bytes = await lab.passed(station);
	const charged = [...new LedgerReader(agent.database).moved(['used', 'zero_rated']).values()];
	progress(`before login: ${bytes.ipv4} and ${bytes.ipv6} bytes of the garden, ${unnamed_bytes} of what is beside it`);
	return {
		garden_ipv4_bytes: bytes.ipv4,
		garden_ipv6_bytes: bytes.ipv6,
		garden_charged_bytes: charged.reduce((sum, amount) => sum + amount, 0),
		unnamed_bytes,
	};
}

/** What a flow to the walled garden moves, by the witness. */
async function gardenBytes(lab: Lab, station: Station, family: Family): Promise<number> {
	const before = await lab.witness.gardenBytes();
	const flow = await lab.flow(station, {
		protocol: 'tcp',
		direction: 'down',
		bytes: GARDEN_BYTES,
		server: 'garden',
		family,
	});
	await flow.ended(FLOW_TIMEOUT_MS);
	return (await lab.witness.gardenBytes()) - before;
}
