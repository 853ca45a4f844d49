import { readFileSync } from 'node:fs';
import test from 'ava';
import { Histogram } from '../../../agent/metrics/histogram.ts';
import { METRICS, type MetricFamily } from '../../../agent/metrics/metric-table.ts';
import { type MetricValues, metricsText } from '../../../agent/metrics/metrics-text.ts';

/** A value for each metric, one for each of the label values that docs/metrics.md names. */
function someValues(): MetricValues {
	const values: Record<string, unknown> = {};
	for (const { name, type } of METRICS) values[name] = type === 'histogram' ? new Histogram([0.1, 1]) : [{ value: 1 }];
	return values as MetricValues;
}

test('docs/metrics.md has every metric with its type, labels and help, and no other', (t) => {
	const rows = readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)` \| (\w+) \| (.+?) \| (.+) \|$/gm);
	t.deepEqual(
		[...rows].map(([, ...cells]) => cells),
		METRICS.map(({ name, type, labels, help }: MetricFamily) => [
			name,
			type,
			Object.entries(labels)
				.map(([label, text]) => `${label}: ${text}`)
				.join('; ') || 'none',
			help,
		]),
	);
});

test('names follow the conventions: a prefix, base units, and _total exactly for counters', (t) => {
	for (const { name, type, help } of METRICS) {
		t.regex(name, /^(?:octroi|process)_[a-z_]+$/);
		t.is(name.endsWith('_total'), type === 'counter', name);
		t.notRegex(name, /_(?:ms|milliseconds|kb|kib|percent)(?:_|$)/);
		t.notRegex(help, /\.$/);
	}
	t.is(new Set(METRICS.map(({ name }) => name)).size, METRICS.length);
});

test('the text has the form that Prometheus reads', (t) => {
	const commits = new Histogram([0.01, 0.1]);
	for (const seconds of [0.005, 0.05, 0.05, 5]) commits.observe(seconds);
	const text = metricsText({
		...someValues(),
		octroi_build_info: [{ labels: { version: 'a"b\\c\nd' }, value: 1 }],
		octroi_ledger_commit_seconds: commits,
	});
	t.true(text.includes('octroi_build_info{version="a\\"b\\\\c\\nd"} 1\n'));
	t.true(
		text.includes(
			[
				'# TYPE octroi_ledger_commit_seconds histogram',
				'octroi_ledger_commit_seconds_bucket{le="0.01"} 1',
				'octroi_ledger_commit_seconds_bucket{le="0.1"} 3',
				'octroi_ledger_commit_seconds_bucket{le="+Inf"} 4',
				`octroi_ledger_commit_seconds_sum ${commits.sum}`,
				'octroi_ledger_commit_seconds_count 4\n',
			].join('\n'),
		),
	);
	for (const line of text.trimEnd().split('\n')) {
		t.regex(line, /^# (?:HELP|TYPE) \w+ .+$|^\w+(?:\{\w+="(?:[^"\\]|\\.)*"(?:,\w+="(?:[^"\\]|\\.)*")*\})? [\d.e+-]+$/);
	}
});
