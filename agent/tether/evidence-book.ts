import { EVIDENCE_RULES, type Evidence, type EvidenceKind } from './evidence.ts';
import { fadedAt, score, tethers } from './score.ts';

/** Sightings beyond this many times `enough` add nothing: or a long evening would outlast the next customer. */
const SATURATION = 2;

/** The evidence about one station: bounded, for there are only so many kinds. */
export class EvidenceBook {
	readonly #signs = new Map<EvidenceKind, { faded: number; seen: number; lastMs: number; detail: string }>();
	#tethers = false;

	add(kind: EvidenceKind, detail: string, nowMs: number): void {
		const sign = this.#signs.get(kind);
		if (sign === undefined) {
			this.#signs.set(kind, { faded: 1, seen: 1, lastMs: nowMs, detail });
			return;
		}
		sign.faded = Math.min(SATURATION * EVIDENCE_RULES[kind].enough, fadedAt(sign, nowMs) + 1);
		sign.seen++;
		sign.lastMs = nowMs;
		sign.detail = detail;
	}

	/** Its score, and whether it tethers: which depends on whether it did. */
	standing(nowMs: number): { score: number; tethering: boolean } {
		const points = this.#signs.size === 0 ? 0 : score(this.list(), nowMs);
		this.#tethers = tethers(points, this.#tethers);
		return { score: points, tethering: this.#tethers };
	}

	*list(): Generator<Evidence> {
		for (const [kind, sign] of this.#signs) yield { kind, ...sign };
	}
}
