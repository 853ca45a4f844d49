/** One family of metrics, by the conventions of Prometheus: base units, `_total` for what only grows. */
export type MetricFamily = {
	readonly name: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	readonly help: string;
	/** With every value that each can have, or who bounds them. */
	readonly labels: Readonly<Record<string, string>>;
};

const USAGE_UNIT = { unit: '`byte`, `second`' };
/** Money is counted in millionths of the currency. */
const UNIT = { unit: '`byte`, `second`, `micro`' };

/** Every metric. There is none for each station: what a scrape answers does not grow with the customers. */
export const METRICS = [
	{
		name: 'octroi_build_info',
		type: 'gauge',
		help: 'Always 1; its label is the version that runs',
		labels: { version: 'one' },
	},
	{
		name: 'octroi_forwarded_bytes_total',
		type: 'counter',
		help: 'Layer-3 bytes that were forwarded for stations since the agent started',
		labels: { class: '`own`, `tethered`, `zero_rated`', direction: '`up`, `down`' },
	},
	{
		name: 'octroi_judged_flows_total',
		type: 'counter',
		help: 'New flows whose first packet was looked at since the agent started',
		labels: { class: '`own`, `tethered`' },
	},
	{
		name: 'octroi_unjudged_flows_total',
		type: 'counter',
		help: 'New flows that were not looked at: too many of one station, or no room in the queue, or no reader',
		labels: { why: '`station`, `queue`' },
	},
	{
		name: 'octroi_router_advertisements_total',
		type: 'counter',
		help: "The router's own advertisements that were looked at: with the portal's address added, or as they came",
		labels: { outcome: '`completed`, `unchanged`' },
	},
	{
		name: 'octroi_stations',
		type: 'gauge',
		help: 'Stations that are in a state now',
		labels: { state: '`unknown`, `walled`, `active`, `throttled`, `blocked`, `gone`' },
	},
	{
		name: 'octroi_attached_stations',
		type: 'gauge',
		help: 'Stations that spend from an account now',
		labels: {},
	},
	{
		name: 'octroi_sold_total',
		type: 'counter',
		help: 'Bought since the ledger was begun; of money (`micro`): put into wallets',
		labels: UNIT,
	},
	{
		name: 'octroi_spent_total',
		type: 'counter',
		help: 'Used and paid since the ledger was begun; of money: paid from wallets, for use and for plans',
		labels: UNIT,
	},
	{
		name: 'octroi_unpaid_total',
		type: 'counter',
		help: 'Used without payment since the ledger was begun: throttled, or included in a time package',
		labels: USAGE_UNIT,
	},
	{ name: 'octroi_expired_total', type: 'counter', help: 'Expired unused since the ledger was begun', labels: UNIT },
	{
		name: 'octroi_open_grants_bytes',
		type: 'gauge',
		help: 'Bytes that the kernel may spend without asking: what a power cut can make uncertain',
		labels: {},
	},
	{
		name: 'octroi_open_grants_seconds',
		type: 'gauge',
		help: 'Seconds that the kernel may let pass without asking',
		labels: {},
	},
	{
		name: 'octroi_event_lag_seconds',
		type: 'gauge',
		help: 'How late the last timer was served: what an event of the kernel may have waited',
		labels: {},
	},
	{
		name: 'octroi_ledger_commit_seconds',
		type: 'histogram',
		help: 'How long a transaction of the ledger takes, its fsync included',
		labels: {},
	},
	{ name: 'octroi_samples_total', type: 'counter', help: 'How often all counters were read', labels: {} },
	{
		name: 'octroi_sample_cpu_seconds_total',
		type: 'counter',
		help: 'CPU time of the agent while it read all counters',
		labels: {},
	},
	{
		name: 'octroi_warnings',
		type: 'gauge',
		help: 'Warnings that stand now; `octroi status` has their words',
		labels: {},
	},
	{
		name: 'octroi_carrier_connected',
		type: 'gauge',
		help: 'Whether the line to the carrier stands: 1 or 0. Absent without a carrier, as all of `octroi_carrier_…`',
		labels: {},
	},
	{
		name: 'octroi_carrier_attempts_total',
		type: 'counter',
		help: 'Connections to the broker that were tried',
		labels: {},
	},
	{
		name: 'octroi_carrier_backlog',
		type: 'gauge',
		help: 'What the platform has not acknowledged',
		labels: { what: '`batches`, `sessions`, `events`' },
	},
	{
		name: 'octroi_carrier_refused_total',
		type: 'counter',
		help: 'Messages from the broker that were refused',
		labels: {
			reason:
				'`topic`, `size`, `form`, `key`, `signature`, `schema`, `audience`, `expired`, `replayed`, `outdated`, `policy`',
		},
	},
	{
		name: 'octroi_carrier_not_done_total',
		type: 'counter',
		help: 'Good messages of the carrier that were not done, by the code of the reply',
		labels: {
			code: '`not_found`, `not_allowed`, `invalid_value`, `exists_with_different_values`, `ledger_unwritable`, `internal`, `other`',
		},
	},
	{
		name: 'octroi_carrier_faults_total',
		type: 'counter',
		help: 'What was wrong with the line: each connection that was lost or not made, by why; `expired`: our certificate, while connected; `unpublished`: usage that the broker did not take; `unacknowledged`: usage that the platform did not acknowledge in time; `restored`: our database came back from a backup',
		labels: {
			what: '`credentials`, `certificate`, `network`, `file`, `oversize`, `flood`, `taken_over`, `busy`, `settings`, `protocol`, `subscription`, `closed`, `expired`, `unpublished`, `unacknowledged`, `restored`',
		},
	},
	{
		name: 'octroi_carrier_resent_total',
		type: 'counter',
		help: 'How often usage was sent again because the platform did not acknowledge it',
		labels: {},
	},
	{
		name: 'octroi_carrier_unwritten_total',
		type: 'counter',
		help: 'How often the outbox could not be written: a full disk, or another process that holds the ledger',
		labels: {},
	},
	{
		name: 'octroi_carrier_events_dropped_total',
		type: 'counter',
		help: 'Events that were dropped because too many waited, since the outbox was begun',
		labels: {},
	},
	{
		name: 'octroi_carrier_policy_version',
		type: 'gauge',
		help: 'Version of the policy in force; 0: none came yet',
		labels: {},
	},
	{
		name: 'octroi_sensor_frames_total',
		type: 'counter',
		help: 'Frames on the metered devices that the sensor has looked at',
		labels: {},
	},
	{
		name: 'octroi_sensor_passed_over_total',
		type: 'counter',
		help: 'What the sensor did not look at: `flood`: how often too many frames came for a second of attention; `station`: frames of one station beyond its rate',
		labels: { why: '`flood`, `station`' },
	},
	{
		name: 'octroi_spoofing_total',
		type: 'counter',
		help: 'Stations that claimed the address of the router, or of another station, that sent router advertisements, or answered as DHCP servers; each once a minute',
		labels: { of: '`gateway`, `neighbour`, `router`, `dhcp`' },
	},
	{
		name: 'octroi_shaping_classes',
		type: 'gauge',
		help: 'Queues for speeds that are set up now',
		labels: { direction: '`up`, `down`' },
	},
	{
		name: 'octroi_shaping_dropped_packets_total',
		type: 'counter',
		help: 'Packets that were dropped in queues since the agent started, behind the counters: on devices where we queue',
		labels: { direction: '`up`, `down`' },
	},
	{ name: 'octroi_display_readers', type: 'gauge', help: 'Displays that follow the status stream now', labels: {} },
	{
		name: 'octroi_display_readers_dropped_total',
		type: 'counter',
		help: 'Displays that were disconnected because they did not read',
		labels: {},
	},
	{ name: 'process_cpu_seconds_total', type: 'counter', help: 'CPU time of the agent', labels: {} },
	{ name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory of the agent', labels: {} },
	{
		name: 'process_start_time_seconds',
		type: 'gauge',
		help: 'When the agent started, in seconds since 1970',
		labels: {},
	},
] as const satisfies readonly MetricFamily[];

export type MetricName = (typeof METRICS)[number]['name'];
