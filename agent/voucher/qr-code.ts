import qrcode from 'qrcode-generator';

/** Light modules around the symbol (ISO/IEC 18004, 5.3.8). */
const QUIET_MODULES = 4;

/**
 * A QR code as inline SVG: one path, one unit a module, scaled by CSS. Error correction M, so that a crease or a stain may hide
 * 15 % of it.
 *
 * @param quiet light modules around it; fewer, where what stands around it is light too
 */
export function qrCodeSvg(text: string, label: string, quiet = QUIET_MODULES): string {
	const code = qrcode(0, 'M');
	code.addData(text);
	code.make();
	const count = code.getModuleCount();
	let path = '';
	for (let row = 0; row < count; row++) {
		for (let column = 0; column < count; column++) {
			if (!code.isDark(row, column)) continue;
			let length = 1;
			while (column + length < count && code.isDark(row, column + length)) length++;
			path += `M${column + quiet} ${row + quiet}h${length}v1h-${length}z`;
			column += length;
		}
	}
	const size = count + 2 * quiet;
	return `<svg viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
}
