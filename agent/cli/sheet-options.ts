import { readFileSync } from 'node:fs';
import { decodeText } from '../../protocol/decode-text.ts';
import { codePageUrl } from '../config/code-page-url.ts';
import type { Config } from '../config/config.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { oneOf } from '../core/value-rule.ts';
import { wifiCode } from '../text/wifi-code.ts';
import { SHEET_LAYOUTS, type SheetNetwork, type SheetOptions } from '../voucher/sheet-layout.ts';
import type { CliContext, CliOption, Given } from './cli-command.ts';
import { readValue } from './read-value.ts';

/** How cards are printed. */
export const SHEET_OPTIONS: readonly CliOption[] = [
	{ name: 'layout', value: 'NAME', about: 'a4 (default: 21 cards with cutting lines), or labels (63.5 × 38.1 mm)' },
	{ name: 'venue', value: 'TEXT', about: "the venue's name on each card (default: as configured)" },
	{ name: 'url', value: 'URL', about: 'the page that the QR codes open, up to the code (default: as configured)' },
	{ name: 'wifi', value: 'NAME', about: 'the Wi-Fi to join, with a QR code that joins it (default: as configured)' },
	{
		name: 'wifi-password-file',
		value: 'FILE',
		about: "the Wi-Fi's password, in the first line (default: as configured)",
	},
	{ name: 'price', value: 'TEXT', about: "what a card costs (default: the plan's price, if it has one)" },
];

/** What the cards say to do where the configuration says nothing else: with a network to name, with its password, and without. */
const STEPS = {
	open: ['Wi-Fi: {network}', 'Open {address}', 'Enter the code'],
	secret: ['Wi-Fi: {network}', 'Password: {password}', 'Open {address}', 'Enter the code'],
	unnamed: ['Join our Wi-Fi', 'Open {address}', 'Enter the code'],
} as const;

/** @throws OctroiError `invalid_value`, `config_invalid` */
export function readSheetOptions(options: Given['options'], { loadConfig }: CliContext): SheetOptions {
	const layout = readValue(oneOf(SHEET_LAYOUTS), options.layout ?? 'a4');
	const { venue, url, price } = options;
	const config = venue !== undefined && url !== undefined ? undefined : loadConfig();
	const network = readNetwork(options, config?.venue);
	const usual = network === undefined ? STEPS.unnamed : network.password === undefined ? STEPS.open : STEPS.secret;
	return {
		layout,
		venue: venue ?? (config as Config).venue.name,
		url: url ?? codePageUrl(config as Config),
		steps: config?.venue.steps ?? usual,
		...(network === undefined ? {} : { network }),
		...(price === undefined ? {} : { price }),
	};
}

/** A password belongs to a name that comes from the same place. */
function readNetwork(options: Given['options'], venue: Config['venue'] | undefined): SheetNetwork | undefined {
	const isGiven = options.wifi !== undefined;
	const name = options.wifi ?? venue?.wifi;
	if (name === undefined) {
		if (options['wifi-password-file'] === undefined) return undefined;
		throw new OctroiError('usage', '--wifi-password-file needs --wifi', { fix: 'name the Wi-Fi with --wifi NAME' });
	}
	const file = options['wifi-password-file'] ?? (isGiven ? undefined : venue?.wifiPasswordFile);
	const password = file === undefined ? undefined : firstLine(file);
	return { name, ...(password === undefined ? {} : { password }), code: wifiCode({ name, password }) };
}

function firstLine(path: string): string {
	try {
		const [line = ''] = decodeText(readFileSync(path)).split(/\r?\n/, 1);
		if (line !== '') return line;
		throw new Error('its first line is empty');
	} catch (error) {
		throw new OctroiError('invalid_value', `${path} cannot be read: ${(error as Error).message}`, {
			fix: "name a file with the Wi-Fi's password in its first line",
			cause: error,
		});
	}
}
