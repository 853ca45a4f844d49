import makeCode from 'qrcode-generator';
import type { Canvas, Rectangle } from './canvas.ts';

/** The light border that readers need is four modules (ISO/IEC 18004); they read larger modules with less of it more easily. */
const BORDERS = [4, 3, 2, 1] as const;
/** Version 40, level L, bytes. */
const TEXT_BYTES_MAX = 2953;

/**
 * Draws the code as large as fits into the area, in its middle, dark on light.
 * Returns false, and draws nothing, if it does not fit with a pixel a module.
 */
export function drawQrCode(canvas: Canvas, area: Rectangle, text: string): boolean {
	const layout = rememberedLayout(text, Math.min(area.width, area.height));
	if (layout === undefined) {
		return false;
	}
	const { code, scale } = layout;
	const modules = code.getModuleCount();
	// What is left of the area widens a border that is narrow.
	const size = Math.min(area.width, area.height, (modules + 2 * BORDERS[0]) * scale);
	const left = area.x + Math.floor((area.width - size) / 2);
	const top = area.y + Math.floor((area.height - size) / 2);
	const border = Math.floor((size - modules * scale) / 2);
	canvas.fill({ x: left, y: top, width: size, height: size }, 'paper');
	for (let row = 0; row < modules; row += 1) {
		for (let column = 0; column < modules; column += 1) {
			if (code.isDark(row, column)) {
				const x = left + border + column * scale;
				canvas.fill({ x, y: top + border + row * scale, width: scale, height: scale }, 'ink');
			}
		}
	}
	return true;
}

/** The code of a display does not change, but the display is drawn every second. */
let remembered: { text: string; pixels: number; layout: Layout | undefined } | undefined;

function rememberedLayout(text: string, pixels: number): Layout | undefined {
	if (remembered?.text !== text || remembered.pixels !== pixels) {
		remembered = { text, pixels, layout: bestLayout(text, pixels) };
	}
	return remembered.layout;
}

type Layout = { code: ReturnType<typeof makeCode>; scale: number };

/** Large modules before error correction, and that before a wide border. */
function bestLayout(text: string, pixels: number): Layout | undefined {
	const bytes = Buffer.from(text, 'utf8');
	let best: Layout | undefined;
	if (bytes.length > TEXT_BYTES_MAX) {
		return undefined;
	}
	for (const border of BORDERS) {
		for (const level of ['Q', 'M', 'L'] as const) {
			const code = makeCode(0, level);
			// The package takes a character a byte.
			code.addData(bytes.toString('latin1'), 'Byte');
			if (!makes(code)) {
				continue;
			}
			const scale = Math.floor(pixels / (code.getModuleCount() + 2 * border));
			if (scale >= 1 && scale > (best?.scale ?? 0)) {
				best = { code, scale };
			}
		}
	}
	return best;
}

/** Each level takes fewer bytes than the one below; the package throws a string. */
function makes(code: ReturnType<typeof makeCode>): boolean {
	try {
		code.make();
		return true;
	} catch (error) {
		if (typeof error === 'string') {
			return false;
		}
		throw error;
	}
}
