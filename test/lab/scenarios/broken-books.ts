import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { AgentHandle } from '../agent-handle.ts';
import { comparisonFigures } from '../comparison.ts';
import type { Lab } from '../lab.ts';
import { LedgerReader, totalOf } from '../ledger-reader.ts';
import { HANG_MS, until } from '../until.ts';
import { movedBytes } from '../ways.ts';

const RATE_BITS_PER_SECOND = 20_000_000;
const SPENDING_MS = 600;
const RESUME_TIMEOUT_MS = HANG_MS;
/** More than the counter will ever reach here. */
const DAMAGE_BYTES = 1_000_000_000;
const LEDGER_BROKEN_STATUS = 7;

/** Damages the ledger under a download: the agent stops and stays so; the kernel goes on within the grant; mended, all is well. */
export async function breakBooks(lab: Lab, progress: (line: string) => void) {
	const agent = await lab.startAgent();
	const station = lab.station(1);
	await agent.admit(station.name, 'large', [station.mac]);
	const flow = await lab.flow(station, { protocol: 'udp', direction: 'down', bitsPerSecond: RATE_BITS_PER_SECOND });
	await delay(SPENDING_MS);
	damage(agent, DAMAGE_BYTES);
	// Makes it charge; its own answer may come or not.
	await agent.topUp(station.name, 'ten-mb').catch(() => undefined);
	const status = await agent.ended();
	progress(`the agent ended with status ${status}`);
	const isRefused = await agent.start().then(
		() => false,
		(error: Error) => error.message.includes('books are broken'),
	);
	damage(agent, -DAMAGE_BYTES);
	await delay(SPENDING_MS);
	const ledger = new LedgerReader(agent.database);
	const granted = totalOf(ledger.reserved()) + ledger.chargedBytes();
	const forwarded = movedBytes(await lab.witness.read());
	await agent.start();
	const before = (await flow.progress()).receivedBytes;
	await until('the download to go on', RESUME_TIMEOUT_MS, async () => (await flow.progress()).receivedBytes > before);
	await flow.stop();
	await agent.verifyLedger();
	return {
		...(await comparisonFigures(lab, agent, progress)),
		broken_stops: status === LEDGER_BROKEN_STATUS && isRefused ? 1 : 0,
		broken_free_bytes: forwarded - granted,
	};
}

function damage(agent: AgentHandle, bytes: number): void {
	const database = new Database(agent.database);
	try {
		const sql = 'UPDATE meter SET down_bytes = down_bytes + :bytes, down_checkpoint = down_checkpoint + :bytes';
		database.prepare(sql).run({ bytes });
	} finally {
		database.close();
	}
}
