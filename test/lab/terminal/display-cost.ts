import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { median } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';
import { openDashboard } from './dashboard-check.ts';
import { freezeAndKill } from './frozen-display.ts';
import { MovingStations, movingMac } from './moving-stations.ts';
import { measurePanels } from './panel-cost.ts';
import { startReader } from './stream-reader.ts';
import { residentMib } from './tmux-terminal.ts';

const GIBIBYTE = 1024 ** 3;
const READERS = 4;
const KEYS = 20;
/**
 * Until nothing of what was before is still being done: the compilation of what has become hot, a full sweep, and V8's collections
 * of what the readers' coming or going has left behind, up to three, 8 to 33 s after it. What they cost is a figure of its own.
 */
const SETTLE_SECONDS = 35;
const READ_SECONDS = 60;
/** Until the agent has read what the kernel says of neighbours. */
const NEWS_MS = 2000;
/** For the size of some deltas. */
const IDLE_MS = 5000;
/** One station of ten moves something every second; in most venues it is fewer. */
const MOVING = 410;
/** USER_HZ is 100 on every Linux that this runs on. */
const CLOCK_TICK_MS = 10;

type Progress = (line: string) => void;

/** Many stations, dashboards, and readers; stations move while it is measured. Without `seconds` no CPU is measured. */
export async function measureDisplays(
	lab: Lab,
	{ stations, seconds, progress }: { stations: number; seconds: number | undefined; progress: Progress },
): Promise<Record<string, number>> {
	const agent = await lab.startAgent({ grant: { bytesMin: GIBIBYTE, bytesMax: GIBIBYTE, seconds: 20 } });
	await attach(agent, stations);
	const moving = new MovingStations(lab);
	try {
		await moving.start(stations);
		await delay(NEWS_MS);
		const agentMib = residentMib(agent.pid);
		progress(`${stations} stations are attached, and their addresses known; the agent has ${agentMib} MiB`);
		const busy = Math.min(stations, MOVING);
		moving.move(busy);
		const frozen = await freezeAndKill(lab, agent);
		progress(`a frozen and a killed octroi top: ${JSON.stringify(frozen)}`);
		if (seconds === undefined) return frozen;
		moving.move(0);
		const idle = await readFor(lab, agent, IDLE_MS);
		moving.move(busy);
		const dashboard = await measureDashboard(lab, agent, { stations, seconds });
		progress(`octroi top while ${busy} stations move: ${JSON.stringify(dashboard)}`);
		const panels = await measurePanels(lab, agent, seconds);
		progress(`octroi lcd meanwhile: ${JSON.stringify(panels)}`);
		const some = await measureReaders(lab, agent, progress);
		progress(`${READERS} readers while ${busy} stations move: ${JSON.stringify(some)}`);
		moving.move(stations);
		const all = await measureReaders(lab, agent, progress);
		progress(`${READERS} readers while all stations move: ${JSON.stringify(all)}`);
		return {
			...frozen,
			...dashboard,
			...panels,
			agent_resident_mib: agentMib,
			stations_moving: some.moved,
			readers_cpu_percent: some.addedPercent,
			readers_cpu_percent_all: all.addedPercent,
			readers_to_floor: some.addedToReaders,
			readers_to_floor_all: all.addedToReaders,
			readers_connect_cpu_ms: some.connectMs,
			snapshot_bytes: all.snapshotBytes,
			delta_bytes_idle: idle.smallestBytes,
			delta_bytes: some.deltaBytes,
			delta_bytes_all: all.deltaBytes,
		};
	} finally {
		moving.stop();
	}
}

async function attach(agent: AgentHandle, stations: number): Promise<void> {
	for (let index = 0; index < stations; index++) {
		const account = `guest-${index}`;
		await agent.ask('account.create', { account });
		await agent.topUp(account, 'huge', `sale-${index}`);
		await agent.ask('station.attach', { mac: movingMac(index), account });
	}
}

async function measureDashboard(
	lab: Lab,
	agent: AgentHandle,
	{ stations, seconds }: { stations: number; seconds: number },
): Promise<Record<string, number>> {
	const reader = await startReader(lab.router, statusPath(agent));
	const readerFirstMs = reader.usedMs();
	const terminal = await openDashboard(lab, agent, { columns: 132, rows: 43 });
	await terminal.shows(new RegExp(`${stations} active`));
	const firstMs = ageMs(await terminal.pid());
	const firstCpuMs = processorMs(await terminal.pid());
	await terminal.keys('2');
	const list = await terminal.shows(/ of \d+ /);
	const total = / of (\d+) /.exec(list)?.[1];
	const pid = await terminal.pid();
	const before = processorMs(pid);
	const readBefore = reader.usedMs();
	await delay(seconds * 1000);
	const usedMs = processorMs(pid) - before;
	const readMs = reader.usedMs() - readBefore;
	reader.stop();
	const times: number[] = [];
	await terminal.keys('Home');
	for (let index = 1; index <= KEYS; index++) {
		const pressed = performance.now();
		await terminal.keys(index % 2 === 1 ? 'End' : 'Home');
		await terminal.shows(index % 2 === 1 ? `-${total} of` : /1-\d+ of/);
		times.push(performance.now() - pressed);
	}
	const figures = {
		first_screen_ms: Math.round(firstMs),
		first_screen_cpu_ms: Math.round(firstCpuMs),
		key_ms: Math.round(median(times)),
		first_screen_to_reader: hundredths(firstCpuMs / readerFirstMs),
		redraw_cpu_percent: hundredths(usedMs / (seconds * 10)),
		redraw_to_reader: hundredths(usedMs / readMs),
		top_resident_mib: residentMib(pid),
	};
	await terminal.stop();
	return figures;
}

type ReaderSizes = { snapshotBytes: number; deltaBytes: number; smallestBytes: number };

type ReaderFigures = ReaderSizes & {
	/** Stations whose rate was not 0. */
	moved: number;
	addedPercent: number;
	/** The same ÷ what the readers themselves use meanwhile. */
	addedToReaders: number;
	/** What their coming costs once. */
	connectMs: number;
};

async function readFor(lab: Lab, agent: AgentHandle, milliseconds: number): Promise<ReaderSizes> {
	const reader = await startReader(lab.router, statusPath(agent));
	await delay(milliseconds);
	const sizes = await reader.sizes();
	reader.stop();
	return sizes;
}

/** The agent's CPU without readers, and then with them. */
async function measureReaders(lab: Lab, agent: AgentHandle, progress: Progress): Promise<ReaderFigures> {
	await secondsOf(agent.pid, SETTLE_SECONDS);
	const alone = await secondsOf(agent.pid, READ_SECONDS);
	const readers = await Promise.all(Array.from({ length: READERS }, () => startReader(lab.router, statusPath(agent))));
	const coming = await secondsOf(agent.pid, SETTLE_SECONDS);
	const readersMs = () => readers.reduce((sum, reader) => sum + reader.usedMs(), 0);
	const readBefore = readersMs();
	const watched = await secondsOf(agent.pid, READ_SECONDS);
	const readMs = readersMs() - readBefore;
	// Where a figure is missed, they tell what of it comes once and what every second.
	for (const [what, times] of Object.entries({ alone, coming, watched })) {
		progress(`ms of CPU, each second, ${what}: ${times.map((ms) => ms.toFixed(0)).join(' ')}`);
	}
	const sizes = await (readers[0] as (typeof readers)[number]).sizes();
	for (const reader of readers) reader.stop();
	const moved = (await agent.stations()).filter(({ upBytesPerSecond: up, downBytesPerSecond: down }) => up + down > 0);
	return {
		...sizes,
		moved: moved.length,
		addedPercent: hundredths((mean(watched) - mean(alone)) / 10),
		addedToReaders: hundredths((mean(watched) - mean(alone)) / (readMs / READ_SECONDS)),
		connectMs: Math.round((mean(coming) - mean(watched)) * SETTLE_SECONDS),
	};
}

function statusPath(agent: AgentHandle): string {
	return join(agent.directory, 'status.sock');
}

/** What a process used in each of some seconds, in ms. */
async function secondsOf(pid: number, count: number): Promise<number[]> {
	const times: number[] = [];
	let before = { ms: processorMs(pid), at: performance.now() };
	while (times.length < count) {
		await delay(1000);
		const now = { ms: processorMs(pid), at: performance.now() };
		times.push(((now.ms - before.ms) / (now.at - before.at)) * 1000);
		before = now;
	}
	return times;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Since its start: proc(5), /proc/PID/stat, field starttime; the terminal's own start is not in it. */
function ageMs(pid: number): number {
	return Number(process.hrtime.bigint() / 1_000_000n) - Number(statOf(pid)[22 - 3]) * CLOCK_TICK_MS;
}

/** From field 3 on: the name before it stands in parentheses and may hold spaces. */
function statOf(pid: number): string[] {
	return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
}

function hundredths(value: number): number {
	return Math.round(value * 100) / 100;
}
