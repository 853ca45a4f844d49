import { type FlowKind, markKinds, STATION_BITS_MAX } from './mark.ts';
import { hex } from './ruleset-text.ts';

/**
 * By so much of the sender's hardware address are budgets of stations without a session kept: as many as a set has room for, so
 * nobody can fill it. A table of whole addresses was full after 4,096 that asked once, and everybody else shared what was left.
 */
export const STATION_ADDRESS = `ether saddr and 00:00:00:00:${(2 ** (STATION_BITS_MAX - 8) - 1).toString(16)}:ff`;

/** The kinds of marks as the rules write them: no rule makes a mark by itself. */
export type MarkText = {
	/** Matches flows of this kind. */
	is(kind: FlowKind): string;
	isNot(kind: FlowKind): string;
	/** Matches flows with a mark of ours, and without one. What has no flow matches neither. */
	readonly isSome: string;
	readonly isNone: string;
	/** Makes the flow one of this kind, at once, whatever it was; bits of others stay. */
	set(kind: 'question' | 'garden' | 'zeroRated'): string;
	/** Takes our mark from the flow. */
	readonly clear: string;
	/** For {@link MarkText.set} of a question or a garden flow: the rules that then add the last bits of the hardware address. */
	readonly addStation: readonly string[];
	/** Matches flows that have some of them already: they stay what they are. */
	readonly hasStation: string;
	/** The kind and these bits: the key of a station's budget. */
	readonly station: string;
};

/** @param mask the bits that are ours */
export function markText(mask: number): MarkText {
	const { kinds, stationBits } = markKinds(mask);
	const others = hex(~mask >>> 0);
	const station = stationBits.reduce((sum, bit) => (sum | bit) >>> 0, 0);
	const under = (kind: FlowKind) => `ct mark and ${hex(kinds[kind].mask)}`;
	return {
		is: (kind) => `${under(kind)} == ${hex(kinds[kind].value)}`,
		isNot: (kind) => `${under(kind)} != ${hex(kinds[kind].value)}`,
		isSome: `ct mark and ${hex(mask)} != 0x00000000`,
		isNone: `ct mark and ${hex(mask)} == 0x00000000`,
		set(kind) {
			// A zero-rated flow keeps its station's number.
			const kept = kind === 'zeroRated' ? hex(~kinds.zeroRated.mask >>> 0) : others;
			return `ct mark set ct mark and ${kept} or ${hex(kinds[kind].value)}`;
		},
		clear: `ct mark set ct mark and ${others}`,
		addStation: stationBits.map((bit, index) => `${hasAddressBit(index)} ct mark set ct mark or ${hex(bit)}`),
		hasStation: `ct mark and ${hex(station)} != 0x00000000`,
		station: `ct mark and ${hex((kinds.garden.mask | station) >>> 0)}`,
	};
}

/** Whether this bit, counted from the end, of the sender's hardware address is set. */
function hasAddressBit(index: number): string {
	const octets = [0, 0, 0, 0, 0, 0].map((_, octet) => (octet === 5 - (index >> 3) ? 1 << (index & 7) : 0));
	const bit = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
	return `ether saddr and ${bit} == ${bit}`;
}
