/** An amount as a display shows it: at most four characters and its unit. */
export type Figure = { text: string; unit: string };

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const RATE_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;

/** `4.50 MiB`: rounded down, so that nobody is promised more than there is. */
export function bytesFigure(bytes: number): Figure {
	return scaled(bytes, 1024, BYTE_UNITS);
}

/** `50.0 Mbit/s` */
export function rateFigure(bytesPerSecond: number): Figure {
	return scaled(bytesPerSecond * 8, 1000, RATE_UNITS);
}

/** `5:03 min`, `1:05 h`, `30 d`: rounded down. */
export function durationFigure(seconds: number): Figure {
	const whole = Math.max(0, Math.floor(seconds));
	const two = (value: number) => String(value).padStart(2, '0');
	if (whole < 60) {
		return { text: String(whole), unit: 's' };
	}
	if (whole < 3600) {
		return { text: `${Math.floor(whole / 60)}:${two(whole % 60)}`, unit: 'min' };
	}
	if (whole < 86_400) {
		return { text: `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}`, unit: 'h' };
	}
	return { text: String(Math.min(9999, Math.floor(whole / 86_400))), unit: 'd' };
}

export function amountFigure(unit: 'byte' | 'second', amount: number): Figure {
	return unit === 'byte' ? bytesFigure(amount) : durationFigure(amount);
}

export function figureText({ text, unit }: Figure): string {
	return `${text} ${unit}`;
}

/** Three digits; `1023` stays whole, since `0.99` of the next unit would hide a digit. */
function scaled(amount: number, step: number, units: readonly string[]): Figure {
	let value = Math.max(0, amount);
	let index = 0;
	while (value >= step && index < units.length - 1) {
		value /= step;
		index += 1;
	}
	const decimals = index === 0 || value >= 100 ? 0 : value < 10 ? 2 : 1;
	const scale = 10 ** decimals;
	return { text: (Math.floor(value * scale) / scale).toFixed(decimals), unit: units[index] as string };
}
