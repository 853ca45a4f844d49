import { OctroiError } from '../core/octroi-error.ts';

/** One printed code with what stands beside it on the card. */
export type Card = {
	readonly batch: string;
	readonly serial: number;
	readonly role: 'single' | 'member' | 'control';
	readonly code: string;
	/** The plan's name for people. */
	readonly title: string;
	readonly devices: number;
	/** `2027-01-31`, or empty. */
	readonly validUntil: string;
};

const COLUMNS = ['batch', 'serial', 'role', 'code', 'title', 'devices', 'valid_until'] as const;
/** A file of more than the largest batch is another file. */
const CARDS_MAX = 10_000;

/** Comma-separated values (RFC 4180), for a printer's programs and for `octroi voucher sheet`. */
export function cardsToCsv(cards: readonly Card[]): string {
	const rows = cards.map((card) => [
		card.batch,
		String(card.serial),
		card.role,
		card.code,
		card.title,
		String(card.devices),
		card.validUntil,
	]);
	return [COLUMNS as readonly string[], ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/**
 * Reads what {@link cardsToCsv} wrote.
 *
 * @throws OctroiError `invalid_value`
 */
export function cardsFromCsv(text: string): Card[] {
	const [head, ...rows] = parseCsv(text);
	if (head?.join() !== COLUMNS.join()) {
		throw new OctroiError('invalid_value', 'that is not a list of codes', {
			fix: 'give the file that `octroi voucher create … --as csv` printed',
		});
	}
	if (rows.length > CARDS_MAX) throw new OctroiError('invalid_value', `the file has more than ${CARDS_MAX} codes`);
	return rows.map((row, index): Card => {
		const [batch = '', serial = '', role = '', code = '', title = '', devices = '', validUntil = ''] = row;
		const isRole = role === 'single' || role === 'member' || role === 'control';
		if (row.length !== COLUMNS.length || !isRole || !/^\d{1,5}$/.test(serial) || !/^\d{1,4}$/.test(devices)) {
			throw new OctroiError('invalid_value', `row ${index + 2} of the list of codes is damaged`);
		}
		return {
			batch,
			serial: Number(serial),
			role,
			code,
			title,
			devices: Number(devices),
			validUntil,
		};
	});
}

/** A spreadsheet would run a text that begins like a formula; the apostrophe tells it that it is text. */
function field(text: string): string {
	const safe = /^'*[=+\-@]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What {@link field} has put in front, whichever column it is. */
function unquoted(text: string): string {
	return text.replace(/^'(?='*[=+\-@])/, '');
}

function parseCsv(text: string): string[][] {
	const rows: string[][] = [];
	let row: string[] = [];
	const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
	for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
		if (match[0] === '' && row.length === 0) break;
		row.push(unquoted(match[1]?.replaceAll('""', '"') ?? match[2] ?? ''));
		if (match[3] !== ',') {
			rows.push(row);
			row = [];
		}
		if (match[3] === '') break;
	}
	return rows;
}
