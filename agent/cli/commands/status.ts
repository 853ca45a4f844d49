import type { AgentStatus } from '../../status/protocol.ts';
import { STATION_STATES } from '../../status/protocol.ts';
import { formatBytes, formatDuration, formatRate } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatFields } from '../format-table.ts';

export const status: CliCommand = {
	words: ['status'],
	summary: 'show what the agent is doing',
	examples: [
		{ line: 'octroi status', about: 'for people' },
		{ line: 'octroi status --json', about: 'for programs, with exact bytes' },
	],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const now = await ask('status', {});
		const states = STATION_STATES.filter((state) => now.stations[state] > 0).map(
			(state) => `${now.stations[state]} ${state}`,
		);
		const text = formatFields([
			['octroi', `${now.version}, process ${now.processId}, up ${formatDuration(now.upSeconds)}`],
			['metered', now.devices.metered.join(', ')],
			['stations', states.length === 0 ? 'none' : states.join(', ')],
			['accounts', String(now.accounts)],
			['up', `${formatBytes(now.traffic.upBytes)}, ${formatRate(now.traffic.upBytesPerSecond)}`],
			['down', `${formatBytes(now.traffic.downBytes)}, ${formatRate(now.traffic.downBytesPerSecond)}`],
			[
				'sample',
				`${now.sample.lastDurationMs} ms, longest ${now.sample.longestDurationMs} ms, ${now.sample.count} so far`,
			],
			...(now.flows === undefined ? [] : [['new flows', flowsText(now.flows)] as const]),
			['ledger', now.database],
			['power loss', `open grants go to the ${now.powerLoss}`],
			...now.warnings.map((warning) => ['warning', warning] as const),
		]);
		return { text, json: now };
	},
};

function flowsText({ queue, own, tethered, shed, passed }: NonNullable<AgentStatus['flows']>): string {
	return `${own} own, ${tethered} tethered; not looked at: ${shed} too many of one station, ${passed} passed by (queue: ${queue})`;
}
