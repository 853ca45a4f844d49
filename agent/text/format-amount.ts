import type { Unit } from '../core/units.ts';
import { isDate, NO_DATE } from './local-time.ts';

/** Of a thousand each (ISO 80000-13, SI): data is sold so, and telephones count so. */
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A number of bytes as people read it: three digits at most before the unit is the next one, rounded down. */
export type ScaledBytes = {
	readonly value: number;
	/** 0: bytes, 1: thousands, up to 5. */
	readonly step: number;
	/** Digits behind the point. */
	readonly decimals: number;
};

/** The one rule for sizes that people see, in every language: rounded down, so that nobody is promised more than there is. */
export function scaleBytes(bytes: number): ScaledBytes {
	let step = 0;
	while (step < BYTE_UNITS.length - 1 && bytes >= 1000 ** (step + 1)) step += 1;
	const unit = 1000 ** step;
	const decimals = step === 0 || bytes >= 100 * unit ? 0 : bytes >= 10 * unit ? 1 : 2;
	// Whole numbers until the last division: 1.005 has no exact double.
	const scale = 10 ** decimals;
	return { value: Math.floor((bytes * scale) / unit) / scale, step, decimals };
}

/** `999 B`, `1.00 kB`, `4.50 MB`, `10.4 GB`. */
export function formatBytes(bytes: number): string {
	const { value, step, decimals } = scaleBytes(bytes);
	return `${value.toFixed(decimals)} ${BYTE_UNITS[step]}`;
}

/** Network rates are given in bits: `50.0 Mbit/s`. */
export function formatRate(bytesPerSecond: number): string {
	const bits = bytesPerSecond * 8;
	if (bits < 1000) {
		return `${Math.round(bits)} bit/s`;
	}
	for (const [unit, size] of [
		['Gbit/s', 1e9],
		['Mbit/s', 1e6],
		['kbit/s', 1e3],
	] as const) {
		if (bits >= size) {
			const value = bits / size;
			return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
		}
	}
	return `${bits} bit/s`;
}

/** `45 s`, `5 min 03 s`, `1 h 05 min`, `30 d 00 h`: the two largest units, rounded down. */
export function formatDuration(seconds: number): string {
	const two = (value: number) => String(value).padStart(2, '0');
	const whole = Math.floor(seconds);
	if (whole < 60) {
		return `${whole} s`;
	}
	if (whole < 3600) {
		return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
	}
	if (whole < 86_400) {
		return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
	}
	return `${Math.floor(whole / 86_400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

/** `5.00 EUR`, `0.000001`: exact, with at least two decimals. */
export function formatMoney(micro: number, currency = ''): string {
	const whole = Math.floor(micro / 1_000_000);
	const rest = String(micro % 1_000_000)
		.padStart(6, '0')
		.replace(/0{1,4}$/, '');
	return `${whole}.${rest}${currency === '' ? '' : ` ${currency}`}`;
}

/** An amount in its own unit. */
export function formatAmount(unit: Unit, amount: number, currency?: string): string {
	if (unit === 'micro') return formatMoney(amount, currency);
	return unit === 'byte' ? formatBytes(amount) : formatDuration(amount);
}

/** `2026-01-15 08:00:00 UTC`; a date that no calendar has (a broken clock) is shown as its number. */
export function formatTime(wallMs: number): string {
	const date = new Date(wallMs);
	if (Number.isNaN(date.getTime())) return `${wallMs} ms`;
	return isDate(wallMs) ? `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC` : NO_DATE;
}
