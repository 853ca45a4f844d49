import type { Histogram } from './histogram.ts';
import { METRICS, type MetricFamily, type MetricName } from './metric-table.ts';

export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

/** The values of every metric: none may be missing. */
export type MetricValues = { readonly [Name in MetricName]: readonly Sample[] | Histogram };

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export function metricsText(values: MetricValues): string {
	return METRICS.map((family) => familyText(family, values[family.name])).join('');
}

function familyText({ name, type, help }: MetricFamily, values: readonly Sample[] | Histogram): string {
	const lines = 'bounds' in values ? histogramLines(name, values) : values.map((sample) => sampleLine(name, sample));
	return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function histogramLines(name: string, { bounds, counts, sum, count }: Histogram): string[] {
	return [
		...bounds.map((bound, index) =>
			sampleLine(`${name}_bucket`, { labels: { le: String(bound) }, value: counts[index] ?? 0 }),
		),
		sampleLine(`${name}_bucket`, { labels: { le: '+Inf' }, value: count }),
		sampleLine(`${name}_sum`, { value: sum }),
		sampleLine(`${name}_count`, { value: count }),
	];
}

function sampleLine(name: string, { labels = {}, value }: Sample): string {
	const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
	return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function escaped(text: string): string {
	return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
