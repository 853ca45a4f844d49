import { setTimeout as delay } from 'node:timers/promises';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { monotonicMs } from '../traffic/flow-request.ts';
import { HANG_MS } from '../until.ts';
import { describeWay, movedBytes, type Way } from '../ways.ts';

const PACKAGE_MS = 3000;
const STALL_MS = 1500;
const STALL_TIMEOUT_MS = HANG_MS;
/** Steady, so that the last byte tells the moment of the end. */
const RATE_BITS_PER_SECOND = 4_000_000;
const NEW_FLOW_MS = 500;

const WAYS: Way[] = [
	{ protocol: 'tcp', direction: 'down', family: 'ipv4' },
	{ protocol: 'tcp', direction: 'up', family: 'ipv6' },
	{ protocol: 'udp', direction: 'down', family: 'ipv6' },
	{ protocol: 'udp', direction: 'up', family: 'ipv4' },
];

/** Time runs out in the kernel while nobody looks. */
export const timeout: Scenario = {
	name: 'timeout',
	title: 'a time package ends in the kernel with the agent stopped: established flows are dead within 1 s',
	figures: {
		late_seconds: {
			title: 'last byte after the end of the paid time, latest of all flows',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		early_seconds: {
			title: 'last byte before the end of the paid time, earliest of all flows',
			bound: { atMost: 1 },
			kind: 'speed',
		},
		late_bytes: { title: 'bytes of new flows after the end', bound: { equals: 0 } },
		agent_stopped: { title: 'the agent was stopped all the time', bound: { equals: 1 } },
		resumed_late_bytes: { title: 'bytes after the agent went on', bound: { equals: 0 } },
	},
	async run({ progress }) {
		return await withLab({ stations: WAYS.length }, async (lab) => {
			const agent = await lab.startAgent();
			const starts: { earliestMs: number; latestMs: number }[] = [];
			for (const { name } of lab.stations) {
				await agent.ask('account.create', { account: name });
				await agent.topUp(name, 'three-seconds');
			}
			for (const { name, mac } of lab.stations) {
				const earliestMs = monotonicMs();
				await agent.ask('station.attach', { mac, account: name });
				starts.push({ earliestMs, latestMs: monotonicMs() });
			}
			await agent.kill('SIGSTOP');
			const flows = await Promise.all(
				lab.stations.map((station, index) => {
					const way = WAYS[index] as Way;
					return lab.flow(station, { ...way, bitsPerSecond: RATE_BITS_PER_SECOND });
				}),
			);
			const ends = await Promise.all(flows.map((flow) => flow.stalled(STALL_MS, STALL_TIMEOUT_MS)));
			const over = ends.map(({ lastByteAtMs = 0 }, index) => ({
				late: (lastByteAtMs - (starts[index]?.latestMs ?? 0) - PACKAGE_MS) / 1000,
				early: ((starts[index]?.earliestMs ?? 0) + PACKAGE_MS - lastByteAtMs) / 1000,
			}));
			for (const [index, { late }] of over.entries())
				progress(`${describeWay(WAYS[index] as Way)}: last byte ${late.toFixed(3)} s after the end`);
			const atEnd = movedBytes(await lab.witness.read());
			for (const station of lab.stations)
				flows.push(await lab.flow(station, { protocol: 'udp', direction: 'up', bitsPerSecond: 1e6 }));
			await delay(NEW_FLOW_MS);
			const late = movedBytes(await lab.witness.read());
			const agent_stopped = agent.isStopped() ? 1 : 0;
			await agent.kill('SIGCONT');
			await delay(NEW_FLOW_MS);
			const resumed = movedBytes(await lab.witness.read());
			for (const flow of flows) await flow.stop();
			return {
				late_seconds: Math.max(...over.map((end) => end.late)),
				early_seconds: Math.max(...over.map((end) => end.early)),
				late_bytes: late - atEnd,
				agent_stopped,
				resumed_late_bytes: resumed - late,
			};
		});
	},
};
