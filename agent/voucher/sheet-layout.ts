/** `a4`: 3 × 7 cards with cutting lines. `labels`: 63.5 × 38.1 mm, 21 on A4 (L7160 and alike), no lines. */
export const SHEET_LAYOUTS = ['a4', 'labels'] as const;
export type SheetLayout = (typeof SHEET_LAYOUTS)[number];

export type SheetOptions = {
	readonly layout: SheetLayout;
	/** The venue's name, for people. */
	readonly venue: string;
	/** The page that a QR code opens; the code is put behind it. */
	readonly url: string;
	/** The network to join; absent: the cards do not name one. */
	readonly network?: SheetNetwork;
	/** What to do, one line each; `{network}`, `{password}` and `{address}` stand for these. */
	readonly steps: readonly string[];
	/** What a card costs, for people. Absent: what each card says. */
	readonly price?: string;
};

export type SheetNetwork = {
	readonly name: string;
	/** Absent: an open network. */
	readonly password?: string;
	/** What a QR code says that joins it. */
	readonly code: string;
};
