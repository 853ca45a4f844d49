import { drawable, inCells } from '../../../agent/text/cells.ts';
import { formatBytes, formatDuration } from '../../../agent/text/format-amount.ts';
import { heading } from '../figures.ts';
import { bar } from '../graph.ts';
import { type Line, lineOf, type Style, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';

/** The router, and the agent on it. */
export function systemLines(input: ViewInput, area: Size): Line[] {
	return [...routerLines(input, area), [], ...agentLines(input, area)].slice(0, area.rows);
}

/** When a part of something that ends is worth a look, and when it hurts. */
const HIGH = 0.75;
const VERY_HIGH = 0.9;
/** Many routers throttle themselves above. */
const HOT_CELSIUS = 85;

function gauge(
	name: string,
	part: number,
	text: string,
	{ columns, glyphs }: { columns: number; glyphs: ViewInput['glyphs'] },
): Line {
	const style: Style = part >= VERY_HIGH ? 'bad' : part >= HIGH ? 'warn' : 'good';
	const cells = Math.max(10, Math.min(40, columns - 50));
	return lineOf(
		span(inCells(name, 14, glyphs), 'title'),
		span(bar(part, { columns: cells, glyphs }), style),
		`  ${text}`,
	);
}

function routerLines({ system, glyphs }: ViewInput, { columns }: Size): Line[] {
	const title = heading('Router', columns, glyphs);
	if (!system) return [title, lineOf(span('reading', 'dim'))];
	const { cpuPercent, cores, loads, memoryBytes, memoryUsedBytes, temperatureCelsius: heat, disks, upSeconds } = system;
	const shape = { columns, glyphs };
	return [
		title,
		gauge('cpu', cpuPercent / 100, `${cpuPercent.toFixed(1)} % of ${cores} ${cores === 1 ? 'core' : 'cores'}`, shape),
		gauge(
			'memory',
			memoryUsedBytes / memoryBytes,
			`${formatBytes(memoryUsedBytes)} of ${formatBytes(memoryBytes)}`,
			shape,
		),
		...disks.map(({ mount, bytes, usedBytes }) =>
			gauge(drawable(mount, glyphs), usedBytes / bytes, `${formatBytes(usedBytes)} of ${formatBytes(bytes)}`, shape),
		),
		lineOf(
			span(inCells('load', 14), 'title'),
			loads.map((load) => load.toFixed(2)).join('  '),
			span('   over 1, 5 and 15 minutes', 'dim'),
		),
		lineOf(
			span(inCells('temperature', 14), 'title'),
			heat === undefined
				? span('not told', 'dim')
				: span(`${heat.toFixed(1)} °C`.replace('°', glyphs.ascii ? '' : '°'), heat >= HOT_CELSIUS ? 'bad' : 'plain'),
		),
		lineOf(span(inCells('up', 14), 'title'), formatDuration(upSeconds)),
	];
}

/** One second of lag is a grant that is renewed a second late. */
const LAG_HIGH_MS = 200;

function agentLines({ model, glyphs, timeText }: ViewInput, { columns }: Size): Line[] {
	if (!model) return [];
	const { agent } = model;
	const { sample } = agent;
	const fact = (name: string, ...rest: (string | ReturnType<typeof span>)[]) =>
		lineOf(span(inCells(name, 14), 'title'), ...rest);
	return [
		heading('Agent', columns, glyphs),
		fact('version', `${agent.version}, process ${agent.processId}`),
		fact('running', formatDuration(agent.upSeconds), span(`   since ${timeText(agent.startedAtMs)}`, 'dim')),
		fact('cpu', `${agent.cpuPercent.toFixed(1)} % of a core`),
		fact('memory', formatBytes(agent.residentBytes)),
		fact('event lag', span(`${agent.lagMs} ms`, agent.lagMs >= LAG_HIGH_MS ? 'bad' : 'plain')),
		fact(
			'last sample',
			`${sample.lastDurationMs} ms, ${sample.lastCpuMs.toFixed(1)} ms of cpu`,
			span(`   longest ${sample.longestDurationMs} ms of ${sample.count}`, 'dim'),
		),
		fact('displays', `${agent.readers} reading`, span(`   ${agent.readersDropped} dropped`, 'dim')),
		fact('metered', drawable(agent.devices.metered.join(' '), glyphs)),
		fact('kernel table', drawable(agent.epoch, glyphs)),
	];
}
