import type { Clock } from '../core/clock.ts';
import type { MacAddress } from '../core/units.ts';
import type { DhcpFingerprint } from './dhcp-fingerprint.ts';
import { EVIDENCE_RULES } from './evidence.ts';
import { readFlowFacts } from './flow-facts.ts';
import { pointsOf } from './score.ts';
import type { Signature } from './signature.ts';
import { SignatureBook } from './signature-book.ts';
import { StationProfile } from './station-profile.ts';

/** Whose traffic a flow is: the station's, or that of somebody behind it. */
export type TrafficClass = 'own' | 'tethered';

/** What the sensor hears of a station outside of the queue. */
export type Observation =
	| { readonly kind: 'dhcp'; readonly fingerprint: DhcpFingerprint }
	| { readonly kind: 'name'; readonly name: string }
	/** The first packet of a flow, where no queue shows it. */
	| { readonly kind: 'flow'; readonly packet: Buffer };

/** One kind of sign, for people. */
export type EvidenceLine = {
	/** Points that it is worth now. */
	readonly weight: number;
	readonly text: string;
	readonly seen: number;
	/** Milliseconds since it was seen last. */
	readonly agoMs: number;
};

export type Standing = {
	readonly score: number;
	readonly tethering: boolean;
	readonly pinned?: TrafficClass;
};

export type FlowClassifierOptions = {
	readonly clock: Pick<Clock, 'bootMs'>;
	readonly signatures: readonly Signature[];
	/** The station that was silent longest is forgotten beyond it. About 2 KiB each. */
	readonly stationsMax: number;
};

/**
 * Tells by the first packet of a flow whether it is the station's own. A flow is judged by what it shows itself; a sign that is
 * not enough counts for more once the station is known to tether. In doubt it is the station's own.
 */
export class FlowClassifier {
	readonly #clock: Pick<Clock, 'bootMs'>;
	readonly #book: SignatureBook;
	readonly #stationsMax: number;
	/** The one that was heard last comes last. */
	readonly #profiles = new Map<MacAddress, StationProfile>();
	/** An operator's word; as many as somebody has typed. */
	readonly #pins = new Map<MacAddress, TrafficClass>();

	constructor({ clock, signatures, stationsMax }: FlowClassifierOptions) {
		this.#clock = clock;
		this.#book = new SignatureBook(signatures);
		this.#stationsMax = stationsMax;
	}

	/**
	 * @param packet the first one of a flow, from its IP header on, as it came from the air (before routing takes one from its
	 * hop limit); may be cut, may be hostile
	 */
	classify(station: MacAddress, packet: Buffer): TrafficClass {
		const facts = readFlowFacts(packet);
		const isTethered = facts !== undefined && this.#profile(station).judge(facts, this.#clock.bootMs());
		return this.#pins.get(station) ?? (isTethered ? 'tethered' : 'own');
	}

	observe(station: MacAddress, observation: Observation): void {
		if (observation.kind === 'flow') this.classify(station, observation.packet);
		else if (observation.kind === 'dhcp') this.#profile(station).heardDhcp(observation.fingerprint);
		else this.#profile(station).heardName(observation.name, this.#clock.bootMs());
	}

	/** An operator's word goes before all evidence; undefined takes it back. */
	pin(station: MacAddress, as: TrafficClass | undefined): void {
		if (as === undefined) this.#pins.delete(station);
		else this.#pins.set(station, as);
	}

	/** Why it is thought so: what weighs most comes first. */
	evidence(station: MacAddress): readonly EvidenceLine[] {
		const nowMs = this.#clock.bootMs();
		return [...(this.#profiles.get(station)?.evidence.list() ?? [])]
			.map((sign) => ({
				weight: Math.round(pointsOf(sign, nowMs)),
				text: `${EVIDENCE_RULES[sign.kind].text}: ${sign.detail}`,
				seen: sign.seen,
				agoMs: nowMs - sign.lastMs,
			}))
			.toSorted((first, second) => second.weight - first.weight);
	}

	standing(station: MacAddress): Standing {
		const standing = this.#profiles.get(station)?.evidence.standing(this.#clock.bootMs());
		const pinned = this.#pins.get(station);
		return {
			score: Math.round(standing?.score ?? 0),
			tethering: standing?.tethering ?? false,
			...(pinned === undefined ? {} : { pinned }),
		};
	}

	/** How many stations something is known about. */
	get size(): number {
		return this.#profiles.size;
	}

	/** Forgets what was seen; a pin stays. */
	forget(station: MacAddress): void {
		this.#profiles.delete(station);
	}

	#profile(station: MacAddress): StationProfile {
		let profile = this.#profiles.get(station);
		if (profile !== undefined) this.#profiles.delete(station);
		else {
			profile = new StationProfile(this.#book);
			const [longestSilent] = this.#profiles.keys();
			if (longestSilent !== undefined && this.#profiles.size >= this.#stationsMax) this.forget(longestSilent);
		}
		this.#profiles.set(station, profile);
		return profile;
	}
}
