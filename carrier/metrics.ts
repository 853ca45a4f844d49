/** Every counter of the platform: name, labels, and what it counts. `docs/carrier-reference.md` is made of them. */
export const COUNTERS = {
	messages: { labels: ['kind'], help: 'messages of access points that passed every check' },
	messages_refused: { labels: ['reason'], help: 'messages that were refused at the door, by the reason' },
	replies: {
		labels: ['outcome'],
		help: 'answers of access points to what they were sent: done, exists, refused, failed',
	},
	broker_faults: {
		labels: ['what'],
		help: 'connections to the broker that were lost or not made: closed, refused (name, password), subscription, taken_over, busy, settings, protocol, certificate, network, error',
	},
	batches: {
		labels: ['fate'],
		help: 'usage batches: new, repeated, conflict, deferred (its access point begins too many streams)',
	},
	records: { labels: ['fate'], help: 'usage records: new, repeated' },
	suspects: {
		labels: ['reason'],
		help: 'records and events that were not booked and are on the list for a person, by the reason',
	},
	accounts_unknown: { labels: [], help: 'accounts that access points have and the platform does not' },
	gaps: { labels: [], help: 'holes in the streams of access points' },
	clocks_skewed: { labels: [], help: 'states of access points whose clock is more than an hour off' },
	transactions: { labels: ['outcome'], help: 'transactions of workers: committed, failed' },
	acknowledgements: { labels: [], help: 'acknowledgements sent' },
	down_messages: { labels: ['kind'], help: 'policies, commands and grants sent, with repetitions' },
	slices_silent: { labels: [], help: 'slices that ended without a word of their access points' },
	packages_expired: { labels: [], help: 'packages that ended before they were used up' },
	allowances_reset: { labels: [], help: 'shared allowances that began a new cycle' },
	deliveries: { labels: ['outcome'], help: 'deliveries to subscribers: delivered, failed, given_up' },
	requests: { labels: ['status'], help: 'HTTP requests by the status of the answer' },
} as const satisfies Record<string, { labels: readonly string[]; help: string }>;

export type CounterName = keyof typeof COUNTERS;
type LabelsOf<Name extends CounterName> = { readonly [Label in (typeof COUNTERS)[Name]['labels'][number]]: string };

const PREFIX = 'octroi_carrier_';

/** Counters of one process. Labels come from closed lists, so that nothing grows with what others send. */
export class Metrics {
	readonly #counts = new Map<string, number>();

	add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, count = 1): void {
		const key = `${name}${labelText(labels)}`;
		this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
	}

	count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): number {
		return this.#counts.get(`${name}${labelText(labels)}`) ?? 0;
	}

	/** In Prometheus' text format. */
	text(): string {
		return Object.entries(COUNTERS)
			.map(([name, { help }]) => {
				const rows = [...this.#counts].filter(([key]) => key === name || key.startsWith(`${name}{`));
				const lines = rows.map(([key, count]) => `${PREFIX}${key.replace(name, `${name}_total`)} ${count}\n`).join('');
				return `# HELP ${PREFIX}${name}_total ${help}\n# TYPE ${PREFIX}${name}_total counter\n${lines}`;
			})
			.join('');
	}
}

function labelText(labels: Readonly<Record<string, string>>): string {
	const entries = Object.entries(labels);
	return entries.length === 0 ? '' : `{${entries.map(([name, value]) => `${name}="${value}"`).join(',')}}`;
}
