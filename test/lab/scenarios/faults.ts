import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startAgent } from '../agent-handle.ts';
import { COMPARISON_RULES, comparisonFigures } from '../comparison.ts';
import { type Lab, withLab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import type { Scenario } from '../scenario.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes } from '../ways.ts';
import { breakBooks } from './broken-books.ts';
import { disturbCounters } from './lost-counters.ts';

const MEBIBYTE = 1 << 20;
const RATE_BITS_PER_SECOND = 20_000_000;
const REMOVALS = 5;
const REMOVALS_SHORT = 2;
const RESTORE_TIMEOUT_MS = HANG_MS;
const STALL_MS = 700;
const STALL_TIMEOUT_MS = HANG_MS;
/** Room for the ledger of one account, and little more. */
const DISK_BYTES = 1 * MEBIBYTE;

/** What goes wrong on real routers besides crashes: somebody flushes the rules, the disk is full, an agent is started twice. */
export const faults: Scenario = {
	name: 'faults',
	title:
		'a removed table, lost counters, broken books, a full disk, a second agent: a clear message, nothing lost, nothing free',
	figures: {
		...COMPARISON_RULES,
		removals: { title: 'times that the table was removed under load', bound: { atLeast: REMOVALS_SHORT } },
		restore_ms: {
			title: 'until the table stood again and stations were attached, longest',
			bound: { atMost: 1000 },
			kind: 'speed',
		},
		removal_error_bytes: {
			title: 'error of a removal beyond the grants that it cost and what passed while there was no table, largest',
			bound: { atMost: 0 },
		},
		removal_unstated: { title: 'removals without a logged statement of the bound', bound: { equals: 0 } },
		counters_resume_ms: {
			title: 'until all stations went on after their counters were set back or deleted, longest',
			bound: { atMost: 5000 },
			kind: 'speed',
		},
		counters_error_bytes: { title: 'error of that beyond the grants that it cost', bound: { atMost: 0 } },
		counters_unstated: { title: 'of these, without a logged statement of the bound', bound: { equals: 0 } },
		broken_stops: { title: 'the agent stopped when its books were broken, and stayed so', bound: { equals: 1 } },
		broken_free_bytes: { title: 'forwarded beyond the grants meanwhile', bound: { atMost: 0 } },
		full_disk_free_bytes: { title: 'forwarded beyond the grants while the disk was full', bound: { atMost: 0 } },
		full_disk_resumed: { title: 'the download went on by itself when there was room again', bound: { equals: 1 } },
		second_agent_refused: { title: 'a second agent in the same namespace was refused', bound: { equals: 1 } },
	},
	async run({ isShort, progress }) {
		const removed = await withLab({ stations: 2 }, (lab) =>
			removeTables(lab, isShort ? REMOVALS_SHORT : REMOVALS, progress),
		);
		const disturbed = await withLab({ stations: 2 }, (lab) => disturbCounters(lab, progress));
		const broken = await withLab({ stations: 1 }, (lab) => breakBooks(lab, progress));
		return {
			...removed,
			...disturbed,
			...broken,
			...(await withLab({ stations: 1 }, (lab) => fillDisk(lab, progress))),
		};
	},
};

/** Removes our table while stations download; the agent brings it back. */
async function removeTables(lab: Lab, removals: number, progress: (line: string) => void) {
	const agent = await lab.startAgent();
	for (const { name, mac } of lab.stations) await agent.admit(name, 'large', [mac]);
	const flows = await Promise.all(
		lab.stations.map((station, index) =>
			lab.flow(station, {
				protocol: index === 0 ? 'tcp' : 'udp',
				direction: 'down',
				bitsPerSecond: RATE_BITS_PER_SECOND,
			}),
		),
	);
	let restore_ms = 0;
	for (let removal = 1; removal <= removals; removal++) {
		await delay(600);
		const began = performance.now();
		await lab.router.run('nft', ['delete', 'table', 'inet', 'octroi']);
		await until('the stations to be attached anew', RESTORE_TIMEOUT_MS, async () => await allMarked(lab));
		const took = Math.round(performance.now() - began);
		restore_ms = Math.max(restore_ms, took);
		progress(`removal ${removal}: attached anew after ${took} ms`);
	}
	await delay(600);
	for (const flow of flows) await flow.stop();
	await delay(400);
	for (const { mac } of lab.stations) await agent.ask('station.detach', { mac });
	const error = movedBytes(await lab.witness.read()) - new LedgerReader(agent.database).chargedBytes();
	const lost = totalOf(new LedgerReader(agent.database).moved(['lost_customer'], true));
	// No table stood for at most so long, and nobody was stopped meanwhile.
	const unmetered = (removals * lab.stations.length * restore_ms * RATE_BITS_PER_SECOND) / 8000;
	progress(`not charged: ${error} bytes; in lost grants: ${lost}; at most ${Math.round(unmetered)} without a table`);
	const statements = agent.logTail().split('the table was removed: at most the bound').length - 1;
	await agent.verifyLedger();
	return {
		removals,
		restore_ms,
		removal_error_bytes: Math.max(error - lost - unmetered, -error),
		removal_unstated: removals - statements,
	};
}

/** Fills the ledger's disk under a download, frees it again, and tries a second agent. */
async function fillDisk(lab: Lab, progress: (line: string) => void) {
	const directory = join(LAB_DIRECTORY, 'small-disk');
	mkdirSync(directory, { recursive: true });
	await mountSmallDisk(directory);
	const agent = await lab.startAgent({
		database: join(directory, 'ledger.db'),
		grant: { bytesMin: MEBIBYTE, bytesMax: 4 * MEBIBYTE, seconds: 1 },
	});
	const second_agent_refused = (await isSecondRefused(lab)) ? 1 : 0;
	const station = lab.station(1);
	await agent.admit(station.name, 'large', [station.mac]);
	const flow = await lab.flow(station, { protocol: 'tcp', direction: 'down', bitsPerSecond: RATE_BITS_PER_SECOND });
	await delay(1000);
	const ballast = join(directory, 'ballast');
	const { bavail, bsize } = statfsSync(directory);
	writeFileSync(ballast, Buffer.alloc(bavail * bsize));
	await flow.stalled(STALL_MS, STALL_TIMEOUT_MS);
	const ledger = new LedgerReader(agent.database);
	const granted = ledger.chargedBytes() + totalOf(ledger.reserved());
	const forwarded = movedBytes(await lab.witness.read());
	progress(`disk full: ${forwarded} bytes forwarded of ${granted} that the ledger had charged or granted`);
	rmSync(ballast);
	const before = (await flow.progress()).receivedBytes;
	await until('the download to go on', RESTORE_TIMEOUT_MS, async () => (await flow.progress()).receivedBytes > before);
	progress('room again: the download goes on');
	await flow.stop();
	await agent.verifyLedger();
	const comparison = await comparisonFigures(lab, agent, progress);
	return { ...comparison, full_disk_free_bytes: forwarded - granted, full_disk_resumed: 1, second_agent_refused };
}

async function mountSmallDisk(directory: string): Promise<void> {
	await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', directory]);
}

async function isSecondRefused(lab: Lab): Promise<boolean> {
	try {
		await startAgent(lab.router, {});
		return false;
	} catch (error) {
		return String((error as Error).message).includes('another agent');
	}
}

/** Each station's flows get a mark again, and its account has something to spend. */
async function allMarked(lab: Lab): Promise<boolean> {
	try {
		const text = await lab.router.run('nft', ['list', 'map', 'inet', 'octroi', 'grant_of']);
		return (text.match(/: "grant/g) ?? []).length >= lab.stations.length;
	} catch {
		return false; // there is no table yet
	}
}
