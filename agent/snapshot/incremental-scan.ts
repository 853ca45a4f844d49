/** A row of a large table: whoever owns the table makes it anew when it is looked at and has changed. */
export type Scanned = { isLively: boolean };

/**
 * What was announced wrongly, or not at all, is seen after so many looks at the latest. All that is known to change is
 * announced; with a quarter of the lines at each look, looking at 4,096 idle stations was half of what displays cost.
 */
export const SCAN_LOOKS = 64;

/**
 * Chooses which lines of a table are worth a look: thousands of lines are cold in the processor's cache, and a look at each
 * of them every second would be most of what displays cost.
 */
export class IncrementalScan<Line extends Scanned> {
	#next = 0;
	#lively = new Set<Line>();
	#all = true;

	/** Look at all of them the next time. */
	restart(): void {
		this.#all = true;
		this.#lively = new Set();
	}

	/**
	 * @param announced lines of which something is known to have changed
	 * @param look also sets whether the line is lively: to be looked at again the next time
	 */
	look(lines: readonly Line[], announced: Iterable<Line>, look: (line: Line) => void): void {
		const chosen = this.#all ? new Set(lines) : this.#lively;
		for (const line of announced) chosen.add(line);
		if (!this.#all) for (const line of this.#part(lines)) chosen.add(line);
		this.#all = false;
		this.#lively = new Set();
		for (const line of chosen) {
			look(line);
			if (line.isLively) this.#lively.add(line);
		}
	}

	#part(lines: readonly Line[]): readonly Line[] {
		const count = Math.ceil(lines.length / SCAN_LOOKS);
		const begin = this.#next >= lines.length ? 0 : this.#next;
		this.#next = begin + count;
		return lines.slice(begin, begin + count);
	}
}
