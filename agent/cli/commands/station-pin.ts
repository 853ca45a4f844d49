import { parseMacAddress } from '../../core/mac-address.ts';
import { oneOf } from '../../core/value-rule.ts';
import type { CliCommand } from '../cli-command.ts';
import { readValue } from '../read-value.ts';

export const stationPin: CliCommand = {
	words: ['station', 'pin'],
	summary: 'let all new flows of a station be its own, or all tethered, whatever they look like',
	details: ['Flows that run keep their class. A pin outlives restarts; `none` has each flow judged by itself again.'],
	arguments: [
		{ name: 'MAC', about: "the station's hardware address, in any usual spelling" },
		{ name: 'CLASS', about: 'own, tethered or none' },
	],
	examples: [{ line: 'octroi station pin 02:00:5e:10:00:01 own', about: 'a console that was taken for a router' }],
	exits: [2, 3, 4, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const as = readValue(oneOf(['own', 'tethered', 'none']), given.CLASS);
		const station = await ask('station.pin', { mac: parseMacAddress(given.MAC as string), as });
		const what = as === 'none' ? 'each new flow is judged by itself' : `new flows are ${as}`;
		return { text: `${station.mac}: ${what}\n`, json: station };
	},
};
