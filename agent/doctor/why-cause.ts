import type { MacAddress } from '../core/units.ts';
import { type Spoof, spoofText } from '../sensor/spoof-watch.ts';
import type { Named, WhyAnswer, WhyCause } from '../status/why-command.ts';

/** What {@link whyCause} judges: everything that was read. */
export type WhyGiven = Omit<WhyAnswer, 'cause' | 'sentence' | 'fix'>;
type Station = NonNullable<WhyAnswer['station']>;
type Verdict = Pick<WhyAnswer, 'cause' | 'sentence' | 'fix'>;

/** What somebody was refused for so long ago explains what he sees now; a page is tried again within it. */
const NOW_SECONDS = 60;

/** What else is known of the network. */
export type WhyAround = {
	/** Who leases an address of the DHCP server. */
	readonly leasedTo: LeasedTo;
	/** Of this router, which has the address; undefined: it is not one of its own. */
	readonly ownDevice: (address: string) => string | undefined;
	/** Who claims what in the last minutes. */
	readonly spoofs: readonly Spoof[];
};

/**
 * Why a device is not online, as one sentence with the fix. Each cause is said only if its own facts hold: first who is there and
 * who pays, then what refused it last. Pure.
 */
export function whyCause(named: Named, given: WhyGiven, around: WhyAround): Verdict {
	const { station } = given;
	if (station === undefined) {
		const name = 'mac' in named ? named.mac : named.address;
		const what = 'mac' in named ? undefined : (around.ownDevice(named.address) ?? noDevice(named.address));
		if (what !== undefined) return verdict('not_a_device', `${name} is ${what}`, { fix: 'name a device of a guest' });
		return verdict('not_known', `no device ${name} was heard on a metered network, and it has no lease`, {
			fix: 'let it join the Wi-Fi, and look at what it shows as its own hardware address: telephones have another one for each network',
		});
	}
	return (
		sessionCause(station, given, around) ??
		refusedCause(station, given, around.leasedTo) ??
		strangeFlows(station, given) ??
		claimedCause(station, around) ??
		inboundCause(station) ??
		(station.state === 'throttled'
			? verdict('slowed', `${station.mac} is online, slowed: ${station.reason}`, { fix: 'top up its account' })
			: online(station))
	);
}

/** What an address is that no single device has (RFC 1122, 3.2.1.3; RFC 4291, 2.4). */
function noDevice(address: string): string | undefined {
	if (/^(?:22[4-9]|23\d)\./.test(address) || /^ff/i.test(address)) return 'the address of a group';
	if (address === '255.255.255.255') return 'for all devices of a network';
	if (/^127\./.test(address) || address === '::1') return 'of the same machine only, whichever asks';
	return address === '0.0.0.0' || address === '::' ? 'no address' : undefined;
}

/** Who is there, and who pays. */
function sessionCause(station: Station, { portal }: WhyGiven, around: WhyAround): Verdict | undefined {
	const { mac, account, state, reason, isPresent, refused } = station;
	// A device that is silent for long is not heard; what was refused of it just now was sent by it.
	if (!isPresent && !refused.some(({ agoSeconds, address }) => address === undefined && agoSeconds <= NOW_SECONDS)) {
		const taken = claimedCause(station, around) ?? takenCause(station, around.leasedTo);
		if (taken !== undefined) return taken;
		return verdict('not_here', `${mac} is not on the network: ${reason}`, { fix: 'let it join the Wi-Fi again' });
	}
	if (account === undefined) {
		const isClosed = portal.reached * 2 < portal.sent;
		const closed = `; and of ${portal.sent} connections that were sent to the portal ${portal.reached === 0 ? 'none' : `only ${portal.reached}`} came through this router's own firewall`;
		return verdict('no_session', `${mac} has no session: ${reason}${isClosed ? closed : ''}`, {
			fix: isClosed
				? 'open the port of the portal for the metered devices in the input rules of the firewall'
				: `enter a code or buy a plan on the portal, or: octroi station attach ${mac} ACCOUNT`,
		});
	}
	if (station.blocked) {
		return verdict('account_blocked', `${mac} spends ${account}, which is blocked`, {
			fix: `octroi account unblock ${account}`,
		});
	}
	if (station.refusal === 'unbooked') {
		return verdict('not_booked', `${mac} has credit; ${reason}`, {
			fix: 'octroi status says what is wrong and what helps; what was used is charged as soon as it can be',
		});
	}
	if (station.refusal === 'part') return classVerdict(mac, 'own', '');
	if (state === 'blocked') {
		return verdict('no_credit', `${mac} spends ${account}, and ${reason}`, {
			fix: `octroi account topup ${account} --plan PLAN (octroi plan list), or a code on the portal`,
		});
	}
	return undefined;
}

/** Octroi refuses nothing of it; whether it gets anywhere is also a matter of the router's own firewall and the uplink. */
function online(station: Station): Verdict {
	const { mac, reason } = station;
	if (isServed(station)) return verdict('online', `${mac} is online: ${reason}`);
	return verdict('online', `${mac} is online: ${reason}; nothing of it is refused here, and nothing passes just now`, {
		fix: "if it tries: look at the forward rules of this router's own firewall, and at the uplink (octroi doctor)",
	});
}

type LeasedTo = (address: string) => MacAddress | undefined;

function isServed({ upBytesPerSecond, downBytesPerSecond }: Station): boolean {
	return upBytesPerSecond + downBytesPerSecond > 0;
}

/** Somebody says that its address, or one of the router, is his: then one of both sends to him. */
function claimedCause(station: Station, { spoofs }: WhyAround): Verdict | undefined {
	if (isServed(station)) return undefined;
	const { mac, addresses, bound } = station;
	const spoof = spoofs.findLast(
		({ target, address, owner }) =>
			target !== 'neighbour' || owner === mac || bound.includes(address) || addresses.includes(address),
	);
	if (spoof === undefined) return undefined;
	const what = spoof.target === 'neighbour' ? `what is for ${mac} may go there` : `what ${mac} sends may go there`;
	return verdict('address_claimed', `${spoofText(spoof)}; ${what}`, {
		fix: `find ${spoof.claimant} and take it off the network, or have the access point isolate its clients`,
	});
}

/** The DHCP server has given its address to somebody else. */
function takenCause({ mac, bound }: Station, leasedTo: LeasedTo): Verdict | undefined {
	const holder = (address: string) => leasedTo(address) ?? mac;
	const taken = bound.find((address) => holder(address) !== mac);
	if (taken === undefined) return undefined;
	return verdict(
		'address_leased',
		`${mac} has ${taken}, which the DHCP server has leased to ${holder(taken)} meanwhile`,
		{
			fix: 'let it ask for its address again: switch its Wi-Fi off and on',
		},
	);
}

/** What refused it last, in the last minute. What somebody else can bring about, from outside, is not looked at here. */
function refusedCause(station: Station, given: WhyGiven, leasedTo: LeasedTo): Verdict | undefined {
	const { servedAgoSeconds = NOW_SECONDS } = station;
	for (const { reason, agoSeconds } of station.refused) {
		// What came for it since says that it is over, but for a rule that stands: that may be of some flows only.
		const isStanding = given.foreignRules.some(({ kind }) => kind === reason);
		const isOver = agoSeconds > servedAgoSeconds && !isStanding;
		const refused = isOver || agoSeconds > NOW_SECONDS ? undefined : REFUSED[reason];
		const found = refused?.({ station, given, leasedTo, ago: `${agoSeconds} s ago` });
		if (found !== undefined) return found;
	}
	return undefined;
}

type Refused = {
	readonly station: Station;
	readonly given: WhyGiven;
	readonly leasedTo: LeasedTo;
	readonly ago: string;
};

/** For each reason that a station is noted for: the sentence, if what it says still holds. */
const REFUSED: Readonly<Record<string, (refused: Refused) => Verdict | undefined>> = {
	untracked({ station: { mac }, given, ago }) {
		const rule = ruleOf(given, 'untracked');
		return verdict('not_tracked', `a packet of ${mac} was not tracked ${ago}, so no meter could have it${by(rule)}`, {
			fix: removal(rule, 'a rule with notrack'),
		});
	},
	mark({ station: { mac }, given, ago }) {
		const rule = ruleOf(given, 'mark');
		return verdict('foreign_mark', `a flow of ${mac} had a mark that is not its meter's ${ago}${by(rule)}`, {
			fix: `${removal(rule, 'a rule that writes the conntrack mark')}, or give Octroi other bits: mark.mask`,
		});
	},
	address_leased: (refused) =>
		leasedAddress(refused) ??
		secondLease(refused) ??
		verdict(
			'address_leased',
			`${refused.station.mac} sent from an address that is leased to another station, or to another client of DHCP with its hardware address, ${refused.ago}`,
			{ fix: 'let it take its address from the DHCP server, or enter its code again on the portal' },
		),
	address_unbound: (refused) => leasedAddress(refused) ?? secondLease(refused) ?? unboundAddress(refused),
	address_undecided({ station: { mac }, ago }) {
		return verdict(
			'address_undecided',
			`${mac} sent from an address ${ago} that is not known to be its own: it may have come from another place just now; or two devices use its hardware address`,
			{
				fix: 'try again in some seconds; if it goes on: enter its code again on the portal, and look for a second device with its hardware address',
			},
		);
	},
	address_device({ station: { mac, device, boundDevice } }) {
		if (boundDevice === undefined || boundDevice === device) return undefined;
		return verdict('address_device', `${mac} comes by ${device}, and its session is at ${boundDevice}`, {
			fix: 'enter its code again on the portal: the session then moves there',
		});
	},
	source_route: ({ station: { mac, device }, ago }) =>
		verdict('source_route', `${mac} sent with a source address that is not of the network of ${device} ${ago}`, {
			fix: 'let it take its address from the DHCP server; a network behind it needs a route on this router',
		}),
	class: (refused) => classRefused(refused, 'tethered') ?? betweenGrants(refused),
	between: (refused) => classRefused(refused, 'own') ?? betweenGrants(refused),
};

/** By its plan, flows of the class may have nothing. */
function classRefused({ station: { mac, classes }, ago }: Refused, of: 'own' | 'tethered'): Verdict | undefined {
	return classes?.[of] === 'blocked' ? classVerdict(mac, of, `; one was refused ${ago}`) : undefined;
}

function classVerdict(mac: MacAddress, of: 'own' | 'tethered', lately: string): Verdict {
	const whose = of === 'own' ? 'its own flows' : 'flows of devices behind it';
	return verdict('class_refused', `${mac} has credit, but ${whose} may have nothing more by its plan${lately}`, {
		fix: `octroi station pin ${mac} ${of === 'own' ? 'tethered' : 'own'}, if that is right; another plan helps only when the present one is used up or over (docs/tethering-policy.md)`,
	});
}

function betweenGrants({ station: { mac, reason }, ago }: Refused): Verdict {
	return verdict(
		'between_grants',
		`${mac} is online: ${reason}; a packet was refused ${ago}, before the next grant came`,
		{
			fix: 'if it goes on: raise grant.bytesMin, and look at octroi status',
		},
	);
}

function leasedAddress({ station: { mac, heard }, leasedTo }: Refused): Verdict | undefined {
	const holder = (address: string) => leasedTo(address) ?? mac;
	const used = heard.find(({ address, isContested }) => isContested && holder(address) !== mac)?.address;
	if (used === undefined) return undefined;
	return verdict('address_leased', `${mac} uses ${used}, which the DHCP server has leased to ${holder(used)}`, {
		fix: 'switch its Wi-Fi off and on, so that it asks for an address; and remove one that was set by hand',
	});
}

/** The DHCP server knows it as two clients, and the session has the address of the other one. */
function secondLease({ station: { mac, heard }, leasedTo }: Refused): Verdict | undefined {
	const used = heard.find(({ address, isContested }) => isContested && leasedTo(address) === mac)?.address;
	if (used === undefined) return undefined;
	return verdict(
		'address_unbound',
		`${mac} uses ${used}, which it leases as another client of DHCP than its session's`,
		{
			fix: `enter its code again on the portal from ${used}; if that is not its own address, a second device has its hardware address`,
		},
	);
}

function unboundAddress({ station: { mac, heard, bound } }: Refused): Verdict | undefined {
	const used = heard.filter(({ isContested }) => isContested).map(({ address }) => address);
	if (used.length === 0) return undefined;
	const own = bound.length === 0 ? 'none' : bound.join(', ');
	return verdict('address_unbound', `${mac} uses ${used.join(', ')}, which is not its session's (${own})`, {
		fix: 'let it renew its address by DHCP, or enter its code again on the portal',
	});
}

function strangeFlows({ mac, strangeFlows: count = 0 }: Station, given: WhyGiven): Verdict | undefined {
	if (count === 0) return undefined;
	const rule = ruleOf(given, 'mark');
	return verdict('foreign_mark', `${count} flows of ${mac} have a mark that is not its meter's${by(rule)}`, {
		fix: `${removal(rule, 'a rule that writes the conntrack mark')}, or give Octroi other bits: mark.mask`,
	});
}

type Rule = WhyAnswer['foreignRules'][number] | undefined;

/** A rule of this kind, or one of which it is not known what it does. */
function ruleOf({ foreignRules }: WhyGiven, kind: string): Rule {
	return foreignRules.find((rule) => rule.kind === kind) ?? foreignRules.find((rule) => rule.kind === 'opaque');
}

function by(rule: Rule): string {
	return rule === undefined ? '; no rule that does it stands now' : `: ${rule.where} ${rule.does}`;
}

/** @param what is looked for where no rule was found */
function removal(rule: Rule, what: string): string {
	if (rule === undefined) return `if it happens again, look for ${what}: nft list ruleset; iptables-save`;
	const [place = '', handle] = rule.where.split(' handle ');
	return handle === undefined ? `look at nft list chain ${place}` : `nft delete rule ${place} handle ${handle}`;
}

const ALLOW_INBOUND =
	'with inbound.allowed a station is reached by an address after it has begun a flow from it, and pays; not one that tethers (docs/limits.md)';
/** What keeps a flow from outside away from a station that is online, and what helps. */
const INBOUND_FIX = {
	inbound: ALLOW_INBOUND,
	port_forward: ALLOW_INBOUND,
	inbound_marked:
		'let the other program (policy routing, as a rule) leave flows from outside without a mark: nft list ruleset; iptables-save',
	inbound_unanswered:
		'let it answer what it is asked; else raise inbound.bytesPerSecond, of which it pays all that comes (docs/limits.md)',
} as const;
type InboundReason = keyof typeof INBOUND_FIX;

/** It is online; what begins outside is not served. Anybody can bring this about, so it hides nothing else. */
function inboundCause({ mac, reason, refused }: Station): Verdict | undefined {
	const inbound = refused.find((one) => one.reason in INBOUND_FIX && one.agoSeconds <= NOW_SECONDS);
	if (inbound === undefined) return undefined;
	return verdict(
		'inbound_refused',
		`${mac} is online: ${reason}; but a packet to ${inbound.address} was refused ${inbound.agoSeconds} s ago: ${inbound.says}`,
		{ fix: INBOUND_FIX[inbound.reason as InboundReason] },
	);
}

function verdict(cause: WhyCause, sentence: string, { fix }: { fix?: string } = {}): Verdict {
	return { cause, sentence, ...(fix === undefined ? {} : { fix }) };
}
