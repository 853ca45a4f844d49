import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { type Lab, withLab } from '../lab.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import type { Station } from '../station.ts';
import { HANG_MS } from '../until.ts';
import { describeWay, type Way } from '../ways.ts';

const PAID_BYTES = 10 << 20;
const RATE_BITS_PER_SECOND = 50_000_000;
const RUNS = 5;
/** Longer than any pause of a flow that still has credit, the next grant and a retransmission included. */
const STALL_MS = 700;
const STALL_TIMEOUT_MS = HANG_MS;
/** Meanwhile new flows try: what got through would be counted. */
const NEW_FLOW_MS = 500;

const MATRIX: Omit<Way, 'direction'>[] = [
	{ protocol: 'tcp', family: 'ipv4' },
	{ protocol: 'tcp', family: 'ipv6' },
	{ protocol: 'udp', family: 'ipv4' },
	{ protocol: 'udp', family: 'ipv6' },
];

type Cut = { deliveredBytes: number; lateBytes: number; gardenBytes: number };

/** Ten mebibytes are paid; not one byte more may arrive, in established flows as in new ones, with the agent awake or stopped. */
export const cutoff: Scenario = {
	name: 'cutoff',
	title: 'delivered ÷ paid ≤ 1.000: 10 MiB at 50 Mbit/s and unshaped, TCP and UDP, IPv4 and IPv6',
	figures: {
		...COMPARISON_RULES,
		runs: { title: 'cut-offs measured', bound: { atLeast: 8 } },
		delivered_to_paid_max: {
			title: 'delivered ÷ paid, largest',
			bound: { atMost: 1 },
			anywhere: 'both are amounts of bytes',
		},
		delivered_to_paid_min: {
			title: 'delivered ÷ paid, smallest',
			bound: { atLeast: 0.99 },
			anywhere: 'both are amounts of bytes',
		},
		late_bytes: { title: 'bytes that passed after the cut, in old and new flows', bound: { equals: 0 } },
		garden_closed: { title: 'runs in which the walled garden did not answer after the cut', bound: { equals: 0 } },
		stopped_delivered_to_paid_max: { title: 'with the agent stopped after its grant: largest', bound: { atMost: 1 } },
		stopped_delivered_to_paid_min: {
			title: 'with the agent stopped after its grant: smallest',
			bound: { atLeast: 0.99 },
		},
		stopped_late_bytes: { title: 'with the agent stopped: bytes after the cut', bound: { equals: 0 } },
	},
	async run(options) {
		const awake = await withLab({ stations: 4 }, async (lab) => {
			const agent = await lab.startAgent();
			const cuts: Cut[] = [];
			for (let run = 0; run < (options.isShort ? 1 : RUNS); run++) {
				for (const isShaped of [false, true])
					cuts.push(...(await cutEachWay(lab, agent, { ...options, run, isShaped })));
			}
			return { ...summary(cuts), ...(await comparisonFigures(lab, agent, options.progress)) };
		});
		const stopped = await withLab({ stations: 4 }, async (lab) => {
			// The whole of what is paid is granted at once: the kernel alone must spend all of it and not more.
			const agent = await lab.startAgent({ grant: { bytesMin: PAID_BYTES, bytesMax: PAID_BYTES, seconds: 20 } });
			const cuts: Cut[] = [];
			for (const [index, way] of MATRIX.slice(0, options.isShort ? 1 : MATRIX.length).entries()) {
				const station = lab.station(index + 1);
				await admit(agent, station, `stopped-${index}`);
				await agent.kill('SIGSTOP');
				cuts.push(await cutOff(lab, station, { ...way, direction: 'down' }, false));
				await agent.kill('SIGCONT');
				await agent.ask('station.detach', { mac: station.mac });
				options.progress(
					`agent stopped, ${way.protocol} ${way.family}: ${cuts.at(-1)?.deliveredBytes} of ${PAID_BYTES}`,
				);
			}
			return summary(cuts);
		});
		return {
			...awake,
			stopped_delivered_to_paid_max: stopped.delivered_to_paid_max,
			stopped_delivered_to_paid_min: stopped.delivered_to_paid_min,
			stopped_late_bytes: stopped.late_bytes,
			garden_closed: awake.garden_closed + stopped.garden_closed,
		};
	},
};

async function cutEachWay(
	lab: Lab,
	agent: AgentHandle,
	{ run, isShaped, progress }: ScenarioOptions & { run: number; isShaped: boolean },
): Promise<Cut[]> {
	if (isShaped) await lab.shape(RATE_BITS_PER_SECOND);
	const cuts: Cut[] = [];
	for (const [index, pair] of MATRIX.entries()) {
		const way: Way = { ...pair, direction: (run + index) % 2 === 0 ? 'down' : 'up' };
		const station = lab.station(index + 1);
		await admit(agent, station, `run-${run}-${isShaped ? 'shaped' : 'free'}-${index}`);
		const cut = await cutOff(lab, station, way, isShaped);
		await agent.ask('station.detach', { mac: station.mac });
		const ratio = (cut.deliveredBytes / PAID_BYTES).toFixed(5);
		progress(
			`run ${run + 1}, ${isShaped ? '50 Mbit/s' : 'unshaped'}, ${describeWay(way)}: ${ratio}, late ${cut.lateBytes}`,
		);
		cuts.push(cut);
	}
	if (isShaped) await lab.unshape();
	return cuts;
}

/** Runs one flow until nothing comes any more, then tries it again with new ones. */
async function cutOff(lab: Lab, station: Station, way: Way, isShaped: boolean): Promise<Cut> {
	const before = await lab.passed(station);
	// More than the link takes, so that the shaper and not the sender sets the rate.
	const bitsPerSecond = way.protocol === 'udp' && isShaped ? RATE_BITS_PER_SECOND * 1.1 : undefined;
	const old = await lab.flow(station, { ...way, bitsPerSecond });
	await old.stalled(STALL_MS, STALL_TIMEOUT_MS);
	const atCut = await lab.passed(station);
	const flows = [old];
	for (const protocol of ['tcp', 'udp'] as const) {
		for (const direction of ['up', 'down'] as const) {
			flows.push(await lab.flow(station, { protocol, direction, family: way.family, bitsPerSecond: 5_000_000 }));
		}
	}
	await delay(NEW_FLOW_MS);
	const late = await lab.passed(station);
	const garden = await lab.flow(station, {
		protocol: 'tcp',
		direction: 'down',
		family: way.family,
		server: 'garden',
		bytes: 5000,
	});
	const portal = await garden.ended(STALL_TIMEOUT_MS);
	for (const flow of flows) await flow.stop();
	return { deliveredBytes: late - before, lateBytes: late - atCut, gardenBytes: portal.receivedBytes };
}

async function admit(agent: AgentHandle, { mac }: Station, account: string): Promise<void> {
	await agent.admit(account, 'ten-mb', [mac]);
	await agent.reaches(mac, 'active');
}

function summary(cuts: Cut[]) {
	const ratios = cuts.map(({ deliveredBytes }) => deliveredBytes / PAID_BYTES);
	return {
		runs: cuts.length,
		delivered_to_paid_max: Math.max(...ratios),
		delivered_to_paid_min: Math.min(...ratios),
		late_bytes: cuts.reduce((sum, { lateBytes }) => sum + lateBytes, 0),
		garden_closed: cuts.filter(({ gardenBytes }) => gardenBytes !== 5000).length,
	};
}
