import type { Style } from './line.ts';

/** How a style looks: a colour of the terminal's own palette (0 to 15), and effects. */
export type Look = {
	readonly foreground?: number;
	readonly bold?: true;
	readonly inverse?: true;
};

export type Theme = Readonly<Record<Style, Look>>;

const RED = 1;
const GREEN = 2;
const YELLOW = 3;
const BLUE = 4;
const CYAN = 6;
const BRIGHT_BLACK = 8;

/** The palette is the terminal's, so that it suits light and dark ones. */
export const COLOUR_THEME: Theme = {
	plain: {},
	dim: { foreground: BRIGHT_BLACK },
	strong: { bold: true },
	title: { foreground: CYAN },
	good: { foreground: GREEN },
	warn: { foreground: YELLOW },
	bad: { foreground: RED, bold: true },
	up: { foreground: YELLOW },
	down: { foreground: BLUE },
	selected: { inverse: true },
	tab: { inverse: true },
	key: { foreground: CYAN, bold: true },
};

/** NO_COLOR (no-color.org), and terminals that have none: the words say all that the colours do. */
export const PLAIN_THEME: Theme = {
	plain: {},
	dim: {},
	strong: { bold: true },
	title: {},
	good: {},
	warn: {},
	bad: { bold: true },
	up: {},
	down: {},
	selected: { inverse: true },
	tab: { inverse: true },
	key: { bold: true },
};
