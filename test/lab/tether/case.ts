import type { Signature } from '../../../agent/tether/signature.ts';
import type { Family } from '../topology.ts';

/** A machine: this kernel's own stack, or one made of a signature. */
export type Machine = {
	readonly name: string;
	/** Absent: a real socket of a namespace. */
	readonly signature?: Pick<Signature, 'text' | 'start'>;
	/** As a router has advertised it; absent: as for IPv4. */
	readonly startIpv6?: number;
};

/** One flow that somebody opens. */
export type Step = { readonly from: 'phone' | 'behind' } & (
	| { readonly kind: 'tcp'; readonly as?: Pick<Signature, 'text' | 'start'> }
	| { readonly kind: 'datagram'; readonly hopLimit?: number; readonly port?: number }
	| { readonly kind: 'name'; readonly name: string }
);

/** What a station is in the labelled set, by group. */
export const GROUPS = [
	'plain',
	'rewritten, another system',
	'rewritten, same system',
	'one system',
	'one system, odd packets',
	'VPN on the phone',
	'console',
	'dual stack',
] as const;
export type Group = (typeof GROUPS)[number];

export type Case = {
	readonly group: Group;
	readonly title: string;
	readonly family: Family | 'both';
	/** Of the phone; absent: nobody has heard it. */
	readonly dhcp?: { readonly vendorClass?: string; readonly parameters: readonly number[] };
	readonly phone: Machine;
	readonly behind?: Machine;
	readonly rewrites: boolean;
	readonly heldOut: boolean;
	readonly steps: readonly Step[];
};
