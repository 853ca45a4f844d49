import type { CommandParts } from '../commands/command-parts.ts';
import type { Unit } from '../core/units.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { MetricValues, Sample } from '../metrics/metrics-text.ts';
import type { DeviceShaping } from '../shaping/device-shaping.ts';
import type { CarrierStatus } from '../status/protocol.ts';
import type { StreamReaders } from '../status/status-stream.ts';
import { stationTotals } from './station-totals.ts';

/** From a commit in memory to a tired SD card. */
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const USAGE_UNITS = ['byte', 'second'] as const;
const ALL_UNITS = [...USAGE_UNITS, 'micro'] as const;

export function commitHistogram(): Histogram {
	return new Histogram(COMMIT_SECONDS);
}

export type MetricParts = CommandParts & {
	readonly startedAtMs: number;
	readonly commits: Histogram;
	readonly readers: () => StreamReaders;
	readonly shaping: () => readonly DeviceShaping[];
};

/** The figures of this moment. Nothing is computed between two scrapes. */
export function metricValues(parts: MetricParts): MetricValues {
	const { ledger, meter, sampler, warnings, version, startedAtMs, commits } = parts;
	const { traffic } = meter.charger;
	const totals = ledger.overview.totals();
	const readers = parts.readers();
	const flows = parts.tethering?.figures ?? { own: 0, tethered: 0, shed: 0, passed: 0 };
	const heard = parts.lanMonitor.figures;
	const usage = process.cpuUsage();
	const byUnit = (field: 'sold' | 'spent' | 'unpaid' | 'expired', units: readonly Unit[] = ALL_UNITS): Sample[] =>
		units.map((unit) => ({ labels: { unit }, value: totals[unit][field] }));
	const { status: line } = parts.line;
	const queues = parts.shaping();
	const byDirection = (field: (device: DeviceShaping) => number): Sample[] =>
		(['up', 'down'] as const).map((direction) => {
			const own = queues.filter((device) => device.direction === direction);
			return { labels: { direction }, value: own.reduce((sum, device) => sum + field(device), 0) };
		});
	let attached = 0;
	for (const pool of meter.pools.all()) attached += pool.meters.size;
	return {
		octroi_build_info: [{ labels: { version }, value: 1 }],
		octroi_forwarded_bytes_total: [
			{ labels: { class: 'own', direction: 'up' }, value: traffic.up - traffic.tethered.up },
			{ labels: { class: 'own', direction: 'down' }, value: traffic.down - traffic.tethered.down },
			{ labels: { class: 'tethered', direction: 'up' }, value: traffic.tethered.up },
			{ labels: { class: 'tethered', direction: 'down' }, value: traffic.tethered.down },
			{ labels: { class: 'zero_rated', direction: 'up' }, value: traffic.free.up },
			{ labels: { class: 'zero_rated', direction: 'down' }, value: traffic.free.down },
		],
		octroi_judged_flows_total: [
			{ labels: { class: 'own' }, value: flows.own },
			{ labels: { class: 'tethered' }, value: flows.tethered },
		],
		octroi_unjudged_flows_total: [
			{ labels: { why: 'station' }, value: flows.shed },
			{ labels: { why: 'queue' }, value: flows.passed },
		],
		octroi_router_advertisements_total: Object.entries(parts.announcement.figures).map(([outcome, value]) => {
			return { labels: { outcome }, value };
		}),
		octroi_stations: Object.entries(stationTotals(parts).counts).map(([state, value]) => ({
			labels: { state },
			value,
		})),
		octroi_attached_stations: [{ value: attached }],
		octroi_sold_total: byUnit('sold'),
		octroi_spent_total: byUnit('spent'),
		octroi_unpaid_total: byUnit('unpaid', USAGE_UNITS),
		octroi_expired_total: byUnit('expired'),
		octroi_open_grants_bytes: [{ value: totals.byte.granted }],
		octroi_open_grants_seconds: [{ value: totals.second.granted }],
		octroi_event_lag_seconds: [{ value: sampler.figures.lastLagMs / 1000 }],
		octroi_ledger_commit_seconds: commits,
		octroi_samples_total: [{ value: sampler.figures.count }],
		octroi_sample_cpu_seconds_total: [{ value: sampler.figures.totalCpuMs / 1000 }],
		octroi_warnings: [{ value: warnings.list().length }],
		octroi_sensor_frames_total: [{ value: heard.frames }],
		octroi_sensor_passed_over_total: [
			{ labels: { why: 'flood' }, value: heard.floods },
			{ labels: { why: 'station' }, value: heard.shed },
		],
		octroi_spoofing_total: Object.entries(heard.spoofs).map(([of, value]) => ({ labels: { of }, value })),
		...carrierValues(line),
		octroi_shaping_classes: byDirection(({ classes }) => classes),
		octroi_shaping_dropped_packets_total: byDirection(({ droppedPackets }) => droppedPackets),
		octroi_display_readers: [{ value: readers.count }],
		octroi_display_readers_dropped_total: [{ value: readers.dropped }],
		process_cpu_seconds_total: [{ value: (usage.user + usage.system) / 1e6 }],
		process_resident_memory_bytes: [{ value: process.memoryUsage.rss() }],
		process_start_time_seconds: [{ value: startedAtMs / 1000 }],
	};
}

type CarrierMetric = Extract<keyof MetricValues, `octroi_carrier_${string}`>;

/** Without a carrier its metrics have no samples. */
export function carrierValues(line: CarrierStatus): Pick<MetricValues, CarrierMetric> {
	const one = (value: number | undefined): Sample[] => (value === undefined ? [] : [{ value }]);
	const found = line.configured ? line : undefined;
	return {
		octroi_carrier_connected: one(found && Number(found.connected)),
		octroi_carrier_attempts_total: one(found?.attempts),
		octroi_carrier_backlog: Object.entries(found?.backlog ?? {}).map(([what, value]) => ({ labels: { what }, value })),
		octroi_carrier_refused_total: Object.entries(found?.refused ?? {}).map(([reason, value]) => {
			return { labels: { reason }, value };
		}),
		octroi_carrier_not_done_total: Object.entries(found?.notDone ?? {}).map(([code, value]) => {
			return { labels: { code }, value };
		}),
		octroi_carrier_faults_total: Object.entries(found?.faults ?? {}).map(([what, value]) => ({
			labels: { what },
			value,
		})),
		octroi_carrier_resent_total: one(found?.resent),
		octroi_carrier_unwritten_total: one(found?.unwritten),
		octroi_carrier_events_dropped_total: one(found?.eventsDropped),
		octroi_carrier_policy_version: one(found?.policyVersion),
	};
}
