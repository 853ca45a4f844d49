import type { FlowOptions } from '../lab.ts';

/** Who plays what. Rates are parts of the one that spends a 10 MB package in two fifths of the demo. */
export type Role = {
	story: string;
	/** Undefined: it has no account and buys nothing. */
	plan: string | undefined;
	flows: (bitsPerSecond: number) => FlowOptions[];
};

/** What they buy. */
export const DEMO_PLANS = [
	{ name: 'large', title: '1 GB', bytes: 1_000_000_000, atEnd: 'block' },
	{ name: 'ten-mb', title: '10 MB', bytes: 10_000_000, atEnd: 'block' },
	{
		name: 'fair',
		title: '10 MB, then 2 Mbit/s',
		bytes: 10_000_000,
		atEnd: 'throttle',
		throttleBitsPerSecond: 2_000_000,
	},
] as const;

export const CAST: readonly Role[] = [
	{
		story: 'stays within its plan',
		plan: 'large',
		flows: (rate) => [
			{ protocol: 'tcp', direction: 'down', family: 'ipv6', bitsPerSecond: rate / 2 },
			{ protocol: 'udp', direction: 'up', family: 'ipv4', bitsPerSecond: rate / 4 },
		],
	},
	{
		story: 'runs out and is cut off',
		plan: 'ten-mb',
		flows: (rate) => [{ protocol: 'tcp', direction: 'down', family: 'ipv4', bitsPerSecond: rate }],
	},
	{
		story: 'runs out and is slowed down',
		plan: 'fair',
		flows: (rate) => [{ protocol: 'tcp', direction: 'down', family: 'ipv6', bitsPerSecond: rate }],
	},
	{
		story: 'pays nothing: walled garden',
		plan: undefined,
		flows: (rate) => [
			{ protocol: 'tcp', direction: 'down', family: 'ipv4', bitsPerSecond: rate },
			{ protocol: 'udp', direction: 'up', family: 'ipv6', bitsPerSecond: rate / 10 },
			{ protocol: 'tcp', direction: 'down', family: 'ipv4', server: 'garden', bitsPerSecond: rate / 10 },
		],
	},
];
