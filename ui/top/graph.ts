import type { Glyphs } from './glyphs.ts';

/**
 * A graph of columns, newest at the right, top row first.
 *
 * @param values oldest first; the last ones that fit are drawn
 * @param scale what the full height is
 */
export function graph(
	values: readonly number[],
	{ columns, rows, scale, glyphs }: { columns: number; rows: number; scale: number; glyphs: Glyphs },
): string[] {
	const steps = glyphs.levels.length - 1;
	const shown = values.slice(-columns);
	const heights = shown.map((value) => {
		if (!(value > 0 && scale > 0)) return 0;
		// Whatever is more than nothing is seen.
		return Math.max(1, Math.round(Math.min(1, value / scale) * rows * steps));
	});
	const space = ' '.repeat(Math.max(0, columns - shown.length));
	return Array.from({ length: rows }, (_, row) => {
		const below = (rows - 1 - row) * steps;
		return space + heights.map((height) => glyphs.levels[Math.min(steps, Math.max(0, height - below))]).join('');
	});
}

/** A bar of a part of the whole, from the left. */
export function bar(part: number, { columns, glyphs }: { columns: number; glyphs: Glyphs }): string {
	const steps = glyphs.parts.length - 1;
	const bounded = Math.min(1, Math.max(0, part));
	const height = bounded > 0 ? Math.max(1, Math.round(bounded * columns * steps)) : 0;
	const full = Math.floor(height / steps);
	const rest = height - full * steps;
	const drawn = (glyphs.parts[steps] as string).repeat(full) + (rest > 0 ? glyphs.parts[rest] : '');
	return drawn + glyphs.barEmpty.repeat(columns - full - (rest > 0 ? 1 : 0));
}

/** A round number that is not smaller: 1, 2 or 5 times a power of ten. */
export function niceScale(value: number): number {
	if (value <= 0) return 1;
	const power = 10 ** Math.floor(Math.log10(value));
	const step = [1, 2, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
	return step * power;
}
