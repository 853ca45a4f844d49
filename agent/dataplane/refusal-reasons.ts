/** Who was refused: an element of a set is kept for so long after the last packet. */
export const RECENT_TIMEOUT = '10m';

/**
 * Every reason for which a rule drops or rejects a packet, with what the rule tested. Each has a counter of its own, which only
 * refused packets touch. `recent`: stations with a session are noted, too (their number bounds the set); `recentTo`: the addresses
 * that are bound to a session.
 */
export const REFUSALS = {
	device_renewed: { says: 'its metered device came back under a new index, and the rules are being renewed' },
	source_unspecified: { says: 'it has no source address, and does not look for one' },
	source_route: { says: 'its source address is not of the network of the device it came in by', recent: true },
	source_of_station: { says: "it came from elsewhere with a source address of a station's network" },
	source_of_router: { says: "it came from elsewhere with one of the router's own addresses" },
	no_session: { says: 'its station has no session' },
	address_device: { says: 'the session of its hardware address is at another device', recent: true },
	address_leased: { says: 'the DHCP server has leased its source address to another station', recent: true },
	address_unbound: { says: 'its source address does not belong to the session', recent: true },
	address_undecided: {
		says: "whether its source address is its session's is being asked; the next try may pass",
		recent: true,
	},
	no_meter: { says: 'its station has no meter yet' },
	no_credit: { says: 'its station has nothing left to spend', recent: true },
	between: { says: 'nothing is granted to its meter just now, though its station has a right', recent: true },
	class: { says: 'nothing is granted to tethered flows of its station just now, though it has a right', recent: true },
	mark: { says: "its flow has a mark of another meter than its station's", recent: true },
	untracked: { says: 'it is not tracked (notrack), so it belongs to no flow and no meter', recent: true },
	invalid: { says: 'conntrack takes it for invalid, so it belongs to no flow' },
	spent_down: { says: 'the meter of its flow has nothing left to spend' },
	pace: { says: "it exceeds the plan's speed" },
	class_pace: { says: 'it exceeds the speed of its class, own or tethered' },
	fair_use: { says: 'it exceeds the speed of fair use' },
	uncounted: { says: 'its meter has no counter' },
	error_unmarked: { says: 'it is an ICMP error about a flow that no meter has' },
	inbound: { says: 'it begins a flow from outside, and its destination has no meter for such flows', recentTo: true },
	port_forward: {
		says: 'a port forward sends it to a station that has no meter for flows from outside',
		recentTo: true,
	},
	inbound_marked: {
		says: 'it begins a flow from outside, whose mark has bits of another program, so it cannot get that of a meter',
		recentTo: true,
	},
	inbound_forged: {
		says: 'it answers a flow that began outside, and its source address is not that of a session at its hardware address',
	},
	inbound_unanswered: {
		says: 'its flow began outside, and more came to its destination than may come before the station answers',
		recentTo: true,
	},
	reply_unmarked: { says: 'it answers a flow that has no mark of ours' },
	garden: { says: "the station's budget of the walled garden is used up" },
	garden_total: { says: "all stations' budget of the walled garden is used up" },
	garden_left: { says: 'its far end is not in the walled garden any more' },
	portal_ended: { says: 'its connection was sent to the portal, and its station has a right now' },
	waiting: { says: 'the first packet of its connection waits for its class' },
	flood: { says: 'its station is refused too often to be told so' },
	told: { says: 'it was answered with a reset or an error' },
	untold: { says: 'its protocol knows no answer to a refusal' },
	unseen_source: { says: 'it is an error about a packet whose source was not looked at' },
	names: { says: "the station's budget of names before login is used up" },
	names_total: { says: "all stations' budget of names before login is used up" },
	names_spent: { says: 'its session has neither names for nothing nor anything to spend' },
	names_late: { says: 'it answers a question that is forgotten' },
} as const satisfies Record<string, { says: string; recent?: true; recentTo?: true }>;

export type Refusal = keyof typeof REFUSALS;

/** Reasons for which the refused stations are noted. */
export type RecentRefusal = {
	[Name in Refusal]: (typeof REFUSALS)[Name] extends { recent: true } ? Name : never;
}[Refusal];
/** Reasons for which the addresses that were not reached are noted. */
export type RecentTargetRefusal = {
	[Name in Refusal]: (typeof REFUSALS)[Name] extends { recentTo: true } ? Name : never;
}[Refusal];

export const REFUSAL_NAMES = Object.keys(REFUSALS) as Refusal[];
export const RECENT_REFUSALS = REFUSAL_NAMES.filter((name) => 'recent' in REFUSALS[name]) as RecentRefusal[];
export const RECENT_TARGET_REFUSALS = REFUSAL_NAMES.filter(
	(name) => 'recentTo' in REFUSALS[name],
) as RecentTargetRefusal[];

/** The names of the table's objects and sets for a reason. */
export const refusalCounter = (reason: Refusal): string => `refused_${reason}`;
export const recentSet = (reason: RecentRefusal): string => `recent_${reason}`;
export const recentTargetSet = (reason: RecentTargetRefusal, family: 4 | 6): string => `recent_${reason}${family}`;

/** Connections that the rules sent to the portal, and those of them that came through the host's own firewall. */
export const PORTAL_COUNTERS = { sent: 'portal_sent', reached: 'portal_reached' } as const;
