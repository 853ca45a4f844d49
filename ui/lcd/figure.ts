import { formatBytes, formatRate } from '../../agent/text/format-amount.ts';

/** An amount as a display shows it: a number of a few digits and its unit. */
export type Figure = { text: string; unit: string };

/** `4.50 MB`: rounded down, so that nobody is promised more than there is. */
export function bytesFigure(bytes: number): Figure {
	return figureOf(formatBytes(bytes));
}

/** `50.0 Mbit/s` */
export function rateFigure(bytesPerSecond: number): Figure {
	return figureOf(formatRate(bytesPerSecond));
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

function figureOf(words: string): Figure {
	const [text = '', unit = ''] = words.split(' ');
	return { text, unit };
}
