import { parseMacAddress } from '../../core/mac-address.ts';
import type { CliCommand } from '../cli-command.ts';

export const pairConfirm: CliCommand = {
	words: ['pair', 'confirm'],
	summary: 'enter the pairing code for a station, as the portal does',
	arguments: [
		{ name: 'CODE', about: 'the digits on the display' },
		{ name: 'MAC', about: "the station's hardware address" },
	],
	examples: [
		{ line: 'octroi pair confirm 402917 02:00:5e:10:00:01', about: 'the station spends the account from now on' },
	],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const station = await ask('pair.confirm', {
			code: given.CODE as string,
			mac: parseMacAddress(given.MAC as string),
		});
		return { text: `${station.mac} spends ${station.account}: ${station.state}, ${station.reason}\n`, json: station };
	},
};
