import { isIP } from 'node:net';
import { parseMacAddress } from '../core/mac-address.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { parsedText } from '../core/value-rule.ts';
import type { PoolRefusal } from '../meter/pool-refusal.ts';
import type { CommandShape } from './command-shape.ts';
import type { StationRow } from './protocol.ts';

/** A device, as somebody names it who asks for it. */
export type Named = { readonly mac: MacAddress } | { readonly address: string };

/** @throws OctroiError `invalid_value` */
export function parseNamed(input: string): Named {
	const text = input.trim();
	// As programs print it: with the device of a link-local one, or IPv4 within IPv6.
	const address = text.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
	if (isIP(address) !== 0) return { address: address.toLowerCase() };
	try {
		return { mac: parseMacAddress(text) };
	} catch (cause) {
		if (/^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text)) throw cause;
		const fix = 'give a hardware address (02:00:5e:10:00:01) or an IP address (192.0.2.10, 2001:db8::10)';
		throw new OctroiError('invalid_value', `${JSON.stringify(text.slice(0, 60))} is no MAC address and no IP address`, {
			fix,
			cause,
		});
	}
}

type ClassState = 'allowed' | 'slowed' | 'blocked';

/** One reason for which packets were refused. */
export type RefusedRow = {
	/** A name of docs/refusals.md. */
	reason: string;
	/** What the rule tested, a part of a sentence: "its source address …". */
	says: string;
	/** Seconds since a packet of this station, or to this address of it, was refused so last. */
	agoSeconds: number;
	address?: string;
};

function checkNamed(text: string): string {
	parseNamed(text);
	return text;
}

export type WhyAnswer = {
	/** One word for programs; `online`: nothing refuses it. */
	cause: WhyCause;
	/** One sentence for people. */
	sentence: string;
	/** What to do; absent: nothing is to be done. */
	fix?: string;
	/** Absent: nobody knows a device of that address. */
	station?: StationRow & {
		/** Whether the router hears it now. */
		isPresent: boolean;
		/** Its leases of the DHCP server. */
		leases: readonly string[];
		/** The addresses that are heard of it, and whether its session owns them, as the kernel and the portal see it. */
		heard: readonly { address: string; device: string; account?: AccountId; isContested: boolean }[];
		/** The addresses that the kernel has bound to its session. */
		bound: readonly string[];
		/** The device that the kernel has bound its session to; absent: it began no flow yet. */
		boundDevice?: string;
		blocked: boolean;
		/** Why it gets nothing, though its account has credit; the row's reason says it in words. */
		refusal?: PoolRefusal;
		/** What its flows may have now by its plan: its own, and those of devices behind it. Absent: no account pays for it. */
		classes?: { own: ClassState; tethered: ClassState };
		/** Seconds since something came for it by its session; absent: nothing did. */
		servedAgoSeconds?: number;
		/** Why packets of it were refused in the last ten minutes, the newest first. */
		refused: readonly RefusedRow[];
		/** Tracked flows of it that have a mark of our bits and are not its meter's; absent: not looked for. */
		strangeFlows?: number;
	};
	/** By which means new flows are judged: own or tethered. */
	queue: 'native' | 'xtables' | 'none';
	/** Packets of all stations that were refused, by reason, since the table was made. */
	counters: Readonly<Record<string, number>>;
	/** Connections without a right: sent to the portal, and come through this router's own firewall. */
	portal: { sent: number; reached: number };
	/** Rules of other programs that disturb the meter. */
	foreignRules: readonly { kind: string; where: string; does: string }[];
	/** Why rules of other programs could not be read. */
	foreignProblem?: string;
};

/** What `octroi why` can say. */
export type WhyCause =
	| 'not_known'
	| 'not_a_device'
	| 'not_here'
	| 'no_session'
	| 'account_blocked'
	| 'no_credit'
	| 'not_booked'
	| 'not_tracked'
	| 'foreign_mark'
	| 'address_leased'
	| 'address_device'
	| 'address_unbound'
	| 'address_undecided'
	| 'address_claimed'
	| 'source_route'
	| 'class_refused'
	| 'between_grants'
	| 'inbound_refused'
	| 'slowed'
	| 'online';

export type WhyCommandTypes = {
	/** `device`: a hardware address or an IP address, as `parseNamed` reads it. */
	why: { arguments: { device: string }; result: WhyAnswer };
};

export const WHY_SHAPES: { readonly [Name in keyof WhyCommandTypes]: CommandShape } = {
	// It reads flows and rules of the whole router, so not everybody who may look may ask for it.
	why: {
		readOnly: false,
		argumentsSchema: { device: { rule: parsedText(checkNamed, 'a MAC address or an IP address') } },
	},
};
