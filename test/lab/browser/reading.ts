/**
 * What a page is like for somebody who reads it or walks it by keyboard. These functions run inside of the browser, in a world of
 * the test's own: they may use nothing but their arguments and the page.
 */

/** What is used of an element of the page; the types of the DOM would let every other file use it too. */
type Seen = {
	readonly localName: string;
	readonly id: string;
	readonly textContent: string | null;
	readonly parentElement: Seen | null;
	readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string | null }>;
	getAttribute(name: string): string | null;
	hasAttribute(name: string): boolean;
	getClientRects(): { readonly length: number };
	getBoundingClientRect(): Record<'width' | 'top' | 'bottom' | 'left' | 'right', number>;
	closest(selector: string): Seen | null;
	querySelectorAll(selector: string): Iterable<Seen>;
};
type Style = Readonly<
	Record<
		| 'backgroundColor'
		| 'clip'
		| 'clipPath'
		| 'color'
		| 'fontSize'
		| 'fontWeight'
		| 'outlineColor'
		| 'outlineStyle'
		| 'outlineWidth',
		string
	>
>;
declare const document: Pick<Seen, 'querySelectorAll'>;
declare const innerHeight: number;
declare const innerWidth: number;
declare function getComputedStyle(element: Seen): Style;

/** Where the focus is. `isRinged`: something shows it, with a contrast of 3 : 1 (WCAG 2.2, 2.4.7 and 1.4.11). */
export type Stop = { name: string; index: number; isRinged: boolean; isInView: boolean };

/** Text whose contrast is lower than WCAG 2.2, 1.4.3 asks for. */
export type Faint = { text: string; ratio: number; colour: string; background: string };

/** @param focused the element that has the focus */
export function stopAt(focused: Seen): Stop {
	const luminance = (colour: string) => {
		const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
		const part = (value: number) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
		return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
	};
	const contrast = (a: string, b: string) => {
		const x = luminance(a);
		const y = luminance(b);
		return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
	};
	const background = (element: Seen | null): string => {
		if (element === null) return 'rgb(255, 255, 255)';
		const colour = getComputedStyle(element).backgroundColor;
		return /rgba\(.*, 0\)|transparent/.test(colour) ? background(element.parentElement) : colour;
	};
	const style = getComputedStyle(focused);
	const around = background(focused.parentElement);
	const isOutlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
	const box = focused.getBoundingClientRect();
	const isInView = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	return {
		name: `${focused.localName} ${(focused.getAttribute('aria-label') ?? focused.id ?? '') || (focused.textContent ?? '').trim()}`,
		index: [...document.querySelectorAll('*')].indexOf(focused),
		isRinged: isOutlined && contrast(style.outlineColor, around) >= 3,
		isInView,
	};
}

/** Which elements the keyboard has to reach, by their place in the page. @param root the page */
export function placesOf(root: Seen): number[] {
	const everything = [...document.querySelectorAll('*')];
	const all = root.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
	return [...all]
		.filter((element) => element.getClientRects().length > 0 && !element.hasAttribute('disabled'))
		.map((element) => everything.indexOf(element));
}

/** @param root the page */
export function faintTexts(root: Seen): { texts: number; least: number; faint: Faint[] } {
	const luminance = (colour: string) => {
		const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
		const part = (value: number) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
		return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
	};
	const background = (element: Seen | null): string => {
		if (element === null) return 'rgb(255, 255, 255)';
		const colour = getComputedStyle(element).backgroundColor;
		return /rgba\(.*, 0\)|transparent/.test(colour) ? background(element.parentElement) : colour;
	};
	const faint: Faint[] = [];
	let texts = 0;
	let least = 21;
	for (const element of root.querySelectorAll('body *')) {
		const text = [...element.childNodes]
			.map((node) => (node.nodeType === 3 ? (node.textContent ?? '') : ''))
			.join('')
			.trim();
		if (text === '' || element.getClientRects().length === 0 || element.closest('script, style, svg, [hidden]'))
			continue;
		const style = getComputedStyle(element);
		// What only screen readers hear is not seen.
		if (style.clip !== 'auto' || style.clipPath !== 'none') continue;
		const behind = background(element);
		const x = luminance(style.color);
		const y = luminance(behind);
		const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
		const pixels = Number.parseFloat(style.fontSize);
		const isLarge = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700);
		texts += 1;
		least = Math.min(least, ratio);
		if (ratio < (isLarge ? 3 : 4.5))
			faint.push({ text: text.slice(0, 40), ratio, colour: style.color, background: behind });
	}
	return { texts, least, faint };
}
