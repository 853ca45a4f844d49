import { parseMacAddress } from '../../core/mac-address.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const stationHandover: CliCommand = {
	words: ['station', 'handover'],
	summary: 'hand a device over to another account, with a record',
	details: [
		'What it used so far is charged to the account that it leaves. If it cannot be let in, it stays where it was.',
	],
	arguments: [
		{ name: 'MAC', about: "the station's hardware address" },
		{ name: 'ACCOUNT', about: 'who pays for it from now on' },
	],
	examples: [{ line: 'octroi station handover 02:00:5e:10:00:01 room-2', about: 'from its account to room-2' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const station = await ask('station.handover', {
			mac: parseMacAddress(given.MAC as string),
			account: readAccount(given.ACCOUNT),
		});
		return { text: `${station.mac} spends ${station.account}: ${station.state}, ${station.reason}\n`, json: station };
	},
};
