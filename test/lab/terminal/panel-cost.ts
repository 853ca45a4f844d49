import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LCDD, writeLcddConfig } from '../../ui/lcd/kernel/real-lcdd.ts';
import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { processorMs } from '../processor-time.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { FigureRules } from '../scenario.ts';
import { startReader } from './stream-reader.ts';
import { residentMib } from './tmux-terminal.ts';

const PROGRAM = join(PROJECT_ROOT, 'build/agent/main.js');
/** In the lab's own network namespace. */
const LCDD_PORT = 13_666;
/** Until each has drawn its first picture, and its code has become warm. */
const SETTLE_MS = 5000;

/** A file takes what a framebuffer would. */
const panel = (directory: string, size: string, pixels: string) => [
	...['--framebuffer', join(directory, `panel-${size}`), '--size', size, '--pixels', pixels, '--page', 'overview'],
];

/** `toReader`: how many times what a reader uses that only parses; see docs/figures.md for what was measured. */
const DISPLAYS = {
	character: {
		title: '20×4 on LCDd, one account',
		toReader: 20,
		words: () => ['--lcdd', `127.0.0.1:${LCDD_PORT}`, '--account', 'guest-0'],
	},
	oled: {
		title: '128×64 of one bit, overview',
		toReader: 30,
		words: (directory: string) => panel(directory, '128x64', 'mono-lsb'),
	},
	tft: {
		title: '320×240 RGB565, overview',
		toReader: 50,
		words: (directory: string) => panel(directory, '320x240', 'rgb565'),
	},
} as const;

/** What `octroi lcd` costs on each kind of display. */
export const PANEL_FIGURES: FigureRules = Object.fromEntries(
	Object.entries(DISPLAYS).flatMap(([name, { title, toReader }]) => [
		[`${name}_cpu_percent`, { title: `octroi lcd, ${title}: CPU, of one core`, longOnly: true, kind: 'speed' }],
		[
			`${name}_to_reader`,
			{
				title: `${title}: CPU ÷ that of a reader that only parses what it gets, in the same seconds`,
				bound: { atMost: toReader },
				longOnly: true,
				kind: 'speed',
			},
		],
		[
			`${name}_resident_mib`,
			{ title: `${title}: resident memory`, bound: { atMost: 100 }, longOnly: true, kind: 'memory' },
		],
		[
			`${name}_bytes_per_second`,
			{ title: `${title}: bytes written a second`, bound: { atMost: 20_000 }, longOnly: true, kind: 'speed' },
		],
	]),
);

/** Runs all of them at once, beside a real LCDd. */
export async function measurePanels(lab: Lab, agent: AgentHandle, seconds: number): Promise<Record<string, number>> {
	const config = join(agent.directory, 'LCDd.conf');
	writeLcddConfig(config, { driver: 'text', size: '20x4', port: LCDD_PORT });
	const lcdd = lab.router.spawn(LCDD, ['-c', config, '-f'], { stdio: 'ignore' });
	const running = Object.entries(DISPLAYS).map(([name, { words }]) => {
		const given = [PROGRAM, 'lcd', '--config', agent.configFile, ...words(agent.directory)];
		const child = lab.router.spawn(process.execPath, given, { stdio: ['ignore', 'ignore', 'inherit'] });
		return { name, child, pid: child.pid as number };
	});
	const reader = await startReader(lab.router, join(agent.directory, 'status.sock'));
	try {
		await delay(SETTLE_MS);
		const readBefore = reader.usedMs();
		const before = running.map(({ pid }) => ({ cpuMs: processorMs(pid), bytes: writtenBytes(pid) }));
		await delay(seconds * 1000);
		const readMs = reader.usedMs() - readBefore;
		return Object.fromEntries(
			running.flatMap(({ name, pid }, index) => {
				const { cpuMs, bytes } = before[index] as (typeof before)[number];
				return [
					[`${name}_cpu_percent`, Math.round((processorMs(pid) - cpuMs) / seconds) / 10],
					[`${name}_to_reader`, Math.round(((processorMs(pid) - cpuMs) / readMs) * 100) / 100],
					[`${name}_resident_mib`, residentMib(pid)],
					[`${name}_bytes_per_second`, Math.round((writtenBytes(pid) - bytes) / seconds)],
				];
			}),
		);
	} finally {
		reader.stop();
		for (const { child } of running) child.kill('SIGKILL');
		lcdd.kill('SIGKILL');
	}
}

/** By system calls, to whatever: proc(5), /proc/PID/io, wchar. */
function writtenBytes(pid: number): number {
	return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
