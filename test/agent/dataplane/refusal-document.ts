import { RECENT_REFUSALS, REFUSALS, type Refusal, refusalCounter } from '../../../agent/dataplane/refusal-reasons.ts';

/** `docs/refusals.md`, from the table of reasons. */
export function refusalDocument(): string {
	const noted = new Set<string>(RECENT_REFUSALS);
	const rows = Object.entries(REFUSALS).map(([reason, row]) => {
		const who = noted.has(reason) ? 'station' : 'recentTo' in row ? 'address' : '';
		return `| \`${refusalCounter(reason as Refusal)}\` | ${row.says} | ${who} |`;
	});
	return `# Why a packet is refused

Every rule that drops or rejects a packet has a counter of its own in the table \`inet octroi\`; packets that pass touch none of
them. \`octroi why DEVICE\` turns them into one sentence, \`octroi why DEVICE --json\` has all counters, and on a router:
\`nft list counters table inet octroi\`. (nft reads the whole ruleset for it, and begins again when anything changes meanwhile: on a busy
router that may take long; \`octroi why\` does not.) Each reason is what the rule tested, a packet is refused because …

*noted*: for ten minutes it is kept which station with a session, or which address of one, was refused so. Stations without a session are
not kept: nobody can fill these sets by inventing hardware addresses. ([decision 52](decisions/0052-a-counter-for-each-refusal.md))

| counter | because | noted |
|---|---|---|
${rows.join('\n')}
`;
}
