/** A part of the framebuffer's memory, from one byte to before another. */
export type Span = { start: number; end: number };

/** Equal bytes between two changes that are written along: a call costs more than they do. */
const GAP_BYTES_MAX = 64;

/** Which bytes differ, in few pieces. Without a frame before, all of them. */
export function changedSpans(before: Buffer | undefined, after: Buffer): Span[] {
	if (before === undefined || before.length !== after.length) {
		return after.length === 0 ? [] : [{ start: 0, end: after.length }];
	}
	const spans: Span[] = [];
	for (let index = 0; index < after.length; index += 1) {
		if (before[index] === after[index]) {
			continue;
		}
		const last = spans.at(-1);
		if (last !== undefined && index - last.end <= GAP_BYTES_MAX) {
			last.end = index + 1;
		} else {
			spans.push({ start: index, end: index + 1 });
		}
	}
	return spans;
}
