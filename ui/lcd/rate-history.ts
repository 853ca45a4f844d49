/** As wide as the widest graph that is drawn. */
const FIGURES_MAX = 400;

/** The rates of the last minutes, one a second. */
export class RateHistory {
	readonly up: number[] = [];
	readonly down: number[] = [];
	#sequence: number | undefined;

	/** Takes the rates of a picture once. */
	add(sequence: number, rates: { upBytesPerSecond: number; downBytesPerSecond: number }): void {
		if (sequence === this.#sequence) {
			return;
		}
		this.#sequence = sequence;
		for (const [figures, figure] of [
			[this.up, rates.upBytesPerSecond],
			[this.down, rates.downBytesPerSecond],
		] as const) {
			figures.push(figure);
			if (figures.length > FIGURES_MAX) {
				figures.shift();
			}
		}
	}
}
