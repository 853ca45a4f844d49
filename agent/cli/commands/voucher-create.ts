import { OctroiError } from '../../core/octroi-error.ts';
import { planNameRule } from '../../core/plan-name.ts';
import type { WallMs } from '../../core/units.ts';
import { oneOf } from '../../core/value-rule.ts';
import { batchNameRule } from '../../status/code-commands.ts';
import type { ResultOf } from '../../status/commands.ts';
import { formatMoney } from '../../text/format-amount.ts';
import { ALPHABET_NAMES } from '../../voucher/alphabet.ts';
import { type Card, cardsToCsv } from '../../voucher/batch-file.ts';
import { LENGTH_MAX, LENGTH_MIN } from '../../voucher/code-maker.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';
import { readValue } from '../read-value.ts';
import { readWhole } from '../read-whole.ts';
import { readSheetOptions, SHEET_OPTIONS } from '../sheet-options.ts';

const DAY_MS = 86_400_000;
const CODES_MAX = 10_000;
const DEVICES_MAX = 1000;

export const voucherCreate: CliCommand = {
	words: ['voucher', 'create'],
	summary: 'make a batch of codes; they are shown now and never again',
	details: [
		'Only keyed hashes of the codes are kept. Send the output to a file: a lost list can only be made void.',
		'A set is bought as one: its cards share one account, and card 1 may recharge it and block the others.',
	],
	arguments: [
		{ name: 'BATCH', about: 'a new name: 1 to 32 of a-z, 0-9 and "-"; the accounts are called BATCH-1, BATCH-2, …' },
	],
	options: [
		{ name: 'plan', value: 'NAME', about: 'what to credit; `octroi plan list` shows the plans', required: true },
		{ name: 'count', value: 'N', about: `how many, 1 to ${CODES_MAX} (default: 1)` },
		{ name: 'kind', value: 'KIND', about: 'single (default), or set' },
		{ name: 'alphabet', value: 'NAME', about: 'letters (without look-alikes) or digits (default: as configured)' },
		{
			name: 'length',
			value: 'N',
			about: `symbols with the check symbol, ${LENGTH_MIN} to ${LENGTH_MAX} (default: as configured)`,
		},
		{ name: 'prefix', value: 'TEXT', about: 'the same beginning for all, of the same alphabet' },
		{
			name: 'devices',
			value: 'N',
			about: 'stations that one code is for at a time (default: 1, the next one takes over)',
		},
		{ name: 'until', value: 'DATE', about: 'last day on which a code is taken (2027-01-31, UTC; default: no end)' },
		{ name: 'as', value: 'FORM', about: 'text (default), csv, or html for the printer' },
		...SHEET_OPTIONS,
	],
	examples: [
		{ line: 'octroi voucher create summer --plan hour --count 100 --as csv', about: '100 codes, as a table for later' },
		{ line: 'octroi voucher create fair --plan ten-mb --count 21 --as html', about: 'one page of cards' },
		{ line: 'octroi voucher create keypad --plan hour --count 50 --alphabet digits', about: 'digits only' },
		{ line: 'octroi voucher create family --plan ten-mb --kind set --count 4', about: 'four cards on one account' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, context) {
		const form = readValue(oneOf(['text', 'csv', 'html']), options.as ?? 'text');
		// Before the codes are made: they would be lost.
		const sheet = form === 'html' ? readSheetOptions(options, context) : undefined;
		const until = options.until === undefined ? undefined : readDay(options.until);
		const made = await context.ask('voucher.create', {
			batch: readValue(batchNameRule, given.BATCH),
			plan: readValue(planNameRule, options.plan),
			count: readWhole('--count', options.count ?? '1', { min: 1, max: CODES_MAX }),
			prefix: (options.prefix ?? '').toUpperCase(),
			devices: readWhole('--devices', options.devices ?? '1', { min: 1, max: DEVICES_MAX }),
			set: readValue(oneOf(['single', 'set']), options.kind ?? 'single') === 'set',
			...(options.alphabet === undefined ? {} : { alphabet: readValue(oneOf(ALPHABET_NAMES), options.alphabet) }),
			...(options.length === undefined
				? {}
				: { length: readWhole('--length', options.length, { min: LENGTH_MIN, max: LENGTH_MAX }) }),
			...(until === undefined ? {} : { validUntil: (until + DAY_MS) as WallMs }),
		});
		const cards = cardsOf(made, until);
		if (sheet !== undefined) {
			const { sheetHtml } = await import('../../voucher/sheet.ts');
			return { text: sheetHtml(cards, sheet), json: made };
		}
		return { text: form === 'csv' ? cardsToCsv(cards).replaceAll('\r\n', '\n') : textOf(made), json: made };
	},
};

function cardsOf(made: ResultOf<'voucher.create'>, until: number | undefined): Card[] {
	const { batch, title, codes, priceMicro, validForSeconds, currency } = made;
	const validUntil = until === undefined ? '' : new Date(until).toISOString().slice(0, 10);
	const terms = {
		...(priceMicro === undefined ? {} : { price: formatMoney(priceMicro, currency) }),
		...(validForSeconds === undefined ? {} : { validFor: periodOf(validForSeconds) }),
	};
	return codes.map(({ serial, role, code }) => {
		return { batch: batch.id, serial, role, code, title, devices: batch.devices, validUntil, ...terms };
	});
}

/** `30 days`, `12 hours`: whole ones, as a card says it. */
function periodOf(seconds: number): string {
	const units = [
		['day', 86_400],
		['hour', 3600],
		['minute', 60],
	] as const;
	const [name, size] = units.find(([, unit]) => seconds % unit === 0) ?? (['second', 1] as const);
	const count = seconds / size;
	return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function textOf({ batch, codes, yearsToGuess }: ResultOf<'voucher.create'>): string {
	const rows = codes.map(({ serial, role, code }) => [String(serial), code, role === 'single' ? '' : role]);
	const table = formatTable([{ title: 'SERIAL', align: 'right' }, { title: 'CODE' }, { title: '' }], rows, 'no codes');
	const years = yearsToGuess > 1_000_000 ? 'more than a million years' : `about ${yearsToGuess} years`;
	return `${table}\nbatch ${batch.id}: ${batch.count} codes. Guessing one of them takes ${years}.\nKeep this list: the codes cannot be shown again.\n`;
}

function readDay(text: string): number {
	const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
	// Date.parse takes February 30 for March 2.
	if (Number.isNaN(day) || day < 0 || !new Date(day).toISOString().startsWith(text))
		throw new OctroiError('usage', `--until ${text.slice(0, 40)} is not a day of the calendar`, {
			fix: 'write 2027-01-31',
		});
	return day;
}
