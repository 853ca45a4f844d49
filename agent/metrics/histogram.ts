/** Counts of values up to each bound, as Prometheus has them: each bucket holds all smaller ones too. */
export class Histogram {
	readonly bounds: readonly number[];
	readonly counts: number[];
	sum = 0;
	count = 0;

	/** @param bounds ascending; beyond the last one only `count` counts */
	constructor(bounds: readonly number[]) {
		this.bounds = bounds;
		this.counts = bounds.map(() => 0);
	}

	observe(value: number): void {
		this.sum += value;
		this.count += 1;
		for (let index = this.bounds.length - 1; index >= 0 && value <= (this.bounds[index] as number); index--) {
			this.counts[index] = (this.counts[index] as number) + 1;
		}
	}
}
