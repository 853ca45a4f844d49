import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentHandle } from '../agent-handle.ts';
import { type Lab, withLab } from '../lab.ts';
import { LAB_DIRECTORY } from '../namespace/private-namespaces.ts';
import { runProgram } from '../namespace/program.ts';
import { median, PacketCostBench } from '../packet-cost.ts';
import { processorMs } from '../processor-time.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { FigureRules, Scenario } from '../scenario.ts';

const COUNTER_DUMP = join(LAB_DIRECTORY, 'counter-dump');
const SIZES = [16, 512, 4096] as const;
const SIZES_SHORT = [16, 512] as const;
const GIBIBYTE = 1024 ** 3;
/** Each answers a mean of its samples; a collection of garbage, which comes once after thousands of attaches, is in one or two. */
const SAMPLE_WINDOWS = 9;
const SAMPLE_WINDOWS_SHORT = 1;
const SAMPLE_WINDOW_MS = 5000;
const DETACHES = 32;
/** Of the C program, beside each window. */
const FLOOR_DUMPS = 20;
/** See docs/figures.md for what was measured. */
const SAMPLE_TO_FLOOR = 2;
const SAMPLE_MEAN_TO_FLOOR = 2.2;
/** Many short rounds: a disturbance from outside spoils a few of them, and the medians pass over these. */
const ROUNDS = 40;
const ROUNDS_SHORT = 8;
const ROUND_MS = 250;

/** What is bounded at every size; `goal` ones are the issue's. */
const RULES_PER_SIZE: FigureRules = {
	sample_cpu_ms: {
		title: 'CPU of one sample of all counters, with whatever else the idle agent does: median of windows of 5 s',
		kind: 'speed',
	},
	sample_mean_cpu_ms: {
		title: 'the same, mean of 45 s from the last attach on, with the collection of the garbage that it has left',
		kind: 'speed',
	},
	floor_cpu_ms: {
		title:
			'CPU of a C program that has the kernel dump the same counters and throws them away, median beside the windows',
		kind: 'speed',
	},
	attach_ms: { title: 'attaching one station, median', kind: 'speed' },
	attach_to_ping: {
		title: 'the same ÷ a question to the same socket that only has to be answered, in turn with it, medians',
		bound: { atMost: 60 },
		kind: 'speed',
	},
	detach_ms: { title: 'detaching one station, median', kind: 'speed' },
	resident_mib: { title: 'resident memory of the agent', bound: { atMost: 160 }, kind: 'memory' },
	plain_packet_ns: {
		title: "whole path of a packet beside OpenWrt's firewall, without Octroi",
		kind: 'speed',
	},
	metered_packet_ns: { title: 'the same with Octroi', kind: 'speed' },
	added_percent: { title: 'added by Octroi, of the whole path', bound: { atMost: 8 }, kind: 'speed' },
	bare_packet_ns: {
		title: 'whole path of a packet with NAT and no firewall, without Octroi',
		kind: 'speed',
	},
	bare_added_percent: {
		title: 'added by Octroi to that, a path that no venue has',
		bound: { atMost: 12 },
		kind: 'speed',
	},
	unmetered_runs: { title: 'packet-cost runs whose packets the meter did not see', bound: { equals: 0 } },
};

function rules(): FigureRules {
	const all: FigureRules = {};
	for (const size of SIZES) {
		for (const [name, rule] of Object.entries(RULES_PER_SIZE)) {
			const longOnly = (SIZES_SHORT as readonly number[]).includes(size) ? {} : { longOnly: true as const };
			all[`floor_counters_${size}`] = {
				title: `counters that this program got, ${size} stations`,
				bound: { atLeast: 2 * size },
				...longOnly,
			};
			all[`${name}_${size}`] = { ...rule, title: `${rule.title}, ${size} stations`, ...longOnly };
		}
	}
	all.sensor_packet_ns = {
		title: "added to an uploaded packet by the sensor's tap, which is on by default, ns",
		kind: 'speed',
	};
	all.default_added_percent = {
		title: 'added to an uploaded packet in the default configuration, sensor and meter, at the most stations',
		bound: { atMost: 12 },
		kind: 'speed',
	};
	all.sample_to_floor = {
		title: `CPU of a sample ÷ that of the C program, each window beside its own dumps, median of the ratios, ${SIZES.at(-1)} stations`,
		bound: { atMost: SAMPLE_TO_FLOOR },
		longOnly: true,
		kind: 'speed',
	};
	all.sample_mean_to_floor = {
		title: 'the same of the means, garbage included',
		// Garbage that comes again and again, which a median passes over, would be above it.
		bound: { atMost: SAMPLE_MEAN_TO_FLOOR },
		longOnly: true,
		kind: 'speed',
	};
	const bound = { atMost: 2 };
	all.slope_percent = {
		title: 'added cost, the largest of all sizes − the smallest, percent of the path',
		bound,
		kind: 'speed',
	};
	return all;
}

/** Thousands of stations: what the agent and each packet pay for them. */
export const scale: Scenario = {
	name: 'scale',
	title: '16, 512 and 4,096 stations: CPU of a sample, attach and detach, memory, added cost of a packet',
	figures: rules(),
	async run({ isShort, progress }) {
		return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
			const bench = new PacketCostBench(lab);
			await bench.start();
			await runProgram('cc', ['-O2', '-o', COUNTER_DUMP, join(PROJECT_ROOT, 'test/lab/counter-dump.c')]);
			const agent = await lab.startAgent({
				// One grant lasts the whole measurement: the agent sleeps while packets are timed.
				grant: { bytesMin: GIBIBYTE, bytesMax: GIBIBYTE, seconds: 20 },
				// It would run in both halves of each pair, and hide what it costs: it is measured apart.
				sensor: { enabled: false },
			});
			const figures: Record<string, number> = {};
			const added: number[] = [];
			let plainNs = Number.NaN;
			let attached = 0;
			for (const size of isShort ? SIZES_SHORT : SIZES) {
				const { attachMs, toPing } = await attachUpTo(lab, agent, attached, size);
				attached = size;
				const windows = await sampleWindows(lab, agent, isShort ? SAMPLE_WINDOWS_SHORT : SAMPLE_WINDOWS);
				const sample = round(median(windows.map(({ sampleMs }) => sampleMs)));
				const sampleMean = round(mean(windows.map(({ sampleMs }) => sampleMs)));
				const floor = round(median(windows.map(({ floorMs }) => floorMs)));
				const toFloor = round(median(windows.map(({ sampleMs, floorMs }) => sampleMs / floorMs)));
				const meanToFloor = round(sampleMean / mean(windows.map(({ floorMs }) => floorMs)));
				if (size === SIZES.at(-1))
					Object.assign(figures, { sample_to_floor: toFloor, sample_mean_to_floor: meanToFloor });
				const detachMs = await detachSome(agent, size);
				const residentMib = residentMemoryMib(agent.pid);
				const before = await uploaded(lab, agent);
				await agent.kill('SIGSTOP');
				const { firewall: cost, bare } = await bench.measure({
					rounds: isShort ? ROUNDS_SHORT : ROUNDS,
					milliseconds: ROUND_MS,
				});
				await agent.kill('SIGCONT');
				await delay(2000);
				const after = await uploaded(lab, agent);
				added.push(cost.addedPercent);
				plainNs = cost.plainNs;
				Object.assign(figures, {
					[`sample_cpu_ms_${size}`]: sample,
					[`sample_mean_cpu_ms_${size}`]: sampleMean,
					[`floor_cpu_ms_${size}`]: floor,
					[`floor_counters_${size}`]: windows[0]?.counters ?? 0,
					[`attach_ms_${size}`]: attachMs,
					[`attach_to_ping_${size}`]: toPing,
					[`detach_ms_${size}`]: detachMs,
					[`resident_mib_${size}`]: residentMib,
					[`plain_packet_ns_${size}`]: round(cost.plainNs),
					[`metered_packet_ns_${size}`]: round(cost.meteredNs),
					[`added_percent_${size}`]: round(cost.addedPercent),
					[`bare_packet_ns_${size}`]: round(bare.plainNs),
					[`bare_added_percent_${size}`]: round(bare.addedPercent),
					[`unmetered_runs_${size}`]: after > before ? 0 : 1,
				});
				progress(
					`${size} stations: sample ${sample} ms (mean ${sampleMean}; a bare dump ${floor}: × ${toFloor}, mean × ${meanToFloor}), attach ${attachMs} ms, detach ${detachMs} ms, ${residentMib} MiB, packet ${cost.plainNs} → ${cost.meteredNs} ns (${cost.addedPercent.toFixed(2)} %; without a firewall ${bare.addedPercent.toFixed(2)} %)`,
				);
			}
			await agent.kill('SIGSTOP');
			const sensorNs = await bench.measureSensor({
				rounds: isShort ? ROUNDS_SHORT : ROUNDS,
				milliseconds: ROUND_MS,
				device: 'br-lan',
			});
			await agent.kill('SIGCONT');
			bench.stop();
			return {
				...figures,
				sensor_packet_ns: round(sensorNs),
				default_added_percent: round((added.at(-1) ?? Number.NaN) + (sensorNs / plainNs) * 100),
				slope_percent: round(Math.max(...added) - Math.min(...added)),
			};
		});
	},
};

/** Attaches real station 1 and made-up ones, each on an account of its own with credit. Answers the median of one attach, and ÷ that of a ping. */
async function attachUpTo(lab: Lab, agent: AgentHandle, from: number, to: number) {
	const [times, pings]: [number[], number[]] = [[], []];
	for (let index = from; index < to; index++) {
		const account = `scale-${index}`;
		await agent.ask('account.create', { account });
		await agent.topUp(account, 'huge', `scale-${index}`);
		const start = performance.now();
		await agent.ask('station.attach', { mac: macOf(lab, index), account });
		times.push(performance.now() - start);
		const asked = performance.now();
		await agent.ask('ping');
		pings.push(performance.now() - asked);
	}
	await agent.reaches(macOf(lab, 0), 'active');
	return { attachMs: round(median(times)), toPing: round(median(times) / median(pings)) };
}

/** Detaches some of the made-up stations, and attaches them again. */
async function detachSome(agent: AgentHandle, size: number): Promise<number> {
	const times: number[] = [];
	for (let index = size - 1; index >= Math.max(1, size - DETACHES); index--) {
		const start = performance.now();
		await agent.ask('station.detach', { mac: madeUpMac(index) });
		times.push(performance.now() - start);
		await agent.ask('station.attach', { mac: madeUpMac(index), account: `scale-${index}` });
	}
	return round(median(times));
}

type SampleWindow = { sampleMs: number; floorMs: number; counters: number };

/**
 * CPU of one sample in each of some windows, taken from outside: what the scheduler gave all threads of the agent, divided by
 * the samples taken meanwhile. Whatever else the idle agent does is in it. Beside each window, what a bare dump costs here and now.
 */
async function sampleWindows(lab: Lab, agent: AgentHandle, count: number): Promise<SampleWindow[]> {
	const sampleCount = async () => (await agent.ask<{ sample: { count: number } }>('status')).sample.count;
	const windows: SampleWindow[] = [];
	for (let window = 0; window < count; window++) {
		const countBefore = await sampleCount();
		const before = processorMs(agent.pid);
		await delay(SAMPLE_WINDOW_MS);
		const used = processorMs(agent.pid) - before;
		const sampleMs = used / ((await sampleCount()) - countBefore);
		const text = await lab.router.run(COUNTER_DUMP, ['octroi', String(FLOOR_DUMPS)]);
		const [microseconds = Number.NaN, counters = Number.NaN] = text.trim().split(' ').map(Number);
		windows.push({ sampleMs, floorMs: microseconds / 1000, counters });
	}
	return windows;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What the agent says that the real station has sent. */
async function uploaded(lab: Lab, agent: AgentHandle): Promise<number> {
	return (await agent.stations()).find(({ mac }) => mac === lab.station(1).mac)?.upBytes ?? Number.NaN;
}

function macOf(lab: Lab, index: number): string {
	return index === 0 ? lab.station(1).mac : madeUpMac(index);
}

function madeUpMac(index: number): string {
	const text = index.toString(16).padStart(4, '0');
	return `02:00:5e:20:${text.slice(0, 2)}:${text.slice(2)}`;
}

function residentMemoryMib(pid: number): number {
	const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
	return Math.round(Number(kibibytes) / 1024);
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
