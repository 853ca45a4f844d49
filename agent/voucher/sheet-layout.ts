/** `a4`: 3 × 7 cards with cutting lines. `labels`: 63.5 × 38.1 mm, 21 on A4 (L7160 and alike), no lines. */
export const SHEET_LAYOUTS = ['a4', 'labels'] as const;
export type SheetLayout = (typeof SHEET_LAYOUTS)[number];

export type SheetOptions = {
	readonly layout: SheetLayout;
	/** The venue's name, for people. */
	readonly venue: string;
	/** The page that a QR code opens; the code is put behind it. */
	readonly url: string;
};
