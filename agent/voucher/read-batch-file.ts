import { OctroiError } from '../core/octroi-error.ts';
import { CARD_COLUMNS, type Card, FURTHER_COLUMNS } from './batch-file.ts';
import { codeFault, symbolsIn } from './code-cell.ts';
import { type CsvRow, parseCsv } from './csv.ts';
import { readDay } from './day-cell.ts';

/** A file of more than the largest batch is another file. */
const CARDS_MAX = 10_000;
/** A spreadsheet's own files are archives (APPNOTE.TXT, 4.3.7), or what came before (MS-CFB, 2.2). */
const OWN_FORMATS = ['PK\u0003\u0004', '\u00d0\u00cf\u0011\u00e0'];
const KEEP_AS_TEXT =
	'print from the file that `octroi voucher create … --as csv` printed; in a spreadsheet import every column as text, never open the file by a double click';

const ALL_COLUMNS = [...CARD_COLUMNS, ...FURTHER_COLUMNS];

type Column = (typeof ALL_COLUMNS)[number];

/**
 * Reads what `cardsToCsv` wrote, also after a spreadsheet has saved it again: other delimiters and quotes, empty rows, columns in another order,
 * further columns, dates of that country as far as they have one meaning. What a spreadsheet has destroyed (digits of a code, a date that may be
 * two) is refused with the row and what happened: cards with wrong codes would be sold.
 *
 * @throws OctroiError `invalid_value`
 */
export function cardsFromCsv(text: string): Card[] {
	if (OWN_FORMATS.some((beginning) => text.startsWith(beginning))) {
		throw new OctroiError('invalid_value', 'that is a spreadsheet in its own format, not a list of codes', {
			fix: 'save it as CSV, or better give the file that `octroi voucher create … --as csv` printed',
		});
	}
	const [head, ...rows] = parseCsv(text);
	const places = placesOf(head);
	if (rows.length > CARDS_MAX) throw new OctroiError('invalid_value', `the file has more than ${CARDS_MAX} codes`);
	const longest = longestCodes(rows, places);
	const faults: { row: number; fault: string }[] = [];
	const cards = rows.map((row): Card => {
		const card = readCard(row, places);
		const fault =
			typeof card === 'string'
				? card
				: (codeFault(card.code, longest.get(card.batch) ?? 0) ?? longRowFault(row, head as CsvRow));
		if (fault !== undefined) faults.push({ row: row.number, fault });
		return card as Card;
	});
	if (faults.length === 0) faults.push(...doubledCards(cards, rows));
	const [first] = faults;
	if (first === undefined) return cards;
	const others = faults.length === 1 ? '' : `; ${faults.length - 1} more rows have faults`;
	throw new OctroiError('invalid_value', `row ${first.row} of the list of codes: ${first.fault}${others}`, {
		fix: KEEP_AS_TEXT,
	});
}

/** Two cards with one code would be sold to two people; two with one serial come of a cell that was filled down. */
function doubledCards(cards: readonly Card[], rows: readonly CsvRow[]): { row: number; fault: string }[] {
	const seen = new Map<string, number>();
	return cards.flatMap(({ batch, serial, code }, index) => {
		const row = (rows[index] as CsvRow).number;
		const doubled = [`code ${code}`, `serial ${batch} ${serial}`].find((key) => seen.has(key));
		const before = doubled === undefined ? undefined : seen.get(doubled);
		for (const key of [`code ${code}`, `serial ${batch} ${serial}`]) if (!seen.has(key)) seen.set(key, row);
		if (doubled === undefined) return [];
		return [{ row, fault: `it has the ${doubled.startsWith('code') ? 'code' : 'serial number'} of row ${before}` }];
	});
}

/** Where each column stands. @throws OctroiError `invalid_value` */
function placesOf(head: CsvRow | undefined): Record<Column, number> {
	const names = (head?.cells ?? []).map((name) =>
		plain(name)
			.toLowerCase()
			.replace(/[\s_-]+/g, '_'),
	);
	const missing = CARD_COLUMNS.filter((column) => !names.includes(column));
	const twice = ALL_COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
	if (missing.length === 0 && twice.length === 0) {
		return Object.fromEntries(ALL_COLUMNS.map((column) => [column, names.indexOf(column)])) as Record<Column, number>;
	}
	const isOther = missing.length > CARD_COLUMNS.length / 2;
	const what = twice.length > 0 ? `has the column ${twice[0]} twice` : `has no column ${missing.join(', ')}`;
	throw new OctroiError('invalid_value', isOther ? 'that is not a list of codes' : `the list of codes ${what}`, {
		fix: isOther
			? 'give the file that `octroi voucher create … --as csv` printed, with its first row'
			: `the first row has to name ${CARD_COLUMNS.join(', ')}, in any order`,
	});
}

/** The card, or what is wrong with its row; the code is looked at elsewhere. */
function readCard(row: CsvRow, places: Record<Column, number>): Card | string {
	const cell = (column: Column) => row.cells[places[column]] ?? '';
	const batch = plain(cell('batch'));
	const role = plain(cell('role')).toLowerCase();
	const serial = wholeNumber(plain(cell('serial')));
	const devices = wholeNumber(plain(cell('devices')));
	const validUntil = readDay(plain(cell('valid_until')));
	if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(batch)) return `"${shown(batch)}" is not the name of a batch`;
	if (role !== 'single' && role !== 'member' && role !== 'control') return `"${shown(role)}" is not a role`;
	if (serial === undefined || serial > 99_999) return `"${shown(cell('serial'))}" is not a serial number`;
	if (devices === undefined || devices > 9999) return `"${shown(cell('devices'))}" is not a number of devices`;
	if ('problem' in validUntil) return validUntil.problem;
	return {
		batch,
		serial,
		role,
		code: plain(cell('code')),
		title: unmarked(cell('title')),
		devices,
		validUntil: validUntil.day,
		...(cell('price') === '' ? {} : { price: unmarked(cell('price')) }),
		...(cell('valid_for') === '' ? {} : { validFor: unmarked(cell('valid_for')) }),
	};
}

/** A comma of a text whose quotes are gone has moved all that stands behind it. */
function longRowFault({ cells }: CsvRow, head: CsvRow): string | undefined {
	const further = cells.slice(head.cells.length).find((cell) => cell !== '');
	return further === undefined
		? undefined
		: `"${shown(further)}" stands beyond the last column: a text with a comma has lost its quotation marks`;
}

/** Symbols of the longest code of each batch. */
function longestCodes(rows: readonly CsvRow[], places: Record<Column, number>): Map<string, number> {
	const longest = new Map<string, number>();
	for (const { cells } of rows) {
		const batch = plain(cells[places.batch] ?? '');
		const symbols = symbolsIn(plain(cells[places.code] ?? ''));
		longest.set(batch, Math.max(symbols, longest.get(batch) ?? 0));
	}
	return longest;
}

/** A text for people: without the apostrophe that keeps a spreadsheet from running it. */
function unmarked(cell: string): string {
	return cell.replace(/^'(?='*[=+\-@])/, '');
}

/** Without what spreadsheets put before a text to keep it one: `'0123`, `="0123"`. */
function plain(cell: string): string {
	return (/^="(.*)"$/.exec(cell)?.[1] ?? cell).replace(/^'+/, '').trim();
}

/** Digits, also as spreadsheets show them: `7.0`, `1,000`. */
function wholeNumber(cell: string): number | undefined {
	const digits = /^\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})?$/.test(cell)
		? cell.replace(/\D/g, '')
		: /^(\d{1,5})(?:[.,]0{1,2})?$/.exec(cell)?.[1];
	return digits === undefined ? undefined : Number(digits);
}

function shown(cell: string): string {
	return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}
