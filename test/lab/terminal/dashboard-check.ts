import { join } from 'node:path';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import { TetheredDevice } from '../tethered-device.ts';
import { HANG_MS, until } from '../until.ts';
import { TmuxTerminal } from './tmux-terminal.ts';

/** Each family has two lines of comment and a line for each class or state: docs/metrics.md lists them all. */
const METRICS_LINES_MAX = 250;
const PROGRAM = join(PROJECT_ROOT, 'build/agent/main.js');
const ENDED_TIMEOUT_MS = HANG_MS;

/** SGR with a colour. */
const COLOURED = /\[[0-9;]*(?:3|4|9|10)[0-7](?:;|m)/;

/** `octroi top` of the lab's agent in a terminal; `under` is a program that starts it. */
export async function openDashboard(
	lab: Lab,
	agent: AgentHandle,
	{
		words = [] as string[],
		under = [] as string[],
		...options
	}: { words?: string[]; under?: string[] } & Parameters<TmuxTerminal['start']>[2] = {},
): Promise<TmuxTerminal> {
	const terminal = new TmuxTerminal(lab.router);
	const [program, ...given] = [...under, process.execPath, PROGRAM, '--config', agent.configFile, 'top', ...words];
	await terminal.start(program as string, given, options);
	await terminal.shows('Sold today');
	return terminal;
}

/** Plays an operator: keys and clicks go in, and what matters on the screens is compared. Answers what was wrong. */
export async function checkDashboard(lab: Lab, progress: (line: string) => void): Promise<string[]> {
	const agent = await lab.startAgent({ metrics: { listen: METRICS_ADDRESS }, tethered: { detect: true } });
	await agent.admit('room-1', 'ten-mb', [lab.station(1).mac]);
	await agent.admit('room-2', 'fair', [lab.station(2).mac]);
	await agent.admit('room-3', undefined, [lab.station(3).mac]);
	const flow = await lab.flow(lab.station(1), { protocol: 'udp', direction: 'up', bitsPerSecond: 1_000_000 });
	const failures: string[] = [];
	for (const [what, check] of Object.entries(CHECKS)) {
		try {
			await check({ lab, agent });
			progress(`ok: ${what}`);
		} catch (error) {
			failures.push(`${what}: ${error instanceof Error ? error.message : error}`);
		}
	}
	await flow.stop();
	return failures;
}

const METRICS_ADDRESS = '127.0.0.1:9469';
const SCRAPE = `fetch('http://${METRICS_ADDRESS}/metrics').then((answer) => answer.text()).then(console.log)`;

type Stage = { lab: Lab; agent: AgentHandle };

const CHECKS: Record<string, (stage: Stage) => Promise<void>> = {
	'a scrape has what was forwarded and sold, and a bounded number of lines': async ({ lab }) => {
		const text = await lab.router.run(process.execPath, ['--eval', SCRAPE]);
		for (const wanted of [
			/^octroi_sold_total\{unit="byte"\} 20971520$/m,
			/^octroi_spent_total\{unit="micro"\} 0$/m,
			/^octroi_forwarded_bytes_total\{class="zero_rated",direction="down"\} 0$/m,
			/^octroi_attached_stations 3$/m,
		]) {
			if (!wanted.test(text)) throw new Error(`no ${wanted} in:\n${text}`);
		}
		if (!(Number(/^octroi_forwarded_bytes_total\{class="own",direction="up"\} (\d+)$/m.exec(text)?.[1]) >= 0)) {
			throw new Error(`nothing was forwarded:\n${text}`);
		}
		// A line for each station or account would be thousands on a busy router.
		if (/02:00:5e|room-|sta\d/.test(text)) throw new Error('it names stations or accounts');
		if (text.split('\n').length > METRICS_LINES_MAX) throw new Error('it grows');
	},
	'the overview shows rates, counts, sales, uplink and carrier link': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		const text = await terminal.shows(/[1-9][\d.]* [kM]bit\/s/);
		await terminal.shows(/2 plans {2}20\.9 MB/);
		await terminal.shows('not configured');
		await terminal.shows(/wan up/);
		if (!/[1-9] active/.test(text)) throw new Error(`no active station:\n${text}`);
		await terminal.stop();
	},
	'the list is filtered, a station opens, and a plan is sold after a question': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		await terminal.keys('2');
		await terminal.shows('room-2');
		await terminal.keys('/', 'r', 'o', 'o', 'm', '-', '3', 'Enter');
		await terminal.shows('1-1 of 1');
		await terminal.keys('t');
		await terminal.shows('What shall room-3 buy?');
		await terminal.keys('Enter');
		await terminal.shows('sell ten-mb to room-3?');
		await terminal.keys('y');
		await terminal.shows('room-3 is credited with ten-mb');
		await agent.reaches(lab.station(3).mac, 'active');
		await terminal.keys('Enter');
		await terminal.shows('Packages, in the order');
		await terminal.shows(/10\.4 MB of 10\.4 MB/);
		await terminal.keys('3');
		await terminal.shows('Recent transfers');
		await terminal.shows(/room-3 +10\.4 MB {2}bought {2}ten-mb/);
		await terminal.keys('4');
		await terminal.shows('kernel table');
		await terminal.shows(/% of \d+ core/);
		await terminal.keys('?');
		await terminal.shows('States of a station');
		await terminal.keys('?', 'q');
		await until('the dashboard to end', ENDED_TIMEOUT_MS, () => terminal.hasEnded());
		await terminal.stop();
	},
	'what a device behind a station moves stands beside what the station moves': async ({ lab, agent }) => {
		const device = await new TetheredDevice(lab.station(2), lab.station(4)).start();
		try {
			const flow = await lab.flow(device, { protocol: 'udp', direction: 'down', bitsPerSecond: 500_000 });
			const terminal = await openDashboard(lab, agent, { columns: 132, rows: 43 });
			await terminal.keys('2', '/', 'r', 'o', 'o', 'm', '-', '2', 'Enter');
			// What was moved and what of it was tethered.
			await terminal.shows(/room-2 .* [\d.]+ [kM]B +[\d.]+ [kM]B /);
			await terminal.shows('tethered: allowed');
			await terminal.resize({ columns: 80, rows: 24 });
			await terminal.shows(/room-2 .* [1-9]\d*% /);
			await terminal.keys('Enter');
			await terminal.shows(/tethering +(?:yes|no), score [1-9]\d*/);
			await terminal.shows(/^ *\+[1-9]\d* .* ago {2}packets have come over one more hop/m);
			await terminal.stop();
			await flow.stop();
		} finally {
			await device.stop();
		}
	},
	'an account is blocked and unblocked; no is no': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		const { mac } = lab.station(2);
		await terminal.keys('2', '/', 'r', 'o', 'o', 'm', '-', '2', 'Enter', 'b');
		await terminal.shows('block the account room-2?');
		await terminal.keys('n', 'b', 'y');
		await terminal.shows('room-2 is blocked');
		await agent.reaches(mac, 'blocked');
		await terminal.keys('u', 'y');
		await terminal.shows('room-2 may go on');
		await agent.reaches(mac, 'active');
		await terminal.stop();
	},
	'clicks open tabs, choose rows and press keys': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		await terminal.click(16, 1);
		await terminal.shows('by rate');
		// Rates change, and a row that moves between two clicks is another one.
		await terminal.keys('s');
		const list = await terminal.shows('by name');
		const row = list.split('\n').findIndex((line) => line.includes('room-2'));
		await terminal.click(4, row, 2);
		await terminal.shows('Events of the account');
		await terminal.stop();
	},
	'a public display offers no actions': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent, { words: ['--read-only'] });
		await terminal.keys('2');
		await terminal.shows('room-1');
		await terminal.keys('b');
		const text = await terminal.shows('started with --read-only');
		if (/\bb block\b/.test(text)) throw new Error('it offers to block');
		await terminal.stop();
	},
	'resizing while it draws loses no line': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		for (let columns = 60; columns <= 140; columns += 5)
			await terminal.resize({ columns, rows: 20 + (columns % 3) * 10 });
		await terminal.resize({ columns: 132, rows: 43 });
		await until('the whole screen', ENDED_TIMEOUT_MS, async () => {
			const lines = (await terminal.text()).split('\n');
			return lines[0]?.trimEnd().length === 131 && (lines[42]?.includes('q quit') ?? false);
		});
		await terminal.stop();
	},
	'a serial console has ASCII and no colours': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent, { term: 'vt100' });
		await terminal.keys('2');
		await terminal.shows('room-1');
		const ansi = await terminal.ansi();
		if (/[^\p{ASCII}]/u.test(ansi)) throw new Error(`not ASCII: ${JSON.stringify(ansi)}`);
		if (COLOURED.test(ansi)) throw new Error(`colours: ${JSON.stringify(ansi)}`);
		await terminal.stop();
	},
	'a terminal that cannot place its cursor gets pages': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent, { term: 'dumb' });
		await terminal.keys('2');
		await terminal.shows('room-1');
		await terminal.keys('q');
		await until('the dashboard to end', ENDED_TIMEOUT_MS, () => terminal.hasEnded());
		await terminal.stop();
	},
	'NO_COLOR is respected': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent, { env: { NO_COLOR: '1' } });
		const ansi = await terminal.ansi();
		if (COLOURED.test(ansi)) throw new Error(`colours: ${JSON.stringify(ansi)}`);
		await terminal.stop();
	},
	'it says that the agent is gone, and comes back with it': async ({ lab, agent }) => {
		const terminal = await openDashboard(lab, agent);
		await agent.kill('SIGKILL');
		await terminal.shows('AGENT LOST');
		await terminal.shows('the figures are old');
		await agent.start();
		await until(
			'the header to be as before',
			ENDED_TIMEOUT_MS,
			async () => !(await terminal.text()).includes('AGENT LOST'),
		);
		await terminal.shows(/up \d+ s/);
		await terminal.stop();
	},
};
