import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, MacAddress, Unit, WallMs } from '../../../agent/core/units.ts';
import type { CommandHandlers } from '../../../agent/status/commands.ts';
import type {
	AccountDetail,
	AgentStatus,
	ExplainedItem,
	HistoryRow,
	Purchase,
	StationDetail,
	StationRow,
	UsageRecord,
} from '../../../agent/status/protocol.ts';
import type { WhyAnswer } from '../../../agent/status/why-command.ts';
import { fakeCodeHandlers } from './fake-code-handlers.ts';

const START_MS = Date.UTC(2026, 0, 15, 8, 0, 0);

const status: AgentStatus = {
	version: '0.1.0',
	processId: 4242,
	startedAtMs: START_MS,
	upSeconds: 3900,
	devices: { metered: ['br-lan'], free: [] },
	powerLoss: 'customer',
	database: '/var/lib/octroi/ledger.db',
	epoch: '7',
	stations: { unknown: 0, walled: 1, active: 2, throttled: 1, blocked: 0, gone: 3 },
	accounts: 3,
	traffic: { upBytes: 1_234_567, downBytes: 9_876_543_210, upBytesPerSecond: 12_000, downBytesPerSecond: 6_250_000 },
	sample: { count: 3900, lastDurationMs: 2, longestDurationMs: 11 },
	flows: { queue: 'native', own: 4210, tethered: 37, shed: 5, passed: 2 },
	warnings: ['the wall clock is not set'],
};

const station: StationRow = {
	mac: '02:00:5e:10:00:01' as MacAddress,
	name: 'phone\u001b[31m\u202e',
	addresses: ['192.0.2.10', '2001:db8::10'],
	device: 'br-lan',
	state: 'active',
	reason: 'spends ten-mb',
	account: 'room-1' as AccountId,
	meter: 1,
	session: 's1',
	upBytes: 1023,
	downBytes: 5_767_168,
	upBytesPerSecond: 0,
	downBytesPerSecond: 6_250_000,
	remaining: { unit: 'byte', amount: 4_717_592 },
};

function stationDetail(mac: MacAddress): StationDetail {
	return {
		...station,
		mac,
		tethered: { upBytes: 23, downBytes: 1_048_576, state: 'slowed' },
		tethering: {
			isJudged: true,
			score: 170,
			isTethering: true,
			pinned: 'tethered',
			evidence: [
				{ weight: 110, text: 'packets have come over one more hop: 63', seen: 12, agoMs: 4200 },
				{ weight: -40, text: 'a name\u001b[31m', seen: 1, agoMs: 61_000 },
			],
		},
	};
}

const walled: StationRow = {
	mac: '02:00:5e:10:00:02' as MacAddress,
	addresses: [],
	device: 'br-lan',
	state: 'walled',
	reason: 'no account',
	upBytes: 0,
	downBytes: 0,
	upBytesPerSecond: 0,
	downBytesPerSecond: 0,
};

function accountOf(account: AccountId): AccountDetail {
	return {
		account,
		state: 'funded',
		blocked: false,
		balance: {
			byte: { available: 3_669_016, reserved: 1_048_576 },
			second: { available: 3600, reserved: 0 },
			micro: { available: 4_850_000, reserved: 50_000 },
		},
		packages: [
			{
				id: 'p1',
				plan: 'ten-mb',
				unit: 'byte',
				amount: 10_485_760,
				remaining: 4_717_592,
				reserved: 1_048_576,
				expiresAt: START_MS + 2_592_000_000,
				kind: 'bought',
			},
			{ id: 'p2', plan: 'hour', unit: 'second', amount: 3600, remaining: 3600, reserved: 0, kind: 'bought' },
			{
				id: 'p3',
				plan: 'coins',
				unit: 'micro',
				amount: 5_000_000,
				remaining: 4_900_000,
				reserved: 50_000,
				kind: 'bought',
				tariff: 'per-mb',
			},
		],
		unsettled: { byte: 0, second: 0 },
		stations: [station.mac],
		tariff: 'per-mb',
		spentMicro: 100_000,
		usable: { byte: 261_619_712, second: 3600 },
		stationsMax: 3,
		groups: ['family' as AccountId],
		members: [],
		alerts: [{ account, id: 'low', unit: 'byte', remaining: 52_428_800, state: 'armed' }],
		renewals: [{ id: 'p1', cycle: 3, active: true, nextWallMs: (START_MS + 2_592_000_000) as WallMs }],
		currency: 'EUR',
	};
}

function record(account: AccountId): UsageRecord {
	return {
		session: 's1',
		account,
		mac: station.mac,
		startWallMs: START_MS as WallMs,
		endWallMs: (START_MS + 3_600_000) as WallMs,
		endReason: 'detached',
		upBytes: 485_760,
		downBytes: 15_242_880,
		tetheredBytes: 1_048_576,
		seconds: 0,
		costMicro: 100_000,
	};
}

function explained(account: AccountId): ExplainedItem[] {
	const bought = (package_: string, plan: string, unit: Unit, amount: number): Purchase => {
		return { package: package_, account, kind: 'bought', plan, unit, amount, wallMs: START_MS as WallMs };
	};
	return [
		{
			unit: 'byte',
			amount: 10_485_760,
			reason: 'used',
			text: 'used and paid',
			purchase: bought('p1', 'ten-mb', 'byte', 10_485_760),
		},
		{
			unit: 'byte',
			amount: 5_242_880,
			reason: 'rated',
			text: 'used, and paid from the wallet by its tariff',
			costMicro: 100_000,
			tariff: {
				name: 'per-mb',
				unit: 'byte',
				priceMicro: 20_000,
				per: 1_048_576,
				free: 0,
				first: 1,
				step: 1,
			},
		},
		{
			unit: 'micro',
			amount: 100_000,
			reason: 'used',
			text: 'used and paid',
			purchase: bought('p3', 'coins', 'micro', 5_000_000),
		},
	];
}

const whyAnswer: WhyAnswer = {
	cause: 'foreign_mark',
	sentence:
		"a flow of 02:00:5e:10:00:01 has a mark that is not its meter's: inet shaper forward handle 7 writes the bits 0x00010000 of the conntrack mark",
	fix: 'nft delete rule inet shaper forward handle 7, or give Octroi other bits: mark.mask',
	station: {
		...station,
		isPresent: true,
		leases: ['192.0.2.10'],
		heard: [{ address: '192.0.2.10', device: 'br-lan', account: 'room-1' as AccountId, isContested: false }],
		bound: ['192.0.2.10'],
		boundDevice: 'br-lan',
		blocked: false,
		refused: [
			{ reason: 'mark', says: "its flow has a mark of another meter than its station's", agoSeconds: 4 },
			{ reason: 'inbound', says: 'it begins a flow from outside', agoSeconds: 70, address: '192.0.2.10' },
		],
		strangeFlows: 1,
	},
	queue: 'native',
	counters: { mark: 12, inbound: 3 },
	portal: { sent: 20, reached: 20 },
	foreignRules: [
		{
			kind: 'mark',
			where: 'inet shaper forward handle 7',
			does: 'writes the bits 0x00010000 of the conntrack mark',
		},
	],
};

/** An agent of cardboard: fixed answers, and a list of what was credited. Two stations, or 1,000 in `many`. */
export function fakeHandlers(credited: string[], stations: readonly StationRow[] = manyStations()): CommandHandlers {
	return {
		...fakeCodeHandlers(station),
		ping: () => ({ pong: true }),
		status: () => status,
		'station.list': () => stations,
		'station.attach': ({ mac, account }) => ({ ...station, mac, account }),
		'station.detach': ({ mac }) => ({ ...walled, mac }),
		'station.show': ({ mac }) => stationDetail(mac),
		why: () => whyAnswer,
		'station.pin': ({ mac }) => stationDetail(mac),
		'account.create': ({ account }) => ({ answer: 'created', account }),
		'account.list': () => [accountOf('room-1' as AccountId)],
		'account.show': ({ account }) => {
			if (account === 'nobody') {
				throw new OctroiError('not_found', 'there is no account nobody', { fix: 'create it' });
			}
			return accountOf(account);
		},
		'account.topup': ({ account, plan, transfer = 't-made', wallet = false }) => {
			credited.push(`${account} ${plan} ${transfer}${wallet ? ' from the wallet' : ''}`);
			return { answer: 'created', account, plan, transfer, package: 'p3' };
		},
		'account.block': ({ account }) => ({ answer: 'changed', account }),
		'account.unblock': ({ account }) => ({ answer: 'exists', account }),
		'account.permit': ({ account, amount, unit, code = 'abcd-efgh-2345-6789' }) => {
			return { answer: 'created', account, amount, unit, code };
		},
		'account.take': ({ account, transfer = 't-made' }) => {
			return { answer: 'created', account, giver: 'room-9' as AccountId, amount: 1_048_576, unit: 'byte', transfer };
		},
		'account.merge': ({ account, into }) => {
			const moved = { byte: 1_048_576, second: 3600, micro: 0 };
			return { answer: 'changed', account, into, packages: 2, moved, stations: [station.mac] };
		},
		'alert.set': ({ account, alert }) => ({ answer: 'created', account, alert }),
		'alert.remove': ({ account }) => ({ answer: 'changed', account }),
		'alert.seen': ({ account }) => ({ answer: 'changed', account }),
		'group.join': ({ group, account }) => ({ answer: 'created', group, account }),
		'group.leave': ({ group }) => ({ answer: 'changed', group }),
		'carrier.status': () => ({
			configured: true,
			url: 'mqtts://broker.example.org:8883',
			accessPoint: 'cafe-7',
			connected: false,
			fault: 'the broker cannot be reached',
			offlineSeconds: 7200,
			attempts: 31,
			resent: 0,
			unwritten: 0,
			eventsDropped: 0,
			stream: '0123456789abcdef0123456789abcdef',
			sealed: 17,
			acknowledged: 16,
			acknowledgedSecondsAgo: 7260,
			backlog: { batches: 1, sessions: 4, events: 2 },
			policyVersion: 3,
			keys: ['k1', 'k2'],
			refused: { signature: 2, expired: 0 },
			notDone: { not_found: 1 },
			faults: { network: 31 },
			certificateEndMs: 1_800_000_000_000,
		}),
		'group.show': () => [
			{
				account: 'ann' as AccountId,
				allowance: { byte: 1_073_741_824 },
				drawn: { byte: 52_428_800, second: 0, micro: 0 },
			},
			{ account: 'bob' as AccountId, allowance: {}, drawn: { byte: 0, second: 0, micro: 0 } },
		],
		'renewal.end': ({ account }) => ({ answer: 'changed', account }),
		'record.list': ({ account, limit }) => [record(account)].slice(0, limit),
		'record.show': () => record('room-1' as AccountId),
		explain: ({ account }) => ({ account, records: [{ ...record(account), items: explained(account) }] }),
		receipt: () => ({
			record: record('room-1' as AccountId),
			lines: explained('room-1' as AccountId)
				.slice(0, 2)
				.map(({ reason, text, unit, amount, tariff, purchase, costMicro = 0 }) => {
					return { reason, text, unit, amount, of: tariff?.name ?? purchase?.plan ?? '-', costMicro };
				}),
			totalMicro: 100_000,
		}),
		capture: () => ({ capture: 'c1', data: '1MOyoQ==', done: true, frames: 2, missed: 0, floods: 0 }),
		'plan.list': () => [
			{ name: 'ten-mb', title: '10 MiB', unit: 'byte', amount: 10_485_760, atEnd: 'block', from: 'config' },
		],
		'plan.add': ({ plan: { name } }) => ({ answer: 'created', plan: String(name), from: 'added' }),
		'plan.remove': ({ plan }) => ({ answer: 'changed', plan }),
		'account.history': ({ account, limit }) => {
			const rows: HistoryRow[] = [
				{
					sequence: 2,
					id: '~2',
					kind: 'transfer',
					reason: 'used',
					text: 'used and paid',
					unit: 'byte',
					amount: 5_768_168,
					package: 'p1',
					planName: 'ten-mb',
					session: `s-${account}`,
					wallMs: (START_MS + 60_000) as WallMs,
				},
				{
					sequence: 1,
					id: 'p1',
					kind: 'transfer',
					reason: 'topup',
					text: 'bought',
					unit: 'byte',
					amount: 10_485_760,
					package: 'p1',
					planName: 'ten-mb',
					wallMs: START_MS as WallMs,
				},
			];
			return rows.slice(0, limit);
		},
		'ledger.verify': () => {
			throw new Error('a defect');
		},
	};
}

/** The two stations of the examples. */
export const fewStations: readonly StationRow[] = [station, walled];

function manyStations(): readonly StationRow[] {
	return Array.from({ length: 1000 }, () => station);
}
