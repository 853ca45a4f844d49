import type { SynFacts } from './flow-facts.ts';
import { hopStart } from './hop-limit.ts';
import type { Signature, WindowRule } from './signature.ts';

export type Match = {
	readonly signature: Signature;
	/** The hop limit is another than that of the system: somebody has set it. */
	readonly contradictsStart: boolean;
};

type Syn = SynFacts & { readonly version: 4 | 6; readonly hopLimit: number };

/** Distinct SYNs seen lately whose match is remembered: a venue has some tens. A flood of invented ones only costs looking up again. */
const REMEMBERED_MAX = 512;
const TIMESTAMPS_BYTES = 12;
const ETHERNET_MSS: Record<4 | 6, number> = { 4: 1460, 6: 1440 };
const HEADERS_BYTES: Record<4 | 6, number> = { 4: 40, 6: 60 };

/** Signatures by their layout of options: what a SYN is like. */
export class SignatureBook {
	readonly #byLayout = new Map<string, Signature[]>();
	readonly #remembered = new Map<string, Match | undefined>();

	/** Those that come first win where several fit equally well. */
	constructor(signatures: readonly Signature[]) {
		for (const signature of signatures) {
			const others = this.#byLayout.get(signature.layout);
			if (others) others.push(signature);
			else this.#byLayout.set(signature.layout, [signature]);
		}
	}

	find(syn: Syn): Match | undefined {
		const start = hopStart(syn.hopLimit) ?? 0;
		const key = `${syn.version} ${start} ${syn.mss} ${syn.window} ${syn.scale} ${syn.layout}`;
		if (this.#remembered.has(key)) return this.#remembered.get(key);
		const match = this.#look(syn, start);
		if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
		this.#remembered.set(key, match);
		return match;
	}

	#look(syn: Syn, start: number): Match | undefined {
		let best: Match | undefined;
		let bestRank = 0;
		for (const signature of this.#byLayout.get(syn.layout) ?? []) {
			if (!fits(signature, syn)) continue;
			const contradictsStart = signature.start !== start;
			const rank = 1 + (contradictsStart ? 0 : 2) + (signature.isSpecific ? 1 : 0);
			if (rank > bestRank) [best, bestRank] = [{ signature, contradictsStart }, rank];
		}
		return best;
	}
}

function fits({ version, mss, window, scale }: Signature, syn: Syn): boolean {
	if (version !== undefined && version !== syn.version) return false;
	if (mss !== undefined && mss !== syn.mss) return false;
	if (scale !== undefined && scale !== Math.max(0, syn.scale)) return false;
	return windowFits(window, syn);
}

function windowFits({ kind, ...rule }: WindowRule, syn: Syn): boolean {
	if (kind === 'any') return true;
	const value = (rule as { value: number }).value;
	if (kind === 'bytes') return syn.window === value;
	if (kind === 'modulo') return syn.window % value === 0;
	// The MSS may have been clamped on the way, after the window was made of it.
	const sizes = [syn.mss, ETHERNET_MSS[syn.version]];
	if (kind === 'mtu') return sizes.some((mss) => syn.window === value * (mss + HEADERS_BYTES[syn.version]));
	return sizes.some((mss) => syn.window === value * mss || syn.window === value * (mss - TIMESTAMPS_BYTES));
}
