import { parseMacAddress } from '../../core/mac-address.ts';
import type { CliCommand } from '../cli-command.ts';

export const stationDetach: CliCommand = {
	words: ['station', 'detach'],
	summary: 'end the session of a station',
	details: ['What it used is charged, the rest of its grant is released, and its flows are cut.'],
	arguments: [{ name: 'MAC', about: "the station's hardware address, in any usual spelling" }],
	examples: [{ line: 'octroi station detach 02:00:5e:10:00:01', about: 'back into the walled garden' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const station = await ask('station.detach', { mac: parseMacAddress(given.MAC as string) });
		return { text: `${station.mac} is detached: ${station.state}, ${station.reason}\n`, json: station };
	},
};
