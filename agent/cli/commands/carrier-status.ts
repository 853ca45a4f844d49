import type { CarrierStatus } from '../../status/protocol.ts';
import { formatDuration } from '../../text/format-amount.ts';
import { printableLine } from '../../text/printable.ts';
import type { CliCommand } from '../cli-command.ts';
import { formatFields } from '../format-table.ts';

export const carrierStatus: CliCommand = {
	words: ['carrier', 'status'],
	summary: 'show the line to the carrier: connected or not, what waits, which policy is in force',
	details: ['Without `carrier.url` in the configuration there is no carrier.'],
	examples: [
		{ line: 'octroi carrier status', about: 'when the carrier says that it hears nothing' },
		{ line: 'octroi carrier status --json', about: 'with what was refused, by reason' },
	],
	exits: [2, 5, 6],
	async run(_given, { ask }) {
		const line = await ask('carrier.status', {});
		if (!line.configured) return { text: 'no carrier is configured\n', json: line };
		return { text: formatFields(fieldsOf(line)), json: line };
	},
};

function fieldsOf(line: Extract<CarrierStatus, { configured: true }>): (readonly [string, string])[] {
	const { backlog, acknowledgedSecondsAgo: ago, certificateEndMs } = line;
	const refused = Object.entries(line.refused).filter(([, count]) => count > 0);
	const known = ago === undefined ? '' : `, ${formatDuration(ago)} ago`;
	return [
		['broker', line.url],
		['access point', line.accessPoint],
		[
			'link',
			line.connected
				? 'connected'
				: `offline for ${formatDuration(line.offlineSeconds)}: ${printableLine(line.fault ?? 'connecting')}`,
		],
		...(line.usageRefused === undefined
			? []
			: [['usage', `the broker does not take it: ${printableLine(line.usageRefused)}`] as const]),
		['policy', line.policyVersion === 0 ? 'none yet' : `version ${line.policyVersion}`],
		['keys', line.keys.join(', ') || 'none'],
		['acknowledged', `batch ${line.acknowledged} of ${line.sealed}${known}`],
		['waiting', `${backlog.sessions} sessions, ${backlog.events} events, ${backlog.batches} batches`],
		...(line.eventsDropped > 0 ? [['dropped', `${line.eventsDropped} events`] as const] : []),
		['refused', refused.map(([reason, count]) => `${count} ${reason}`).join(', ') || 'nothing'],
		...(certificateEndMs === undefined
			? []
			: [['certificate', `valid until ${new Date(certificateEndMs).toISOString()}`] as const]),
	];
}
