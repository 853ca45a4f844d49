import { codePageUrl } from '../config/code-page-url.ts';
import { oneOf } from '../core/value-rule.ts';
import { SHEET_LAYOUTS, type SheetOptions } from '../voucher/sheet-layout.ts';
import type { CliContext, CliOption, Given } from './cli-command.ts';
import { readValue } from './read-value.ts';

/** How cards are printed. */
export const SHEET_OPTIONS: readonly CliOption[] = [
	{ name: 'layout', value: 'NAME', about: 'a4 (default: 21 cards with cutting lines), or labels (63.5 × 38.1 mm)' },
	{ name: 'venue', value: 'TEXT', about: "the venue's name on each card (default: as configured)" },
	{ name: 'url', value: 'URL', about: 'the page that the QR codes open, up to the code (default: as configured)' },
];

/** @throws OctroiError `invalid_value`, `config_invalid` */
export function readSheetOptions(options: Given['options'], { loadConfig }: CliContext): SheetOptions {
	const layout = readValue(oneOf(SHEET_LAYOUTS), options.layout ?? 'a4');
	const { venue, url } = options;
	if (venue !== undefined && url !== undefined) return { layout, venue, url };
	const config = loadConfig();
	return { layout, venue: venue ?? config.venue.name, url: url ?? codePageUrl(config) };
}
