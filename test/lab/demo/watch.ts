import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { CAST } from './cast.ts';
import { frameLines, logLine, type StationView } from './frame.ts';

const FRAME_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 2000;

/** Shows the stations for so many seconds without the dashboard: a picture on a terminal, else one line now and then. */
export async function watchStations(lab: Lab, agent: AgentHandle, seconds: number): Promise<void> {
	const isTerminal = process.stdout.isTTY === true;
	const start = performance.now();
	let drawnLines = 0;
	let last = await countedBytes(lab);
	for (;;) {
		await delay(isTerminal ? FRAME_INTERVAL_MS : LOG_INTERVAL_MS);
		const passed = (performance.now() - start) / 1000;
		const now = await countedBytes(lab);
		const elapsedMs = now.atMs - last.atMs;
		const rates = now.bytes.map((bytes, index) => ((bytes - (last.bytes[index] ?? 0)) * 8000) / elapsedMs);
		last = now;
		const views = await viewStations(lab, agent, rates);
		if (isTerminal) {
			const lines = frameLines(views, seconds - passed);
			// Up to the first line of the frame before, and over it; `\x1b[K` clears what was longer.
			process.stdout.write(
				`${drawnLines > 0 ? `\x1b[${drawnLines}A` : ''}${lines.map((line) => `${line}\x1b[K\n`).join('')}`,
			);
			drawnLines = lines.length;
		} else {
			process.stdout.write(`${logLine(views, passed)}\n`);
		}
		if (passed >= seconds) return;
	}
}

async function viewStations(lab: Lab, agent: AgentHandle, rates: number[]): Promise<StationView[]> {
	const [rows, counted] = await Promise.all([agent.stations(), lab.witness.read()]);
	return await Promise.all(
		lab.stations.map(async ({ name, mac }, index) => {
			const role = CAST[index];
			const account = role?.plan === undefined ? undefined : await agent.account(name);
			const bought = account?.packages[0];
			return {
				name,
				mac,
				story: role?.story ?? '',
				state: rows.find((row) => row.mac === mac)?.state ?? 'unknown',
				upBytes: counted[index]?.up ?? 0,
				downBytes: counted[index]?.down ?? 0,
				bitsPerSecond: rates[index] ?? 0,
				remaining: bought && { bytes: bought.remaining, amountBytes: bought.amount },
			};
		}),
	);
}

async function countedBytes(lab: Lab): Promise<{ atMs: number; bytes: number[] }> {
	const bytes = (await lab.witness.read()).map(({ up, down }) => up + down);
	return { atMs: performance.now(), bytes };
}
