import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { HANG_MS, until } from '../until.ts';
import { openDashboard } from './dashboard-check.ts';

/** What the kernel holds for a frozen reader has to fill up first; then it is borne with for ten seconds. */
const DROP_TIMEOUT_MS = HANG_MS;
const LEAVE_TIMEOUT_MS = HANG_MS;
const SETTLE_MS = 3000;
/** tmux wakes a child of its own that is stopped, but not a child's child. */
const SHELL = ['sh', '-c', '"$@"; :', 'sh'];

/** Freezes a real dashboard and kills another, and watches the agent meanwhile: from the freeze to the end. */
export async function freezeAndKill(lab: Lab, agent: AgentHandle): Promise<Record<string, number>> {
	const frozen = await openDashboard(lab, agent, { under: SHELL });
	const killed = await openDashboard(lab, agent);
	const frozenPid = childOf(await frozen.pid());
	const watch = new HealthWatch(join(agent.directory, 'status.sock'));
	try {
		await until('the readers to be counted', LEAVE_TIMEOUT_MS, async () => watch.readers === 3);
		// Two dashboards that start on a small machine make the agent late: that is no doing of the frozen one.
		await delay(SETTLE_MS);
		watch.longestLagMs = 0;
		process.kill(frozenPid, 'SIGSTOP');
		process.kill(await killed.pid(), 'SIGKILL');
		const leaves = async () => watch.readers === 2 && watch.dropped === 0;
		const left = await happens('the killed one to be gone', LEAVE_TIMEOUT_MS, leaves);
		const drops = async () => watch.readers === 1 && watch.dropped === 1;
		const dropped = await happens('the frozen one to be dropped', DROP_TIMEOUT_MS, drops);
		const { longestLagMs } = watch;
		process.kill(frozenPid, 'SIGCONT');
		const back =
			dropped && (await happens('the frozen one to be back', DROP_TIMEOUT_MS, async () => watch.readers === 2));
		await frozen.shows('Sold today');
		return {
			killed_displays_left: left ? 0 : 1,
			frozen_displays_dropped: dropped ? 1 : 0,
			frozen_lag_ms: longestLagMs,
			frozen_displays_back: back ? 1 : 0,
		};
	} finally {
		watch.stop();
		await frozen.stop();
		await killed.stop();
	}
}

/** The only one: /proc/PID/task/TID/children. */
function childOf(pid: number): number {
	return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

async function happens(what: string, timeoutMs: number, is: () => Promise<boolean>): Promise<boolean> {
	try {
		await until(what, timeoutMs, is);
		return true;
	} catch {
		return false;
	}
}

type Health = { agent: { lagMs: number; readers: number; readersDropped: number } };

/** What the agent says of itself, every second: a reader of its own. */
class HealthWatch {
	readonly #socket: Socket;
	longestLagMs = 0;
	readers = 0;
	dropped = 0;

	constructor(path: string) {
		this.#socket = connect(path);
		this.#socket.write('{"id":1,"command":"watch"}\n');
		createInterface({ input: this.#socket }).on('line', (line) => {
			if (!line.startsWith('{"watch":')) return;
			const { agent } = JSON.parse(line) as Partial<Health>;
			if (!agent) return;
			this.longestLagMs = Math.max(this.longestLagMs, agent.lagMs);
			this.readers = agent.readers;
			this.dropped = agent.readersDropped;
		});
	}

	stop(): void {
		this.#socket.destroy();
	}
}
