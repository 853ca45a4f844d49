import { dnsmasqLines } from '../../config/dnsmasq.ts';
import type { CliCommand } from '../cli-command.ts';

export const dnsmasq: CliCommand = {
	words: ['dnsmasq'],
	summary: 'print the lines that dnsmasq needs for this configuration',
	details: [
		"The portal's name, the captive-portal option (RFC 8910), and the walled garden and zero-rating by name (nftset).",
		'dnsmasq must have been built with nftset, and the agent must run first: its table holds the sets.',
	],
	examples: [
		{ line: 'octroi dnsmasq', about: 'redirect it to a file where dnsmasq reads (conf-dir), then restart dnsmasq' },
	],
	exits: [2, 5],
	async run(_given, { loadConfig }) {
		const lines = dnsmasqLines(loadConfig());
		return { text: `${lines.join('\n')}\n`, json: { lines } };
	},
};
