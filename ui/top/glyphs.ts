/** What pictures are made of. */
export type Glyphs = {
	readonly ascii: boolean;
	/** From empty to full, for the columns of a graph. */
	readonly levels: readonly string[];
	/** From empty to full, for the end of a bar. */
	readonly parts: readonly string[];
	readonly barEmpty: string;
	readonly rule: string;
	readonly separator: string;
	readonly up: string;
	readonly down: string;
	readonly ascending: string;
	readonly descending: string;
	readonly cursor: string;
	readonly dash: string;
};

export const UNICODE_GLYPHS: Glyphs = {
	ascii: false,
	levels: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
	parts: [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
	barEmpty: '░',
	rule: '─',
	separator: '·',
	up: '↑',
	down: '↓',
	ascending: '▲',
	descending: '▼',
	cursor: '▸',
	dash: '–',
};

/** For serial consoles and old terminals. */
export const ASCII_GLYPHS: Glyphs = {
	ascii: true,
	levels: [' ', '.', ':', '#'],
	parts: [' ', '#'],
	barEmpty: '.',
	rule: '-',
	separator: '|',
	up: '^',
	down: 'v',
	ascending: '^',
	descending: 'v',
	cursor: '>',
	dash: '-',
};
