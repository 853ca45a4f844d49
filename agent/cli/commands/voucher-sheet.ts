import { readFileSync } from 'node:fs';
import { decodeText } from '../../../protocol/decode-text.ts';
import { OctroiError } from '../../core/octroi-error.ts';
import { cardsFromCsv } from '../../voucher/read-batch-file.ts';
import type { CliCommand } from '../cli-command.ts';
import { readSheetOptions, SHEET_OPTIONS } from '../sheet-options.ts';

export const voucherSheet: CliCommand = {
	words: ['voucher', 'sheet'],
	summary: 'lay out a list of codes for the printer, as HTML',
	details: [
		'Needs no agent. Open the page in a browser and print it without margins and at its full size, or save it as PDF.',
	],
	arguments: [{ name: 'FILE', about: 'what `octroi voucher create … --as csv` printed' }],
	options: SHEET_OPTIONS,
	examples: [
		{ line: 'octroi voucher sheet codes.csv', about: 'cards to cut' },
		{ line: 'octroi voucher sheet codes.csv --layout labels --venue Pier', about: 'sticky labels' },
	],
	exits: [2, 3],
	async run({ arguments: given, options }, context) {
		const cards = cardsFromCsv(readText(given.FILE as string));
		const sheet = readSheetOptions(options, context);
		const { sheetHtml } = await import('../../voucher/sheet.ts');
		return { text: sheetHtml(cards, sheet), json: cards };
	},
};

function readText(path: string): string {
	try {
		return decodeText(readFileSync(path));
	} catch (error) {
		throw new OctroiError('not_found', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
			fix: 'name the file that `octroi voucher create … --as csv` printed',
			cause: error,
		});
	}
}
