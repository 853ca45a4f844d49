import type { Unit } from '../account/transfers.ts';

const SCALES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** For people: decimal units, as data is sold, three digits, rounded down. Floats appear only here. */
export function bytesText(bytes: number): string {
	let value = Math.abs(bytes);
	let scale = 0;
	while (value >= 1000 && scale < SCALES.length - 1) {
		value /= 1000;
		scale++;
	}
	const digits = scale === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
	const rounded = Math.floor(value * 10 ** digits) / 10 ** digits;
	return `${bytes < 0 ? '−' : ''}${rounded} ${SCALES[scale]}`;
}

export function amountText(amount: number, unit: Unit): string {
	if (unit === 'byte') return bytesText(amount);
	return unit === 'second' ? `${amount} s` : `${(amount / 1_000_000).toFixed(2)}`;
}

/** `2026-11-20 14:05` in UTC; empty for never. */
export function timeText(wallMs: number): string {
	return wallMs === 0 ? '' : new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** How long ago, in the largest unit. */
export function agoText(thenMs: number, nowMs: number): string {
	if (thenMs === 0) return 'never';
	const seconds = Math.max(0, Math.floor((nowMs - thenMs) / 1000));
	if (seconds < 60) return `${seconds} s ago`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
	return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} days ago`;
}
