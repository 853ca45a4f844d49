import { scaleBytes } from '../../agent/text/format-amount.ts';
import { isDate, NO_DATE } from '../../agent/text/local-time.ts';
import type { LanguageTag } from './language.ts';
import { once } from './once.ts';

/** Amounts as people of a language write them. Always rounded down: what is shown is never more than there is. */
export type Format = {
	/** `12.3 MB`: decimal units, as data is sold. */
	bytes(bytes: number): string;
	/** `1 hr, 5 min`: the two largest units. */
	duration(seconds: number): string;
	/** `2.5 Mbit/s` from bytes per second. */
	rate(bytesPerSecond: number): string;
	/** `40%` of 0.4. */
	percent(part: number): string;
	/** Date and time of day. */
	moment(wallMs: number): string;
	hour(wallMs: number): string;
	/** Money in the venue's currency, exact: prices and costs. */
	price(micro: number): string;
	/** Money to the cent, if there is as much as one. */
	money(micro: number): string;
	amount(unit: string, amount: number): string;
};

const SCALE = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const RATE_SCALE = [
	{ unit: 'kilobit-per-second', bits: 1e3 },
	{ unit: 'megabit-per-second', bits: 1e6 },
	{ unit: 'gigabit-per-second', bits: 1e9 },
] as const;
const DURATION_SCALE = [
	{ unit: 'day', seconds: 86_400 },
	{ unit: 'hour', seconds: 3600 },
	{ unit: 'minute', seconds: 60 },
	{ unit: 'second', seconds: 1 },
] as const;

const formats = new Map<string, Format>();

/**
 * @param timeZone IANA name; undefined: that of the router
 * @param currency an ISO 4217 code, or whatever the venue calls its money
 */
export function formatOf(tag: LanguageTag, timeZone?: string, currency = ''): Format {
	const key = `${tag} ${timeZone ?? ''} ${currency}`;
	const known = formats.get(key);
	if (known) return known;
	const made = makeFormat(tag, timeZone, currency);
	formats.set(key, made);
	return made;
}

function makeFormat(tag: LanguageTag, timeZone: string | undefined, currency: string): Format {
	const units = new Map<string, Intl.NumberFormat>();
	const unit = (name: string, digits: number): Intl.NumberFormat => {
		const key = `${name} ${digits}`;
		const known = units.get(key);
		if (known) return known;
		const made = new Intl.NumberFormat(tag, {
			style: 'unit',
			unit: name,
			unitDisplay: 'short',
			maximumFractionDigits: digits,
			roundingMode: 'trunc',
		} as Intl.NumberFormatOptions);
		units.set(key, made);
		return made;
	};
	// Made once: making one takes fifty times as long as using it.
	const speeds = [0, 1].map((digits) => once(() => new Intl.NumberFormat(tag, { maximumFractionDigits: digits })));
	const list = once(() => new Intl.ListFormat(tag, { type: 'unit', style: 'narrow' }));
	const percent = once(
		() =>
			new Intl.NumberFormat(tag, {
				style: 'percent',
				maximumFractionDigits: 0,
				roundingMode: 'trunc',
			} as Intl.NumberFormatOptions),
	);
	const moment = once(() => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone }));
	const exactly = once(() => moneyFormat(tag, currency, 6));
	const toTheCent = once(() => moneyFormat(tag, currency, 2));
	const money = (micro: number) => (micro >= 10_000 || micro === 0 ? toTheCent : exactly)()(micro);
	const hour = once(() => new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit', timeZone }));

	const bytes = (amount: number): string => {
		const { value, step, decimals } = scaleBytes(amount);
		return unit(SCALE[step] as string, decimals).format(value);
	};
	const duration = (seconds: number): string => {
		const parts: string[] = [];
		let left = Math.max(0, Math.floor(seconds));
		for (const { unit: name, seconds: size } of DURATION_SCALE) {
			const count = Math.floor(left / size);
			left -= count * size;
			if (count > 0) parts.push(unit(name, 0).format(count));
			// Two neighbouring units, never `3 days, 2 sec`.
			if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
		}
		return parts.length === 0 ? unit('second', 0).format(0) : list().format(parts);
	};
	return {
		bytes,
		duration,
		rate(bytesPerSecond) {
			const bits = bytesPerSecond * 8;
			const { unit: name, bits: size } =
				RATE_SCALE.findLast((candidate) => bits >= candidate.bits) ?? (RATE_SCALE[0] as (typeof RATE_SCALE)[number]);
			const value = bits / size;
			// CLDR has no short names of these in most languages; these symbols are those of ISO 80000-13.
			const digits = speeds[value >= 10 ? 0 : 1]?.().format(value);
			// Isolated from left to right: digits before Latin letters would change places in Arabic (UAX #9, N1).
			return `\u2066${digits} ${RATE_NAMES[name]}\u2069`;
		},
		percent: (part) => percent().format(Math.min(1, Math.max(0, part))),
		moment: (wallMs) => (isDate(wallMs) ? moment().format(wallMs) : NO_DATE),
		hour: (wallMs) => hour().format(wallMs),
		price: (micro) => exactly()(micro),
		money,
		amount: (name, amount) => (name === 'second' ? duration(amount) : name === 'micro' ? money(amount) : bytes(amount)),
	};
}

/** Of millionths, as exact decimals: a double would turn 4.35 into 4.34. */
function moneyFormat(tag: LanguageTag, currency: string, digitsMax: number): (micro: number) => string {
	const digits = { minimumFractionDigits: 2, maximumFractionDigits: digitsMax, roundingMode: 'trunc' };
	const isCode = /^[A-Z]{3}$/.test(currency);
	const style = isCode ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } : {};
	const format = new Intl.NumberFormat(tag, { ...digits, ...style } as Intl.NumberFormatOptions);
	return (micro) => {
		const text = String(micro).padStart(7, '0');
		const number = format.format(`${text.slice(0, -6)}.${text.slice(-6)}` as `${number}`);
		return isCode || currency === '' ? number : `\u2068${number}\u00a0${currency}\u2069`;
	};
}

const RATE_NAMES = {
	'kilobit-per-second': 'kbit/s',
	'megabit-per-second': 'Mbit/s',
	'gigabit-per-second': 'Gbit/s',
} as const;
