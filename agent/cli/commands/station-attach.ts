import { parseMacAddress } from '../../core/mac-address.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const stationAttach: CliCommand = {
	words: ['station', 'attach'],
	summary: 'let a station spend an account',
	details: ['Several stations may spend one account. A station that spends another account is moved.'],
	arguments: [
		{ name: 'MAC', about: "the station's hardware address, in any usual spelling" },
		{ name: 'ACCOUNT', about: "the account's id" },
	],
	examples: [{ line: 'octroi station attach 02:00:5e:10:00:01 room-1', about: 'from now on room-1 pays for it' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const station = await ask('station.attach', {
			mac: parseMacAddress(given.MAC as string),
			account: readAccount(given.ACCOUNT),
		});
		return { text: `${station.mac} spends ${station.account}: ${station.state}, ${station.reason}\n`, json: station };
	},
};
