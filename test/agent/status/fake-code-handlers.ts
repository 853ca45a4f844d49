import type { AccountId, MacAddress, WallMs } from '../../../agent/core/units.ts';
import type { Batch, Gift } from '../../../agent/ledger/voucher.ts';
import type { CodeCommandTypes } from '../../../agent/status/code-commands.ts';
import type { CommandHandlers } from '../../../agent/status/commands.ts';
import type { StationRow } from '../../../agent/status/protocol.ts';

const START_MS = Date.UTC(2026, 0, 15, 8, 0, 0) as WallMs;
const SUMMER_1 = 'summer-1' as AccountId;

const batch: Batch = {
	id: 'summer',
	terms: { unit: 'second', amount: 3600, planName: 'hour', atEnd: 'block' },
	count: 2,
	devices: 1,
	validUntilWallMs: (START_MS + 86_400_000) as WallMs,
	createdWallMs: START_MS,
	states: { redeemed: 1, blocked: 0, void: 0, expired: 0, unused: 1 },
};

const gift: Gift = {
	id: 'g-1',
	giver: 'room-1' as AccountId,
	unit: 'byte',
	amount: 1_048_576,
	state: 'offered',
	givenWallMs: START_MS,
	validUntilWallMs: (START_MS + 604_800_000) as WallMs,
};

/** The part of the cardboard agent that knows codes. */
export function fakeCodeHandlers(station: StationRow): Pick<CommandHandlers, keyof CodeCommandTypes> {
	return {
		'voucher.create': ({ batch: id, count, set }) => ({
			batch: { ...batch, id, count },
			title: 'One "hour", or =so',
			codes: [
				{ serial: 1, role: set ? 'control' : 'single', code: 'J19W-F2T-D0F' },
				{ serial: 2, role: set ? 'member' : 'single', code: 'A5VG-47Q-PEH' },
			],
			yearsToGuess: 16_723,
			priceMicro: 2_500_000,
			validForSeconds: 2_592_000,
			currency: 'EUR',
		}),
		'voucher.list': () => [batch],
		'voucher.show': () => ({
			batch,
			vouchers: [
				{ batch: 'summer', serial: 1, state: 'redeemed', role: 'single', account: SUMMER_1, redeemedWallMs: START_MS },
				{ batch: 'summer', serial: 2, state: 'unused', role: 'single' },
			],
		}),
		'voucher.find': () => ({ kind: 'voucher', batch: 'summer', serial: 2, state: 'unused', role: 'single' }),
		'voucher.redeem': ({ account = SUMMER_1 }) => ({
			answer: 'redeemed',
			kind: 'voucher',
			account,
			opens: true,
			devices: 1,
			packages: [
				{
					id: '~voucher-summer-1',
					kind: 'bought',
					account,
					planName: 'hour',
					unit: 'second',
					amount: 3600,
					remaining: 3600,
					reserved: 0,
					boughtWallMs: START_MS,
					atEnd: 'block',
				},
			],
			replaced: ['02:00:5e:10:00:02' as MacAddress],
		}),
		'voucher.void': ({ batch: id }) => ({ answer: 'changed', batch: id, voided: 1 }),
		'voucher.block': ({ batch: id, serial }) => ({ answer: 'changed', batch: id, serial, detached: [] }),
		'voucher.unblock': ({ batch: id, serial }) => ({ answer: 'changed', batch: id, serial }),
		'account.gift': () => ({ answer: 'created', gift, code: 'KXT2-Y9T-PGS' }),
		'gift.list': () => [gift],
		'gift.return': ({ gift: id }) => ({ answer: 'changed', gift: id }),
		'pair.start': ({ account }) => ({ code: '402917', account, validMs: 120_000 }),
		'pair.list': () => [{ code: '402917', account: SUMMER_1, validMs: 99_500 }],
		'pair.confirm': ({ mac }) => ({ ...station, mac }),
		'station.handover': ({ mac, account }) => ({ ...station, mac, account }),
	};
}
