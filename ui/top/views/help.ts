import { inCells } from '../../../agent/text/cells.ts';
import { heading } from '../figures.ts';
import { type Line, lineOf, span } from '../line.ts';
import type { Size, ViewInput } from '../view-input.ts';

const KEYS: readonly (readonly [string, string])[] = [
	['1 2 3 4, tab', 'overview, stations, ledger, system'],
	['up down, j k', 'move; pageup, pagedown, home and end too'],
	['enter', 'look at the selected station'],
	['escape', 'back; end the filter'],
	['/', 'show only stations that contain a text (name, address, account, state)'],
	['s, r', 'sort by the next column; reverse'],
	['b, u', 'block or unblock the account of the selected station'],
	['t', 'top up its account: choose a plan'],
	['d', 'detach the station from its account'],
	['mouse', 'a click selects, a second one opens; the wheel scrolls; keys can be clicked'],
	['q', 'quit'],
];

const STATES: readonly (readonly [string, string])[] = [
	['active', 'somebody pays'],
	['throttled', 'used up, and slowed down'],
	['blocked', 'used up, or stopped by the operator'],
	['walled', 'nobody pays: only the walled garden is open'],
	['gone', 'the router no longer hears it'],
	['unknown', 'it has a lease, but was not heard of yet'],
];

export function helpLines({ glyphs, refusal }: ViewInput, { columns }: Size): Line[] {
	const table = (rows: typeof KEYS) => rows.map(([name, text]) => lineOf(span(inCells(name, 14), 'key'), ` ${text}`));
	return [
		heading('Keys', columns, glyphs),
		...table(KEYS),
		[],
		heading('States of a station', columns, glyphs),
		...table(STATES),
		...(refusal === undefined ? [] : [[], lineOf(span(refusal, 'warn'))]),
	];
}
