import { parseMacAddress } from '../../core/mac-address.ts';
import type { StationDetail } from '../../status/protocol.ts';
import { formatAmount, formatBytes, formatRate } from '../../text/format-amount.ts';
import { EVIDENCE_COLUMNS, evidenceCells, standingText } from '../../text/tethering-text.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatTable } from '../format-table.ts';

export const stationShow: CliCommand = {
	words: ['station', 'show'],
	summary: 'show a station, its own and tethered traffic, and why it is held to tether or not',
	arguments: [{ name: 'MAC', about: "the station's hardware address, in any usual spelling" }],
	examples: [{ line: 'octroi station show 02:00:5e:10:00:01', about: 'what speaks for devices behind it' }],
	exits: [2, 3, 5, 6],
	async run({ arguments: given }, { ask }) {
		const station = await ask('station.show', { mac: parseMacAddress(given.MAC as string) });
		return { text: `${lines(station).join('\n')}\n${evidence(station)}`, json: station };
	},
};

function lines(station: StationDetail): string[] {
	const { tethered, tethering, remaining } = station;
	const up = tethered?.upBytes ?? 0;
	const down = tethered?.downBytes ?? 0;
	return [
		`${station.mac}  ${station.name ?? ''}`.trimEnd(),
		`state      ${station.state}: ${station.reason}`,
		`addresses  ${station.addresses.join(', ') || '-'}`,
		`account    ${station.account ?? '-'}`,
		...(remaining === undefined ? [] : [`remaining  ${formatAmount(remaining.unit, remaining.amount)}`]),
		`own        ${formatBytes(station.upBytes - up)} up, ${formatBytes(station.downBytes - down)} down${station.own === undefined ? '' : `; ${station.own}`}`,
		`tethered   ${formatBytes(up)} up, ${formatBytes(down)} down${tethered === undefined ? '' : `; ${tethered.state}`}`,
		`rate       ${formatRate(station.upBytesPerSecond + station.downBytesPerSecond)}`,
		`tethering  ${standingText(tethering)}`,
	];
}

function evidence({ tethering }: StationDetail): string {
	const rows = tethering.evidence.map(evidenceCells);
	return `\n${formatTable(EVIDENCE_COLUMNS, rows, 'nothing speaks for devices behind it')}`;
}
