import type { AccountId, MacAddress } from '../../agent/core/units.ts';
import type { StationRow } from '../../agent/status/protocol.ts';
import type { AccountBalance, StatusPicture, StatusSnapshot } from '../../agent/status/snapshot.ts';

export const START_MS = Date.UTC(2026, 0, 15, 8, 0, 0);
const MEBIBYTE = 1 << 20;

/** A venue in the morning: somebody in each state, and names that want to break the screen. */
const STATIONS: readonly Partial<StationRow>[] = [
	{
		name: 'alices-phone',
		state: 'active',
		reason: 'within its balance',
		account: 'room-1' as AccountId,
		downBytes: 5_767_168,
		upBytes: 402_000,
		tethered: { upBytes: 2000, downBytes: 3_000_000, state: 'slowed' },
		zeroRated: { upBytes: 500, downBytes: 70_000 },
		downBytesPerSecond: 1_250_000,
		upBytesPerSecond: 61_000,
		remaining: { unit: 'byte', amount: 4 * MEBIBYTE },
	},
	{
		name: '山田さんのノートパソコン',
		state: 'active',
		reason: 'a time package is running',
		account: 'room-2' as AccountId,
		downBytes: 90_000_000,
		upBytes: 8_000_000,
		downBytesPerSecond: 300_000,
		upBytesPerSecond: 20_000,
		remaining: { unit: 'second', amount: 2712 },
	},
	{
		name: 'e\u0301cran\u0308 \u202Eevil\u202C \u001b[31mred',
		state: 'throttled',
		reason: 'the balance is used up; fair use',
		account: 'room-3' as AccountId,
		downBytes: 40_000_000,
		upBytes: 1_000_000,
		downBytesPerSecond: 240_000,
		upBytesPerSecond: 9000,
		remaining: { unit: 'byte', amount: 0 },
	},
	{
		name: 'هاتف דנה',
		state: 'blocked',
		reason: 'the account is blocked',
		account: 'room-4-with-a-long-name' as AccountId,
		downBytes: 1024,
		upBytes: 2048,
		remaining: { unit: 'byte', amount: 900 * MEBIBYTE },
	},
	{ state: 'walled', reason: 'no account pays for it' },
	{ name: 'printer', state: 'gone', reason: 'the router no longer hears it', addresses: [] },
	{
		name: 'a-name-that-is-much-longer-than-any-column-of-the-list',
		state: 'unknown',
		reason: 'it has a lease, but was not heard of yet',
		device: '',
	},
];

function station(changes: Partial<StationRow>, index: number): StationRow {
	return {
		mac: `02:00:5e:10:00:0${index + 1}` as MacAddress,
		addresses: [`10.77.2.${index + 10}`, `2001:db8:10::${index + 10}`],
		device: 'br-lan',
		state: 'walled',
		reason: '',
		upBytes: 0,
		downBytes: 0,
		upBytesPerSecond: 0,
		downBytesPerSecond: 0,
		...(changes.account ? { meter: index + 1, session: `session-${index + 1}` } : {}),
		...changes,
	};
}

function account(id: string, changes: Partial<AccountBalance>): AccountBalance {
	const nothing = { byte: 0, second: 0, byteBought: 0, secondBought: 0, grants: [] };
	return { account: id as AccountId, blocked: false, stations: 1, ...nothing, ...changes };
}

export const PICTURE: StatusPicture = {
	agent: {
		version: '0.1.0',
		processId: 4242,
		startedAtMs: START_MS,
		upSeconds: 3900,
		devices: { metered: ['br-lan'], free: [] },
		epoch: 'e-7f3a',
		cpuPercent: 0.7,
		residentBytes: 71 * MEBIBYTE,
		lagMs: 1,
		sample: { count: 3900, lastDurationMs: 2, longestDurationMs: 11, lastCpuMs: 1.4 },
		readers: 2,
		readersDropped: 0,
	},
	counts: { unknown: 1, walled: 1, active: 2, throttled: 1, blocked: 1, gone: 1 },
	traffic: { upBytes: 123_456_789, downBytes: 9_876_543_210, upBytesPerSecond: 90_000, downBytesPerSecond: 1_790_000 },
	sold: {
		sinceMs: START_MS - 8 * 3_600_000,
		count: 5,
		byte: 1064 * MEBIBYTE,
		second: 3600,
		plans: [
			{ plan: 'ten-mb', unit: 'byte', count: 2, amount: 20 * MEBIBYTE },
			{ plan: 'fair', unit: 'byte', count: 1, amount: 20 * MEBIBYTE },
			{ plan: 'hour', unit: 'second', count: 1, amount: 3600 },
			{ plan: 'large', unit: 'byte', count: 1, amount: 1024 * MEBIBYTE },
		],
	},
	plans: [
		{ name: 'ten-mb', title: '10 MiB', unit: 'byte', amount: 10 * MEBIBYTE, atEnd: 'block' },
		{ name: 'hour', title: 'One hour', unit: 'second', amount: 3600, atEnd: 'block' },
		{
			name: 'fair',
			title: '20 MiB, then 2 Mbit/s for 30 days',
			unit: 'byte',
			amount: 20 * MEBIBYTE,
			validForSeconds: 2_592_000,
			atEnd: 'throttle',
			throttleBytesPerSecond: 250_000,
		},
	],
	warnings: ['the clock is not set yet: nothing expires by date until it is'],
	uplink: { device: 'wan', up: true },
	carrier: { state: 'not_configured', text: 'not configured' },
	pairing: { code: '482719' },
	stations: STATIONS.map(station),
	accounts: [
		account('room-1', {
			byte: 4 * MEBIBYTE,
			byteBought: 10 * MEBIBYTE,
			grants: [{ id: '~41', unit: 'byte', amount: MEBIBYTE, plan: 'ten-mb', sinceMs: START_MS + 60_000 }],
		}),
		account('room-2', {
			second: 2712,
			secondBought: 3600,
			grants: [{ id: '~12', unit: 'second', amount: 2712, plan: 'hour', sinceMs: START_MS }],
		}),
		account('room-3', {}),
		account('room-4-with-a-long-name', { byte: 900 * MEBIBYTE, byteBought: 1024 * MEBIBYTE, blocked: true }),
	],
	transfers: [
		{
			sequence: 42,
			id: '~42',
			account: 'room-3' as AccountId,
			reason: 'throttled',
			text: 'used at the throttled rate, after the end of the package',
			unit: 'byte',
			amount: 1_204_000,
			plan: 'fair',
			atMs: START_MS + 3_800_000,
		},
		{
			sequence: 40,
			id: '~40',
			account: 'room-1' as AccountId,
			reason: 'used',
			text: 'used and paid',
			unit: 'byte',
			amount: 5_767_168,
			plan: 'ten-mb',
			atMs: START_MS + 3_700_000,
		},
		{
			sequence: 9,
			id: 'sale-1',
			account: 'room-1' as AccountId,
			reason: 'topup',
			text: 'bought',
			unit: 'byte',
			amount: 10 * MEBIBYTE,
			plan: 'ten-mb',
			atMs: START_MS + 30_000,
		},
	],
};

export const SNAPSHOT: StatusSnapshot = {
	watch: 'snapshot',
	version: 2,
	sequence: 7,
	atMs: START_MS + 3_900_000,
	...PICTURE,
};
