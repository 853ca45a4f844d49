import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes } from '../ways.ts';

const RATE_BITS_PER_SECOND = 20_000_000;
const SETTLE_MS = 1500;
const RESUME_TIMEOUT_MS = HANG_MS;
const STATEMENT = 'counters vanished or were set back: at most the bound';

/** Sets the counters of all stations back under load, then removes those of all; the agent puts it right by itself. */
export async function disturbCounters(lab: Lab, progress: (line: string) => void) {
	const agent = await lab.startAgent();
	for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
	const flows = await Promise.all(
		lab.stations.map((station, index) =>
			lab.flow(station, {
				protocol: 'udp',
				direction: index === 0 ? 'down' : 'up',
				bitsPerSecond: RATE_BITS_PER_SECOND,
			}),
		),
	);
	let counters_resume_ms = 0;
	let expected = 0;
	for (const [what, disturb] of [
		['set back', resetCounters],
		['deleted', deleteCounters],
	] as const) {
		await delay(SETTLE_MS);
		expected += lab.stations.length;
		await disturb(lab);
		const began = performance.now();
		const statements = () => agent.logTail().split(STATEMENT).length - 1;
		await until('a statement of the bound for all stations', RESUME_TIMEOUT_MS, async () => statements() >= expected);
		const received = await Promise.all(flows.map(async (flow) => (await flow.progress()).receivedBytes));
		await until('all flows to go on', RESUME_TIMEOUT_MS, async () => {
			const now = await Promise.all(flows.map(async (flow) => (await flow.progress()).receivedBytes));
			return now.every((bytes, index) => bytes > (received[index] ?? 0));
		});
		const took = Math.round(performance.now() - began);
		counters_resume_ms = Math.max(counters_resume_ms, took);
		progress(`counters ${what}: all stations go on after ${took} ms`);
	}
	for (const flow of flows) await flow.stop();
	await delay(400);
	for (const { mac } of lab.stations) await agent.ask('station.detach', { mac });
	const ledger = new LedgerReader(agent.database);
	const error = movedBytes(await lab.witness.read()) - ledger.chargedBytes();
	const lost = totalOf(ledger.moved(['lost_customer'], true));
	progress(`not charged: ${error} bytes; in lost grants: ${lost}`);
	await agent.verifyLedger();
	const statements = agent.logTail().split(STATEMENT).length - 1;
	return {
		counters_resume_ms,
		counters_error_bytes: Math.max(error - lost, -error),
		counters_unstated: 2 * lab.stations.length - statements,
	};
}

async function resetCounters(lab: Lab): Promise<void> {
	await lab.router.run('nft', ['reset', 'counters', 'table', 'inet', 'octroi']);
}

/** The kernel deletes no counter that a map names. */
async function deleteCounters(lab: Lab): Promise<void> {
	const lines: string[] = [];
	for (const map of ['up_of', 'down_of']) {
		for (const [, key, name] of (await listMap(lab, map)).matchAll(/(0x[0-9a-f]+) : "([ud]\d+)"/g)) {
			lines.push(`delete element inet octroi ${map} { ${key} : "${name}" }`, `delete counter inet octroi ${name}`);
		}
	}
	await lab.router.nft(`${lines.join('\n')}\n`);
}

async function listMap(lab: Lab, map: string): Promise<string> {
	return await lab.router.run('nft', ['list', 'map', 'inet', 'octroi', map]);
}
