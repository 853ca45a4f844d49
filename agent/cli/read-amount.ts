import { OctroiError } from '../core/octroi-error.ts';
import { AMOUNT_MAX, type Unit } from '../core/units.ts';
import { oneOf } from '../core/value-rule.ts';
import { formatAmount } from '../text/format-amount.ts';
import { readValue } from './read-value.ts';

/** Sizes as they are sold, and as programs count them; in small letters. A single `m` may be minutes or millions, so it is none. */
const BYTES: ReadonlyMap<string, number> = new Map([
	['b', 1],
	['k', 1e3],
	['kb', 1e3],
	['mb', 1e6],
	['g', 1e9],
	['gb', 1e9],
	['t', 1e12],
	['tb', 1e12],
	['kib', 2 ** 10],
	['mib', 2 ** 20],
	['gib', 2 ** 30],
	['tib', 2 ** 40],
]);
const SECONDS: ReadonlyMap<string, number> = new Map([
	['s', 1],
	['sec', 1],
	['min', 60],
	['h', 3600],
	['hr', 3600],
	['d', 86_400],
	['day', 86_400],
	['days', 86_400],
	['w', 604_800],
]);
const PART = /(\d{1,16})(?:[.,](\d{1,9}))? ?([a-z]+)/gy;

/** One separator and three digits: thousands for some, a part for others. */
const GROUPED = /(?<![\d.,])([1-9]\d{0,2})[.,](\d{3})(?![\d.,])/;

/** What the help says of such a value. */
export const AMOUNT_HELP = '1GB, 500MB, 2h, 1h30min, or a whole number of the unit';

export type Amount = { readonly amount: number; readonly unit: Unit };

/**
 * An amount as people say it: `1GB`, `1.5 GB`, `2h`, `1h30min`; digits alone are of `unit`. Sizes are decimal (1 GB is 1,000,000,000 bytes), with an `i`
 * binary (1 GiB is 1,073,741,824). What is not a whole number of the smallest unit is rounded down.
 *
 * @param name what it is called on the command line
 * @param unit what digits alone are of, and the only unit if it `isFixed`
 * @throws OctroiError `invalid_value`
 */
export function readAmountText(
	name: string,
	text: string,
	{ unit, isFixed = true, min = 1 }: { unit: Unit; isFixed?: boolean; min?: number },
): Amount {
	const group = GROUPED.exec(text);
	if (group !== null) {
		throw new OctroiError('invalid_value', `${name} ${JSON.stringify(text.slice(0, 40))} may be two amounts`, {
			fix: `write ${group[1]}${group[2]} without a separator, or ${group[1]}.${group[2]?.replace(/0+$/, '') || '0'} for a part`,
		});
	}
	const read = /^\d{1,16}$/.test(text) ? { unit, amount: Number(text) } : partsOf(text);
	if (read === undefined) {
		throw new OctroiError('invalid_value', `${name} ${JSON.stringify(text.slice(0, 40))} is not an amount`, {
			fix: /^[\d.,]+ ?m$/i.test(text) ? 'write MB for megabytes, or min for minutes' : `give ${AMOUNT_HELP}`,
		});
	}
	if (isFixed && read.unit !== unit) {
		throw new OctroiError('invalid_value', `${name} ${text} is not an amount of the unit ${unit}`, {
			fix: unit === 'micro' ? 'give a whole number of millionths of the currency' : `give such as ${EXAMPLE[unit]}`,
		});
	}
	if (read.amount < min || read.amount > AMOUNT_MAX) {
		throw new OctroiError(
			'invalid_value',
			`${name} ${text} is not from ${min} to ${formatAmount(read.unit, AMOUNT_MAX)}`,
			{
				fix: `give ${AMOUNT_HELP}`,
			},
		);
	}
	return read;
}

const EXAMPLE: Readonly<Record<Exclude<Unit, 'micro'>, string>> = { byte: '500MB', second: '2h' };

/** `50%` or `50 %`; undefined: it is no percentage. @throws OctroiError `invalid_value` */
export function readPercent(name: string, text: string): number | undefined {
	const digits = /^(\d{1,3}) ?%$/.exec(text)?.[1];
	if (digits === undefined) return undefined;
	const percent = Number(digits);
	if (percent >= 1 && percent <= 100) return percent;
	throw new OctroiError('invalid_value', `${name} ${text} is not from 1 % to 100 %`, { fix: 'give such as 80%' });
}

/** An amount and the word of its unit: `100MB byte`, `3600 second`, `5000000 micro`. @throws OctroiError `invalid_value` */
export function readAmount(amount = '', unitWord?: string): Amount {
	const unit = readValue(oneOf(['byte', 'second', 'micro']), unitWord);
	return readAmountText('the amount', amount, { unit });
}

/** One size, or hours with their minutes. */
function partsOf(text: string): Amount | undefined {
	const words = text
		.trim()
		.toLowerCase()
		.replaceAll(/(?<=[a-z]) +(?=\d)/g, '');
	const parts = [...words.matchAll(PART)];
	const [first] = parts;
	if (first === undefined || parts.map(([part]) => part).join('') !== words) return undefined;
	const bytes = BYTES.get(first[3] as string);
	if (parts.length === 1 && bytes !== undefined) return { unit: 'byte', amount: partOf(first, bytes) };
	let amount = 0;
	for (const part of parts) {
		const seconds = SECONDS.get(part[3] as string);
		if (seconds === undefined) return undefined;
		amount += partOf(part, seconds);
	}
	return { unit: 'second', amount };
}

/** Exact: the fraction is a whole number of billionths. */
function partOf([, whole = '', fraction = '']: readonly string[], size: number): number {
	const billionths = BigInt(fraction.padEnd(9, '0'));
	return Number(BigInt(whole) * BigInt(size) + (billionths * BigInt(size)) / 1_000_000_000n);
}
