import { markText } from './ruleset-marks.ts';
import type { RulesetOptions } from './ruleset-options.ts';
import { drop, note } from './ruleset-refusals.ts';
import { deviceSet } from './ruleset-text.ts';

/**
 * A packet is dropped if its source cannot be where it came from: what the router then answers, or an error that quotes it, would be
 * carried to somebody who has sent nothing, and nobody's meter would count it (RFC 2827, RFC 3704). From a station comes what
 * the router has a route to by that device. From elsewhere comes whatever is not the stations', nor the router's own: several
 * uplinks, and ways back that differ, are not looked at.
 *
 * Behind connection tracking, whose marks say whose source was looked at before: a packet of a metered flow costs three
 * comparisons. Only in the direction in which it came then: an entry that somebody else has made, as a far end can with an echo
 * request of its own, has no mark. A packet without a flow is always looked at.
 */
export function sourceChains(options: RulesetOptions): string[] {
	if (options.metered.length === 0) return ['\tchain sources {', HOOK, '\t}'];
	const lan = deviceSet(options.metered);
	const marks = markText(options.mask);
	return [
		'\t# A source must be where its packet came from. Behind connection tracking: what has a mark was looked at before.',
		'\tchain sources {',
		HOOK,
		`\t\t${marks.isNone} goto source`,
		`\t\tiif ${lan} ct direction original accept`,
		`\t\tiif != ${lan} ct direction reply accept`,
		'\t\tgoto source',
		'\t}',
		'\tchain source {',
		'\t\tiif "lo" accept',
		'\t\t# Addresses of one link: what answers them stays there.',
		'\t\tip6 saddr fe80::/10 accept',
		'\t\tip6 saddr :: goto source_unknown',
		`\t\tiif ${lan} goto source_of_station`,
		`\t\tfib saddr oif ${lan} ${drop('source_of_station')}`,
		`\t\tfib saddr type local ${drop('source_of_router')}`,
		'\t}',
		'\t# Who has no address yet may look for one, and for routers; an answer to anything else would leave by the default route.',
		'\tchain source_unknown {',
		`\t\tip6 daddr ff02::/16 icmpv6 type ${WITHOUT_ADDRESS} accept`,
		`\t\t${drop('source_unspecified')}`,
		'\t}',
		'\tchain source_of_station {',
		'\t\tfib saddr . iif oif exists accept',
		'\t\t# A device that comes from another network asks with what it had there: a server of addresses answers by this device.',
		'\t\tip daddr 255.255.255.255 udp sport 68 udp dport 67 accept',
		'\t\t# So does neighbour discovery, which no router forwards.',
		`\t\t${NEIGHBOUR_DISCOVERY} accept`,
		`\t\t${note('source_route')}`,
		`\t\t${drop('source_route')}`,
		'\t}',
	];
}

/** Before anything is routed, translated or answered. */
const HOOK = '\t\ttype filter hook prerouting priority mangle - 5; policy accept;';

/** Neighbour discovery (RFC 4861, 4.1 and 4.3) and multicast listeners (RFC 3590, 4). */
const WITHOUT_ADDRESS =
	'{ nd-router-solicit, nd-neighbor-solicit, mld-listener-report, mld-listener-done, mld2-listener-report }';

/**
 * To the router itself or to all on the link (RFC 4861: a hop limit of 255). An address whose prefix has gone still asks so. Not who looks for a router: its
 * answer would be routed to wherever the source says, and hosts ask with an address of the link (RFC 4861, 4.1), which passes anyway.
 */
const NEIGHBOUR_DISCOVERY =
	'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 fib daddr type { local, multicast }';
