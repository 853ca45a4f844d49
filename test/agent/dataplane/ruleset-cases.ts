import type { RulesetOptions } from '../../../agent/dataplane/ruleset-options.ts';

export const EPOCH = 'b2e97291-7683-447e-af9f-781bf151415d';

const ONE: RulesetOptions = {
	metered: ['br-lan'],
	meteredNames: ['br-lan'],
	free: [],
	mask: 0xffff8000,
	garden: { ipv4: [], ipv6: [] },
	gardenBytesPerSecond: 100_000,
	portal: { port: 2050, name: 'portal.home.arpa' },
	dnsBytesPerSecond: 100,
	sessionDnsBytesPerSecond: 2000,
	stationsMax: 8192,
	epoch: EPOCH,
};

/** One golden file each: what is configured, and what exists. */
export const RULESETS: Readonly<Record<string, RulesetOptions>> = {
	'one-device': ONE,
	'several-devices': {
		...ONE,
		metered: ['br-lan', 'br-guest', 'wlan1'],
		meteredNames: ['br-lan', 'br-guest', 'wlan1'],
		free: ['br-office', 'dmz'],
	},
	'one-free-device': { ...ONE, free: ['br-office'] },
	'zero-rated': {
		...ONE,
		zeroRated: { ipv4: ['203.0.113.90/32'], ipv6: ['2001:db8:113::90/128'] },
		portal: { port: 8080, name: 'a-rather-long-name-of-a-venue.example.org' },
	},
	inbound: { ...ONE, inbound: { bytesPerSecond: 1000 } },
	'inbound-whole-mark': { ...ONE, mask: 0xffffffff, inbound: { bytesPerSecond: 1000 } },
	announced: { ...ONE, announced: { queue: 7211, native: false } },
	'one-of-two-present': { ...ONE, meteredNames: ['br-lan', 'wlan1'] },
	'none-present': { ...ONE, metered: [], free: ['br-office'] },
	'mark-of-eight-bits': { ...ONE, mask: 0x00ff0000 },
	'lowest-mark': { ...ONE, mask: 0x000000ff },
	'whole-mark': { ...ONE, mask: 0xffffffff },
	garden: {
		...ONE,
		garden: {
			ipv4: ['203.0.113.80', '203.0.113.80/32', '203.0.113.0/24', '198.51.100.0/25'],
			ipv6: ['2001:db8:113::80/128', '2001:db8:113::/48', '2001:db8::/32'],
		},
	},
};

export const DEVICES = ['br-lan', 'br-guest', 'wlan1', 'br-office', 'dmz'];
