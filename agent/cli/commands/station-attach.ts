import { parseMacAddress } from '../../core/mac-address.ts';
import type { CliCommand } from '../cli-command.ts';
import { readAccount } from '../read-value.ts';

export const stationAttach: CliCommand = {
	words: ['station', 'attach'],
	summary: 'let a station spend an account',
	details: [
		'Several stations may spend one account. A station that spends an account already is refused: detach it first, so that its session is charged.',
		'An account that lives at the carrier’s platform and is not bound to this access point needs the customer’s code.',
	],
	arguments: [
		{ name: 'MAC', about: "the station's hardware address, in any usual spelling" },
		{ name: 'ACCOUNT', about: "the account's id" },
	],
	options: [
		{ name: 'code', value: 'CODE', about: 'the customer’s, as the carrier gave it: it proves that he is here' },
	],
	examples: [{ line: 'octroi station attach 02:00:5e:10:00:01 room-1', about: 'from now on room-1 pays for it' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given, options }, { ask }) {
		const station = await ask('station.attach', {
			mac: parseMacAddress(given.MAC as string),
			account: readAccount(given.ACCOUNT),
			...(options.code === undefined ? {} : { code: options.code }),
		});
		return { text: `${station.mac} spends ${station.account}: ${station.state}, ${station.reason}\n`, json: station };
	},
};
