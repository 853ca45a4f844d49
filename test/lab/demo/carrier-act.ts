import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { ComparisonRow } from '../comparison.ts';
import type { Lab } from '../lab.ts';
import { HANG_MS, until } from '../until.ts';
import type { DemoCarrier } from './demo-carrier.ts';

const WAIT_MS = HANG_MS;
const LOST_MS = 3000;
const MEASURE_MS = 2000;
const TEN_MEGABYTES = 10_000_000;
/** What the agent sells under these names, as the carrier writes it; one of them with another speed after its end. */
const TEN_MB = { name: 'ten-mb', title: '10 MB', unit: 'byte', amount: TEN_MEGABYTES, atEnd: 'block' } as const;
const FASTER = {
	name: 'fair',
	title: '10 MB, then 6 Mbit/s',
	unit: 'byte',
	amount: TEN_MEGABYTES,
	atEnd: 'throttle',
	throttleBytesPerSecond: 750_000,
	live: true,
} as const;
const FLOW_BITS_PER_SECOND = 8_000_000;

type Say = (line: string) => void;
type CarrierFigures = { connected: boolean; backlog: { batches: number; sessions: number; events: number } };

/** The carrier at work on the stations of the demo: a policy, a top-up, and a line that is lost and comes back. */
export async function performCarrier(lab: Lab, agent: AgentHandle, carrier: DemoCarrier, say: Say): Promise<void> {
	say('');
	say('The carrier: a broker and the platform, at the far end of the uplink.');
	await changePolicy(lab, carrier, say);
	await topUpFromAfar(lab, agent, carrier, say);
	await loseUplink(agent, carrier, say);
}

async function changePolicy(lab: Lab, carrier: DemoCarrier, say: Say): Promise<void> {
	const before = await rateOf(lab, 3);
	const start = performance.now();
	const version = await carrier.publish({ plans: [FASTER], tariffs: [] });
	await until('the policy to be in force', WAIT_MS, async () => (await carrier.policyOutcome(version)) !== undefined);
	const ms = Math.round(performance.now() - start);
	say(`policy ${version}, after the end 6 Mbit/s instead of 2: ${await carrier.policyOutcome(version)} after ${ms} ms`);
	say(`sta3: ${text(before)} before, ${text(await rateOf(lab, 3))} now`);
}

async function topUpFromAfar(lab: Lab, agent: AgentHandle, carrier: DemoCarrier, say: Say): Promise<void> {
	const { mac } = lab.station(2);
	const start = performance.now();
	const id = await carrier.sell('sta2', TEN_MB, '4711');
	await agent.reaches(mac, 'active');
	const ms = Math.round(performance.now() - start);
	await carrier.sell('sta2', TEN_MB, '4711');
	await until('the answer', WAIT_MS, async () => (await carrier.outcomeOf(id)) === 'done');
	say(`a shop sells 10 MB to sta2, and says so twice: it goes on after ${ms} ms, and is credited once`);
	await lab.flow(lab.station(2), {
		protocol: 'tcp',
		direction: 'down',
		family: 'ipv4',
		bitsPerSecond: FLOW_BITS_PER_SECOND,
	});
}

async function loseUplink(agent: AgentHandle, carrier: DemoCarrier, say: Say): Promise<void> {
	const figures = async () => await agent.ask<CarrierFigures>('carrier.status');
	const waits = async () => Object.values((await figures()).backlog).reduce((sum, count) => sum + count, 0);
	carrier.cutUplink();
	await until('the line to be lost', WAIT_MS, async () => !(await figures()).connected);
	await delay(LOST_MS);
	say(`the line to the carrier is lost; stations go on, ${await waits()} reports wait`);
	await carrier.raiseUplink();
	await until('the line to be back', WAIT_MS, async () => (await figures()).connected);
	say('the line is back');
}

/** What differs between the platform and the independent count, when everything has been reported. */
export async function carrierProblems(
	agent: AgentHandle,
	carrier: DemoCarrier,
	rows: readonly ComparisonRow[],
	say: Say,
): Promise<string[]> {
	const counted = new Map<string, number>();
	for (const { station, countedBytes } of rows) counted.set(station, (counted.get(station) ?? 0) + countedBytes);
	await until('everything to be reported', WAIT_MS, async () => {
		const { backlog } = await agent.ask<CarrierFigures>('carrier.status');
		return Object.values(backlog).every((count) => count === 0);
	});
	const usage = await carrier.usage();
	const differing = [...counted].filter(([account, bytes]) => (usage.get(account) ?? 0) !== bytes);
	say(`the platform has the usage of ${usage.size} accounts; ${differing.length} differ from the count`);
	const broken = await carrier.brokenInvariants();
	if (broken === 0) say('octroi-carrier verify: all invariants hold');
	return [
		...differing.map(
			([account, bytes]) => `${account}: the platform has ${usage.get(account) ?? 0} bytes, the count ${bytes}`,
		),
		...(broken > 0 ? [`${broken} invariants of the platform are broken`] : []),
	];
}

async function rateOf(lab: Lab, number: number): Promise<number> {
	const read = async () => (await lab.witness.read())[number - 1]?.down ?? 0;
	const before = await read();
	await delay(MEASURE_MS);
	return ((await read()) - before) * (8000 / MEASURE_MS);
}

function text(bitsPerSecond: number): string {
	return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}
