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
	/** What it costs, and how long what it credits can be used, for people. Absent or empty: nothing is said. */
	readonly price?: string;
	readonly validFor?: string;
};

/** Lists of version 0.1 do not have them. */
export const FURTHER_COLUMNS = ['price', 'valid_for'] as const;
export const CARD_COLUMNS = ['batch', 'serial', 'role', 'code', 'title', 'devices', 'valid_until'] as const;

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
		card.price ?? '',
		card.validFor ?? '',
	]);
	return [[...CARD_COLUMNS, ...FURTHER_COLUMNS], ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** A spreadsheet would run a text that begins like a formula; the apostrophe tells it that it is text. */
function field(text: string): string {
	const safe = /^'*[=+\-@]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
