import { parseMacAddress } from '../core/mac-address.ts';
import { AMOUNT_MAX, type MacAddress, type Unit } from '../core/units.ts';
import type { Credit } from './service.ts';

/** What one of the field's unit is in the smallest one: people give megabytes, minutes and money. */
const SIZE: Readonly<Record<Unit, number>> = { byte: 1_000_000, second: 60, micro: 1_000_000 };

/** The unit and amount of a form. Undefined: not a number above 0 of something that there is. */
export function readCredit(fields: URLSearchParams): Credit | undefined {
	const unit = unitOf(fields.get('unit'));
	if (unit === undefined) return undefined;
	const text = latinDigits(fields.get('amount') ?? '').trim();
	const amount = unit === 'micro' ? microOf(text) : wholeNumberOf(text, { min: 1, max: 1e9 });
	if (amount === undefined) return undefined;
	const units = unit === 'micro' ? amount : amount * SIZE[unit];
	return units > 0 && units <= AMOUNT_MAX ? { unit, amount: units } : undefined;
}

export function unitOf(text: string | null): Unit | undefined {
	return text !== null && Object.hasOwn(SIZE, text) ? (text as Unit) : undefined;
}

/** Decimal digits only: no sign, no exponent, no fraction. */
export function wholeNumberOf(text: string | null, { min, max }: { min: number; max: number }): number | undefined {
	const match = /^\s*(\d{1,10})\s*$/.exec(latinDigits(text ?? ''));
	const value = Number(match?.[1]);
	return match && value >= min && value <= max ? value : undefined;
}

/** `2.50` as millionths, exact; with a point or a comma. */
function microOf(text: string): number | undefined {
	const match = /^(\d{1,9})(?:[.,\u066b](\d{1,6}))?$/.exec(text);
	return match ? Number(match[1]) * SIZE.micro + Number((match[2] ?? '').padEnd(6, '0')) : undefined;
}

/** The zeros of Arabic, Persian and Hindi: telephones may type their own digits. */
const ZEROS = [0x0660, 0x06f0, 0x0966];

function latinDigits(text: string): string {
	return text.replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => {
		const code = digit.charCodeAt(0);
		return String(code - (ZEROS.findLast((zero) => zero <= code) ?? code));
	});
}

export function deviceOf(fields: URLSearchParams): MacAddress | undefined {
	const text = fields.get('mac') ?? '';
	// Only the form that our own pages have; nothing to be guessed at.
	return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) ? tryMac(text) : undefined;
}

function tryMac(text: string): MacAddress | undefined {
	try {
		return parseMacAddress(text);
	} catch {
		// A group address is nobody's device.
		return undefined;
	}
}
