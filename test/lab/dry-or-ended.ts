import type { AgentHandle } from './agent-handle.ts';
import type { Flow, FlowProgress } from './flow.ts';
import { HANG_MS, until } from './until.ts';

/** What was past the meter when it closed has arrived after this. */
const QUIET_MS = 150;
const DRY_TIMEOUT_MS = HANG_MS;

/**
 * Until the station is blocked, or the download has ended. Its silence alone says nothing: after a dry spell the sender's
 * retransmission timer has backed off, and the first packets may be lost to the next timer.
 */
export async function dryOrEnded(flow: Flow, agent: AgentHandle): Promise<FlowProgress> {
	await until('the balance to be used up, or the download to end', DRY_TIMEOUT_MS, async () => {
		const [row] = (await agent.stations()).filter(({ mac }) => mac === flow.station.mac);
		return row?.state === 'blocked' || (await flow.progress()).client?.state !== 'open';
	});
	return await flow.stalled(QUIET_MS, DRY_TIMEOUT_MS);
}
