import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { flood, prepareFlood } from '../flow-flood.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader } from '../ledger-reader.ts';
import { runProgram } from '../namespace/program.ts';
import { median } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';
import type { FigureRules, Scenario } from '../scenario.ts';
import { TetheredDevice } from '../tethered-device.ts';
import { HANG_MS } from '../until.ts';

/** One floods; one has a device behind it, which uses the servers of the third; the others only help to find the limit. */
const STATIONS = 5;
const FLOOD_PER_SECOND = 50_000;
/** A little more is asked for than has to be sent. */
const FLOOD_ASKED_PER_SECOND = 51_000;
const FLOOD_MS = 6000;
const FLOOD_SHORT_MS = 3000;
const FLOW_BYTES = 20_000;
const FLOW_TIMEOUT_MS = HANG_MS;
/** As many as one station may have looked at, for the measurement of what one costs. */
const LOOKED_AT_PER_SECOND = 10_000;
/** Of each of three senders: more than has to be judged. */
const SENT_PER_SECOND = 9000;
const JUDGED_PER_SECOND = 20_000;
const CAPACITY_MS = 4000;
const CAPACITY_SHORT_MS = 2000;
const CAPACITY_ROUNDS = 3;
/** The agent has a processor to itself, and the senders, with what the kernel does for them, another: "one core" is one core. */
const AGENT_PROCESSOR = 0;
const SENDER_PROCESSOR = 1;
const WARM_UP_PER_SECOND = 3000;
const WARM_UP_MS = 2000;
/** A flow of one datagram is remembered for so long: the table of flows is shared by the whole machine. */
const UDP_TIMEOUT_SECONDS = 1;
const SETTLE_MS = 2500;

type Flows = { queue: string; own: number; tethered: number; shed: number; passed: number };

const FIGURES: FigureRules = {
	...COMPARISON_RULES,
	flood_flows_per_second: {
		title: 'new flows of one station in a second',
		bound: { atLeast: FLOOD_PER_SECOND },
		longOnly: true,
		kind: 'speed',
	},
	unseen_flows: { title: 'new flows that were neither judged nor counted as passed by or shed', bound: { equals: 0 } },
	shed_ratio: { title: 'of the flood, shed before the queue', bound: { atLeast: 0.9 }, kind: 'speed' },
	failed_flows: { title: "other stations' flows during the flood that did not arrive whole", bound: { equals: 0 } },
	other_flows: { title: "other stations' flows during the flood", bound: { atLeast: 20 } },
	tethered_difference_bytes: {
		title: 'charged as tethered − counted behind the other station: a flow of another class would show',
		bound: { equals: 0 },
	},
	flow_begin_ratio: {
		title:
			"from a flow's beginning to its first byte, as its client sees it, others' flows during the flood / without; medians",
		bound: { atMost: 2 },
		longOnly: true,
		kind: 'speed',
	},
	flow_begin_ms: { title: 'the same without the flood, in ms', bound: { atMost: 15 }, kind: 'speed' },
	cpu_per_flow_us: {
		title: 'CPU of the agent for one judged flow, with its way through the router',
		bound: { atMost: 40 },
		kind: 'speed',
	},
	judged_per_second: {
		title: 'flows judged in a second by the clock, on one core, while 27,000 are offered; median of three rounds',
		bound: { atLeast: JUDGED_PER_SECOND },
		longOnly: true,
		kind: 'speed',
	},
};

export const queueFlood: Scenario = {
	name: 'queue-flood',
	title:
		'50,000 new flows a second from one station: others are judged as ever, nothing is unmetered, what was shed is counted',
	figures: FIGURES,
	async run({ isShort, progress }) {
		return await withLab({ stations: STATIONS, addressing: 'static' }, async (lab) => {
			const device = new TetheredDevice(lab.station(2), lab.station(3));
			try {
				await prepareFlood();
				await device.start();
				await lab.router.sysctl({ 'net.netfilter.nf_conntrack_udp_timeout': UDP_TIMEOUT_SECONDS });
				const agent = await lab.startAgent({ tethered: { detect: true } });
				for (const number of [1, 2, 4, 5]) {
					await agent.admit(`sta${number}`, 'large', [lab.station(number).mac]);
				}
				const flooded = await floodBesideOthers(lab, agent, device, { isShort, progress });
				const figures = await comparedFigures(lab, agent, device, progress);
				await agent.stop();
				return { ...flooded, ...figures, ...(await capacity(lab, { isShort, progress })) };
			} finally {
				await device.stop().catch(() => undefined);
			}
		});
	},
};

type Options = { isShort: boolean; progress: (line: string) => void };

async function floodBesideOthers(lab: Lab, agent: AgentHandle, device: TetheredDevice, { isShort, progress }: Options) {
	const quiet = await begin(lab, device, isShort ? 10 : 30);
	const before = await flowsOf(agent);
	const milliseconds = isShort ? FLOOD_SHORT_MS : FLOOD_MS;
	const flooding = flood(lab.station(1), { flowsPerSecond: FLOOD_ASKED_PER_SECOND, milliseconds });
	await delay(300);
	const beside = await begin(lab, device, isShort ? 20 : 50);
	const sent = await flooding;
	await delay(SETTLE_MS);
	const after = await flowsOf(agent);
	const seen = total(after) - total(before);
	progress(`flood: ${sent} flows; ${JSON.stringify(after)}`);
	progress(`first byte of a flow of another station: ${quiet.medianMs} ms, beside the flood ${beside.medianMs} ms`);
	return {
		...(isShort ? {} : { flood_flows_per_second: sent / (milliseconds / 1000) }),
		unseen_flows: sent + beside.flows - seen,
		shed_ratio: (after.shed - before.shed) / sent,
		failed_flows: quiet.failed + beside.failed,
		other_flows: beside.flows,
		...(isShort ? {} : { flow_begin_ratio: beside.medianMs / quiet.medianMs }),
		flow_begin_ms: quiet.medianMs,
	};
}

/** Own flows of station 2 and flows of the device behind it, in turn, each whole. */
async function begin(lab: Lab, device: TetheredDevice, pairs: number) {
	const durations: number[] = [];
	let failed = 0;
	for (let turn = 0; turn < pairs; turn++) {
		for (const client of [device.station, device]) {
			const flow = await lab.flow(client, { protocol: 'tcp', direction: 'down', bytes: FLOW_BYTES });
			const { receivedBytes, client: report } = await flow.ended(FLOW_TIMEOUT_MS);
			durations.push((report?.firstByteAtMs ?? Number.NaN) - (report?.begunAtMs ?? Number.NaN));
			if (receivedBytes !== FLOW_BYTES) failed += 1;
		}
	}
	const medianMs = median(durations);
	return { failed, flows: durations.length, medianMs: Math.round(medianMs * 100) / 100 };
}

async function comparedFigures(lab: Lab, agent: AgentHandle, device: TetheredDevice, progress: Options['progress']) {
	// What goes to the servers of station 3 is the device's.
	const figures = await comparisonFigures(lab, agent, progress, ({ station }) => station !== 'sta3');
	const charged = new LedgerReader(agent.database).charged('tethered').get(device.station.mac) ?? { up: 0, down: 0 };
	const up = (await lab.witness.read())[device.serverNumber - 1]?.up ?? Number.NaN;
	const down = await device.downBytes();
	progress(`device: charged ${charged.up} up ${charged.down} down, counted ${up} up ${down} down`);
	await agent.verifyLedger();
	return { ...figures, tethered_difference_bytes: Math.max(Math.abs(charged.up - up), Math.abs(charged.down - down)) };
}

/** As many flows as three stations may have looked at, how many of them are judged in a second, and what each costs the agent. */
async function capacity(lab: Lab, { isShort, progress }: Options) {
	const agent = await lab.startAgent({ tethered: { detect: true, flowsPerSecond: LOOKED_AT_PER_SECOND } });
	const senders = [1, 4, 5].map((number) => lab.station(number));
	for (const { name, mac } of senders) await agent.admit(name, 'large', [mac]);
	// Until it is compiled, a program is several times slower.
	await flood(lab.station(1), { flowsPerSecond: WARM_UP_PER_SECOND, milliseconds: WARM_UP_MS });
	await runProgram('taskset', ['-a', '-c', '-p', String(AGENT_PROCESSOR), String(agent.pid)]);
	const order = { flowsPerSecond: SENT_PER_SECOND, processor: SENDER_PROCESSOR };
	const milliseconds = isShort ? CAPACITY_SHORT_MS : CAPACITY_MS;
	const rounds: { perSecond: number; cpuUs: number }[] = [];
	for (let round = 0; round < (isShort ? 1 : CAPACITY_ROUNDS); round++) {
		// The table of flows and the stations' bursts are as at the beginning.
		await delay(SETTLE_MS);
		const before = await flowsOf(agent);
		const cpu = processorMs(agent.pid);
		const sent = await Promise.all(senders.map((station) => flood(station, { ...order, milliseconds })));
		const spentMs = processorMs(agent.pid) - cpu;
		const after = await flowsOf(agent);
		const judged = after.own + after.tethered - before.own - before.tethered;
		rounds.push({ perSecond: (judged * 1000) / milliseconds, cpuUs: (spentMs * 1000) / judged });
		progress(
			`sent ${sent.join(' + ')}, judged ${judged} with ${spentMs.toFixed(0)} ms of CPU; ${JSON.stringify(after)}`,
		);
	}
	return {
		cpu_per_flow_us: median(rounds.map(({ cpuUs }) => cpuUs)),
		...(isShort ? {} : { judged_per_second: median(rounds.map(({ perSecond }) => perSecond)) }),
	};
}

async function flowsOf(agent: AgentHandle): Promise<Flows> {
	const { flows } = await agent.ask<{ flows?: Flows }>('status');
	if (flows === undefined) throw new Error('flows are not judged');
	return flows;
}

function total({ own, tethered, shed, passed }: Flows): number {
	return own + tethered + shed + passed;
}
