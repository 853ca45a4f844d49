/** Colours as sRGB, and their contrast as WCAG 2.2 defines it (relative luminance, contrast ratio). */
type Rgb = readonly [number, number, number];

export const PAPER = { light: '#ffffff', dark: '#12151b' } as const;
/** Surfaces between paper and ink: the harder ones to read on. */
export const CARD = { light: '#f4f5f7', dark: '#1c212a' } as const;
/** Success criterion 1.4.3, level AA, for text of any size. */
export const CONTRAST_MIN = 4.5;

/** What the style sheet needs of the venue's one colour. */
export type Accents = {
	/** As text and lines on paper and cards. */
	readonly text: { readonly light: string; readonly dark: string };
	/** On a surface of the accent itself. */
	readonly fill: string;
	readonly onFill: string;
};

/** The accent, moved towards black or white as far as it must be to be read. */
export function accentsOf(accent: string): Accents {
	const onFill = contrast('#ffffff', accent) >= contrast('#000000', accent) ? '#ffffff' : '#000000';
	return {
		text: {
			light: towards(accent, '#000000', (colour) => contrast(colour, CARD.light) >= CONTRAST_MIN),
			dark: towards(accent, '#ffffff', (colour) => contrast(colour, CARD.dark) >= CONTRAST_MIN),
		},
		fill: towards(
			accent,
			onFill === '#ffffff' ? '#000000' : '#ffffff',
			(colour) => contrast(colour, onFill) >= CONTRAST_MIN,
		),
		onFill,
	};
}

/** 1 to 21. */
export function contrast(left: string, right: string): number {
	const a = luminance(parse(left));
	const b = luminance(parse(right));
	return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function towards(colour: string, end: string, isEnough: (candidate: string) => boolean): string {
	const from = parse(colour);
	const to = parse(end);
	for (let step = 0; step <= 20; step++) {
		const mixed = from.map((value, index) => Math.round(value + ((to[index] as number) - value) * (step / 20)));
		const candidate = `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
		if (isEnough(candidate)) return candidate;
	}
	return end;
}

function parse(colour: string): Rgb {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
	return [red, green, blue];
}

function luminance(rgb: Rgb): number {
	const [red, green, blue] = rgb.map((value) => {
		const part = value / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
