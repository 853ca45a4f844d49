import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { dryOrEnded } from '../dry-or-ended.ts';
import type { Flow } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import type { Scenario } from '../scenario.ts';
import type { Station } from '../station.ts';
import { HANG_MS, until } from '../until.ts';

const MEBIBYTE = 1 << 20;
const ALLOTMENT_BYTES = 30 * MEBIBYTE;
const ANN_BYTES = 8 * MEBIBYTE;
const BOB_BYTES = 12 * MEBIBYTE;
/** What bob lets ann take of his allowance. */
const GIVEN_BYTES = 3 * MEBIBYTE;
const BOB_FIRST_BYTES = 4 * MEBIBYTE;
/** Of the second group: each cycle allows its member so much. */
const CYCLE_SECONDS = 8;
const CYCLE_ALLOWANCE_BYTES = 2 * MEBIBYTE;
const CYCLES = 2;
const CYCLES_LONG = 4;
/** What each of two accounts has before it is merged with the other. */
const MERGED_BYTES = 12 * MEBIBYTE;
const LATE_MS = 500;
const TIMEOUT_MS = HANG_MS;
/** Each cut leaves less than two packets. */
const REST_BYTES_MAX = 3000;

type Alert = { id: string; state: string };
type Member = { account: string; drawn: { byte: number } };

/** Three members spend one allotment, each up to an allowance, on the real kernel. */
export const group: Scenario = {
	name: 'group',
	title:
		'3 members of one group plan: Σ delivered ≤ allotment, each ≤ allowance, warnings, a transfer, cycles; two accounts merged under traffic',
	figures: {
		...COMPARISON_RULES,
		above_allowance_bytes: { title: 'delivered to a member − what it may have, largest', bound: { atMost: 0 } },
		above_allotment_bytes: { title: 'Σ delivered − allotment', bound: { atMost: 0 } },
		unspent_bytes: { title: 'allotment − Σ delivered when all are dry', bound: { atMost: 3 * REST_BYTES_MAX } },
		ann_unspent_bytes: {
			title: 'what ann may have − delivered, at her two cuts: less than two packets each',
			bound: { atMost: 2 * REST_BYTES_MAX },
		},
		books_difference_bytes: {
			title: 'drawn from the group, in the books − counted by the witness',
			bound: { equals: 0 },
		},
		late_bytes: { title: 'bytes of members after their cuts', bound: { equals: 0 } },
		warnings_missing: {
			title: 'warnings (a rest, a percentage, of the member, of the group) that were not raised when they had to be',
			bound: { equals: 0 },
		},
		warnings_early: { title: 'warnings raised before', bound: { equals: 0 } },
		same_connection: { title: "ann's download goes on in its connection after the transfer", bound: { equals: 1 } },
		second_taker_refused: { title: 'the same permission taken by another member', bound: { equals: 1 } },
		merge_above_bytes: { title: 'two accounts merged under traffic: Σ delivered − Σ bought', bound: { atMost: 0 } },
		merge_unspent_bytes: {
			title: 'Σ bought − Σ delivered, of their one balance',
			bound: { atMost: 2 * REST_BYTES_MAX },
		},
		merge_difference_bytes: {
			title: 'charged − counted, largest of both stations and directions, over the merge',
			bound: { equals: 0 },
		},
		merge_unpaid_bytes: { title: 'forwarded without payment over the merge', bound: { equals: 0 } },
		merge_left_bytes: { title: 'what the merged account has left', bound: { equals: 0 } },
		merge_late_bytes: { title: 'bytes of both stations after the end of their one balance', bound: { equals: 0 } },
		merge_least_after_bytes: {
			title: 'delivered to each station after the merge, in the flow that it had before, least',
			bound: { atLeast: MEBIBYTE },
		},
		cycles: { title: 'cycles of the second group that were measured', bound: { atLeast: CYCLES } },
		cycle_above_bytes: { title: "delivered in a cycle − its member's allowance, largest", bound: { atMost: 0 } },
		cycle_unspent_bytes: { title: 'allowance of a cycle − delivered, largest', bound: { atMost: REST_BYTES_MAX } },
	},
	async run({ isShort, progress }) {
		const merged = await withLab({ stations: 2 }, async (lab) => await spendMerged(lab, progress));
		return await withLab({ stations: 4 }, async (lab) => {
			const agent = await lab.startAgent({
				plans: [
					{ name: 'family', title: '30 MiB', bytes: ALLOTMENT_BYTES, validForSeconds: 864_000 },
					{ name: 'cycle', title: '20 MiB', bytes: 20 * MEBIBYTE, validForSeconds: CYCLE_SECONDS, renews: true },
				],
			});
			const [annStation, bobStation, eveStation, mayStation] = lab.stations as [Station, Station, Station, Station];
			const shared = await spendTogether(lab, agent, [annStation, bobStation, eveStation], progress);
			const cycles = await spendCycles(lab, agent, mayStation, isShort ? CYCLES : CYCLES_LONG);
			progress(`cycles: ${cycles.map((bytes) => bytes).join(' ')} of ${CYCLE_ALLOWANCE_BYTES} each`);
			const figures = await comparisonFigures(lab, agent, progress);
			const counted = (await lab.witness.read()).reduce((sum, { up, down }) => sum + up + down, 0);
			const drawn = totalOf(new LedgerReader(agent.database).moved(['used']));
			await agent.verifyLedger();
			return {
				...figures,
				...shared,
				...merged,
				books_difference_bytes: drawn - counted,
				cycles: cycles.length,
				cycle_above_bytes: Math.max(...cycles) - CYCLE_ALLOWANCE_BYTES,
				cycle_unspent_bytes: CYCLE_ALLOWANCE_BYTES - Math.min(...cycles),
			};
		});
	},
};

async function spendTogether(lab: Lab, agent: AgentHandle, stations: Station[], progress: (line: string) => void) {
	const [ann, bob, eve] = stations as [Station, Station, Station];
	await found(agent, 'family', 'family');
	await join(agent, 'family', ann, ANN_BYTES);
	await join(agent, 'family', bob, BOB_BYTES);
	await join(agent, 'family', eve, undefined);
	await agent.ask('alert.set', { account: ann.name, alert: 'rest', unit: 'byte', remaining: 2 * MEBIBYTE });
	await agent.ask('alert.set', { account: 'family', alert: 'half', unit: 'byte', percent: 50 });
	await agent.ask('alert.set', { account: 'family', alert: 'most', unit: 'byte', percent: 90 });
	for (const { name, mac } of [ann, bob]) await agent.ask('station.attach', { mac, account: name });

	const annFlow = await lab.flow(ann, { protocol: 'tcp', direction: 'down' });
	const bobFlow = await lab.flow(bob, { protocol: 'tcp', direction: 'up', family: 'ipv6', bytes: BOB_FIRST_BYTES });
	await Promise.all([dryOrEnded(annFlow, agent), bobFlow.ended(TIMEOUT_MS)]);
	const firstCut = await lab.passed(ann);
	await delay(LATE_MS);
	let late = (await lab.passed(ann)) - firstCut;
	const raised = [await isRaised(agent, ann.name, 'rest')];
	const early = [await isRaised(agent, 'family', 'most')];
	progress(`ann is dry after ${firstCut} of ${ANN_BYTES}`);

	const { code } = await agent.ask<{ code: string }>('account.permit', {
		account: bob.name,
		amount: GIVEN_BYTES,
		unit: 'byte',
	});
	await agent.ask('account.take', { account: ann.name, code });
	const second = await agent.ask('account.take', { account: eve.name, code }).then(
		() => 0,
		() => 1,
	);
	const annEnd = await dryOrEnded(annFlow, agent);
	const annTotal = await lab.passed(ann);
	progress(`with ${GIVEN_BYTES} of bob's ann got ${annTotal}; of the group ${JSON.stringify(await drawnOf(agent))}`);
	raised.push(await isRaised(agent, 'family', 'half'));

	await agent.ask('station.attach', { mac: eve.mac, account: eve.name });
	const flows = await Promise.all([
		lab.flow(eve, { protocol: 'tcp', direction: 'down' }),
		lab.flow(bob, { protocol: 'udp', direction: 'down', bitsPerSecond: 60_000_000 }),
	]);
	await Promise.all(flows.map((flow) => dryOrEnded(flow, agent)));
	const cuts = await Promise.all(stations.map((station) => lab.passed(station)));
	await delay(LATE_MS);
	const delivered = await Promise.all(stations.map((station) => lab.passed(station)));
	const total = delivered.reduce((sum, bytes) => sum + bytes, 0);
	late += total - cuts.reduce((sum, bytes) => sum + bytes, 0);
	raised.push(await isRaised(agent, 'family', 'most'));
	progress(`raised: ${raised.join(' ')}`);
	progress(`all are dry: ${delivered.join(' + ')} = ${total} of ${ALLOTMENT_BYTES}`);
	await stopAll([annFlow, ...flows]);
	const allowed = [ANN_BYTES + GIVEN_BYTES, BOB_BYTES - GIVEN_BYTES, ALLOTMENT_BYTES];
	return {
		above_allowance_bytes: Math.max(
			firstCut - ANN_BYTES,
			...delivered.map((bytes, index) => bytes - (allowed[index] ?? 0)),
		),
		above_allotment_bytes: total - ALLOTMENT_BYTES,
		unspent_bytes: ALLOTMENT_BYTES - total,
		ann_unspent_bytes: ANN_BYTES + GIVEN_BYTES - annTotal,
		late_bytes: late,
		warnings_missing: raised.filter((one) => !one).length,
		warnings_early: early.filter((one) => one).length,
		same_connection: annEnd.client?.state === 'open' && annEnd.client.error === undefined ? 1 : 0,
		second_taker_refused: second,
	};
}

/** A member with an endless download: what each cycle of its group lets through. */
async function spendCycles(lab: Lab, agent: AgentHandle, station: Station, cycles: number): Promise<number[]> {
	await found(agent, 'club', 'cycle');
	await join(agent, 'club', station, CYCLE_ALLOWANCE_BYTES);
	await agent.ask('station.attach', { mac: station.mac, account: station.name });
	const flow = await lab.flow(station, { protocol: 'udp', direction: 'down', bitsPerSecond: 20_000_000 });
	const delivered: number[] = [];
	let before = 0;
	for (let cycle = 0; cycle < cycles; cycle++) {
		// The next cycle has begun when something passes again.
		await until('the next cycle', TIMEOUT_MS, async () => (await lab.passed(station)) > before);
		await dryOrEnded(flow, agent);
		const now = await lab.passed(station);
		delivered.push(now - before);
		before = now;
	}
	await flow.stop();
	return delivered;
}

/** Two accounts, a station and a download each: one becomes the other's while both run, and they spend what is left together. */
async function spendMerged(lab: Lab, progress: (line: string) => void) {
	const agent = await lab.startAgent({ plans: [{ name: 'own', title: '12 MiB', bytes: MERGED_BYTES }] });
	const [into, from] = lab.stations as [Station, Station];
	for (const { name, mac } of [into, from]) await agent.admit(name, 'own', [mac]);
	const flows = await Promise.all([
		lab.flow(into, { protocol: 'tcp', direction: 'down', bitsPerSecond: 24_000_000 }),
		lab.flow(from, { protocol: 'udp', direction: 'up', family: 'ipv6', bitsPerSecond: 16_000_000 }),
	]);
	const passed = async () => await Promise.all([into, from].map((station) => lab.passed(station)));
	await until('both to spend', TIMEOUT_MS, async () => (await passed()).every((bytes) => bytes > 2 * MEBIBYTE));
	const { stations } = await agent.ask<{ stations: string[] }>('account.merge', {
		account: from.name,
		into: into.name,
	});
	const atMerge = await passed();
	progress(`merged after ${atMerge.join(' and ')}, with ${stations.join(' ')}`);
	await Promise.all(flows.map((flow) => dryOrEnded(flow, agent)));
	const cuts = await passed();
	await delay(LATE_MS);
	const delivered = await passed();
	const total = delivered.reduce((sum, bytes) => sum + bytes, 0);
	progress(`of one balance: ${delivered.join(' + ')} = ${total} of ${2 * MERGED_BYTES}`);
	await stopAll(flows);
	const { balance } = await agent.account(from.name);
	const {
		difference_bytes: difference = Number.NaN,
		unpaid_bytes: unpaid = Number.NaN,
		losses_after_meter: losses,
	} = await comparisonFigures(lab, agent, progress);
	if (losses !== 0) throw new Error('packets were lost between meter and witness');
	await agent.verifyLedger();
	return {
		merge_above_bytes: total - 2 * MERGED_BYTES,
		merge_unspent_bytes: 2 * MERGED_BYTES - total,
		merge_difference_bytes: difference,
		merge_unpaid_bytes: unpaid,
		merge_left_bytes: balance.byte.available + balance.byte.reserved,
		merge_late_bytes: total - cuts.reduce((sum, bytes) => sum + bytes, 0),
		merge_least_after_bytes: Math.min(...delivered.map((bytes, index) => bytes - (atMerge[index] ?? 0))),
	};
}

async function found(agent: AgentHandle, name: string, plan: string): Promise<void> {
	await agent.ask('account.create', { account: name });
	await agent.topUp(name, plan);
}

async function join(agent: AgentHandle, to: string, { name }: Station, bytes: number | undefined): Promise<void> {
	await agent.ask('account.create', { account: name });
	await agent.ask('group.join', { group: to, account: name, ...(bytes === undefined ? {} : { bytes }) });
}

async function isRaised(agent: AgentHandle, account: string, alert: string): Promise<boolean> {
	const { alerts } = await agent.ask<{ alerts: Alert[] }>('account.show', { account });
	return alerts.some(({ id, state }) => id === alert && state === 'raised');
}

async function drawnOf(agent: AgentHandle): Promise<Record<string, number>> {
	const members = await agent.ask<Member[]>('group.show', { group: 'family' });
	return Object.fromEntries(members.map(({ account, drawn }) => [account, drawn.byte]));
}

async function stopAll(flows: Flow[]): Promise<void> {
	for (const flow of flows) await flow.stop();
}
