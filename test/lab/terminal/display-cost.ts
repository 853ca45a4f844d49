import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { median } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';
import { openDashboard } from './dashboard-check.ts';
import { startReader } from './stream-reader.ts';
import { residentMib } from './tmux-terminal.ts';

const GIBIBYTE = 1024 ** 3;
const READERS = 4;
const KEYS = 20;
/** USER_HZ is 100 on every Linux that this runs on. */
const CLOCK_TICK_MS = 10;
const FROZEN_TIMEOUT_MS = 40_000;

type Progress = (line: string) => void;

/** Many stations, a dashboard, and readers; one of them frozen from the beginning. Without `seconds` nothing is timed. */
export async function measureDisplays(
	lab: Lab,
	{ stations, seconds, progress }: { stations: number; seconds: number | undefined; progress: Progress },
): Promise<Record<string, number>> {
	const agent = await lab.startAgent({ grant: { bytesMin: GIBIBYTE, bytesMax: GIBIBYTE, seconds: 20 } });
	const frozen = await startReader(lab.router, join(agent.directory, 'status.sock'));
	await frozen.freeze();
	await attach(agent, stations);
	progress(`${stations} stations are attached`);
	const drop = await awaitDrop(agent);
	progress(`the frozen reader was ${drop.dropped ? '' : 'not '}dropped; the longest lag was ${drop.lagMs} ms`);
	frozen.stop();
	const dropFigures = { frozen_readers_dropped: drop.dropped, frozen_sample_lag_ms: drop.lagMs };
	if (seconds === undefined) return dropFigures;
	const dashboard = await measureDashboard(lab, agent, { stations, seconds });
	progress(`octroi top: ${JSON.stringify(dashboard)}`);
	const readers = await measureReaders(lab, agent, seconds);
	progress(`${READERS} readers: ${JSON.stringify(readers)}`);
	return { ...dropFigures, ...dashboard, ...readers };
}

async function attach(agent: AgentHandle, stations: number): Promise<void> {
	for (let index = 0; index < stations; index++) {
		const account = `guest-${index}`;
		await agent.ask('account.create', { account });
		await agent.topUp(account, 'huge', `sale-${index}`);
		const text = index.toString(16).padStart(4, '0');
		await agent.ask('station.attach', { mac: `02:00:5e:20:${text.slice(0, 2)}:${text.slice(2)}`, account });
	}
}

/** The stream is read here once a poll, for its own figures. */
async function awaitDrop(agent: AgentHandle): Promise<{ dropped: number; lagMs: number }> {
	const path = join(agent.directory, 'status.sock');
	const end = performance.now() + FROZEN_TIMEOUT_MS;
	let lagMs = 0;
	let dropped = 0;
	while (dropped === 0 && performance.now() < end) {
		const health = await firstHealth(path);
		lagMs = Math.max(lagMs, health.lagMs);
		dropped = health.readersDropped;
		await delay(1000);
	}
	return { dropped, lagMs };
}

type Health = { lagMs: number; readersDropped: number };

/** Of the first snapshot. */
async function firstHealth(path: string): Promise<Health> {
	const socket = connect(path);
	socket.write('{"id":1,"command":"watch"}\n');
	let text = '';
	for await (const chunk of socket.setEncoding('utf8')) {
		text += chunk;
		const line = text
			.split('\n')
			.find((candidate, index, all) => index < all.length - 1 && candidate.includes('"watch":"snapshot"'));
		if (line === undefined) continue;
		socket.destroy();
		return (JSON.parse(line) as { agent: Health }).agent;
	}
	throw new Error('the agent closed the stream');
}

async function measureDashboard(
	lab: Lab,
	agent: AgentHandle,
	{ stations, seconds }: { stations: number; seconds: number },
): Promise<Record<string, number>> {
	const terminal = await openDashboard(lab, agent, { columns: 132, rows: 43 });
	await terminal.shows(new RegExp(`${stations} active`));
	const firstMs = ageMs(await terminal.pid());
	await terminal.keys('2');
	const list = await terminal.shows(/ of \d+ /);
	const total = / of (\d+) /.exec(list)?.[1];
	const pid = await terminal.pid();
	const before = processorMs(pid);
	await delay(seconds * 1000);
	const cpuPercent = (processorMs(pid) - before) / (seconds * 10);
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
		key_ms: Math.round(median(times)),
		redraw_cpu_percent: round(cpuPercent),
		top_resident_mib: residentMib(pid),
	};
	await terminal.stop();
	return figures;
}

/** The agent's CPU with and without readers, in turns, so that a disturbance meets both. */
async function measureReaders(lab: Lab, agent: AgentHandle, seconds: number): Promise<Record<string, number>> {
	const path = join(agent.directory, 'status.sock');
	const added: number[] = [];
	let sizes = { snapshotBytes: 0, deltaBytes: 0 };
	for (let round = 0; round < 3; round++) {
		await delay(2000);
		const alone = await cpuPercentOf(agent.pid, seconds / 2);
		const readers = await Promise.all(Array.from({ length: READERS }, () => startReader(lab.router, path)));
		await delay(3000);
		const watched = await cpuPercentOf(agent.pid, seconds / 2);
		added.push(watched - alone);
		sizes = await (readers[0] as (typeof readers)[number]).sizes();
		for (const reader of readers) reader.stop();
	}
	return {
		readers_cpu_percent: round(median(added)),
		snapshot_bytes: sizes.snapshotBytes,
		delta_bytes_idle: sizes.deltaBytes,
	};
}

async function cpuPercentOf(pid: number, seconds: number): Promise<number> {
	const before = processorMs(pid);
	const start = performance.now();
	await delay(seconds * 1000);
	return ((processorMs(pid) - before) / (performance.now() - start)) * 100;
}

/** Since its start: proc(5), /proc/PID/stat, field starttime; the terminal's own start is not in it. */
function ageMs(pid: number): number {
	return Number(process.hrtime.bigint() / 1_000_000n) - Number(statOf(pid)[22 - 3]) * CLOCK_TICK_MS;
}

/** From field 3 on: the name before it stands in parentheses and may hold spaces. */
function statOf(pid: number): string[] {
	return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
