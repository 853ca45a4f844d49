import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const pairStart: CliCommand = {
	words: ['pair', 'start'],
	summary: 'show a short-lived code that lets one more device into an account',
	details: [
		'Digits for two minutes and one device: six of them, more while somebody guesses. A code that the account has already is replaced.',
	],
	arguments: [{ name: 'ACCOUNT', about: "the account's id" }],
	examples: [{ line: 'octroi pair start room-1', about: 'for the display, or to be read out' }],
	exits: [2, 3, 4, 5, 6],
	async run({ arguments: given }, { ask }) {
		const pairing = await ask('pair.start', { account: readAccount(given.ACCOUNT) });
		const seconds = Math.floor(pairing.validMs / 1000);
		return { text: `${pairing.code}\n\nopens ${pairing.account} for one device, for ${seconds} s\n`, json: pairing };
	},
};
