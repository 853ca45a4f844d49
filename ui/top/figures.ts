import type { StationRow, StationState } from '../../agent/status/protocol.ts';
import { drawable, inCells } from '../../agent/text/cells.ts';
import { formatAmount, formatBytes, formatRate } from '../../agent/text/format-amount.ts';
import type { StatusModel } from '../feed/merge.ts';
import type { Glyphs } from './glyphs.ts';
import { bar } from './graph.ts';
import { type Span, type Style, span } from './line.ts';

export const STATE_STYLES: Record<StationState, Style> = {
	active: 'good',
	throttled: 'warn',
	blocked: 'bad',
	walled: 'plain',
	unknown: 'dim',
	gone: 'dim',
};

/** A third of what was bought, and a tenth: when a bar warns. */
const LOW = 1 / 3;
const VERY_LOW = 1 / 10;

/** What is left of what was bought: a bar and the amount, in exactly so many cells. */
export function remainingSpans(
	model: StatusModel,
	row: StationRow,
	{ cells, barCells, glyphs }: { cells: number; barCells: number; glyphs: Glyphs },
): Span[] {
	if (!row.remaining) return [span(inCells(glyphs.dash, cells, { right: true, ascii: glyphs.ascii }), 'dim')];
	const { unit, amount } = row.remaining;
	const account = row.account === undefined ? undefined : model.accounts.get(row.account);
	const bought = unit === 'byte' ? account?.byteBought : account?.secondBought;
	const part = bought ? amount / bought : 0;
	const style: Style = part > LOW ? 'good' : part > VERY_LOW ? 'warn' : 'bad';
	return [
		span(bar(part, { columns: barCells, glyphs }), style),
		span(inCells(formatAmount(unit, amount), cells - barCells, { right: true, ascii: glyphs.ascii })),
	];
}

/** The name that the station gave itself, or its address. */
export function nameOf({ name, mac }: StationRow, glyphs: Glyphs): string {
	return name === undefined ? mac : drawable(name, glyphs);
}

/** The ones that people know first: IPv4, then global IPv6, then link-local. */
export function addressesOf({ addresses }: StationRow): string[] {
	const rank = (address: string) => (address.includes('.') ? 0 : address.startsWith('fe80:') ? 2 : 1);
	return addresses.toSorted((left, right) => rank(left) - rank(right));
}

/** `12.3 Mbit/s`, and a dash for nothing. */
export function rateText(bytesPerSecond: number, glyphs: Glyphs): string {
	return bytesPerSecond > 0 ? formatRate(bytesPerSecond) : glyphs.dash;
}

export function bytesText(bytes: number, glyphs: Glyphs): string {
	return bytes > 0 ? formatBytes(bytes) : glyphs.dash;
}

/** `4.50 MB, 1 h 00 min`: what is not nothing. */
export function amountsText({ byte, second }: { byte: number; second: number }, glyphs: Glyphs): string {
	const parts = [
		...(byte > 0 ? [formatAmount('byte', byte)] : []),
		...(second > 0 ? [formatAmount('second', second)] : []),
	];
	return parts.length === 0 ? glyphs.dash : parts.join(', ');
}

/** A heading with a rule to its right. */
export function heading(text: string, cells: number, glyphs: Glyphs): Span[] {
	return [span(`${text} `, 'title'), span(glyphs.rule.repeat(Math.max(0, cells - [...text].length - 1)), 'dim')];
}
