import type { MacAddress } from '../../../agent/core/units.ts';
import type { PortalService } from '../../../agent/portal/service.ts';
import type { Requester } from '../../../agent/session/requester.ts';

export const CUSTOMER = '02:00:00:00:00:01' as MacAddress;
export const GUEST = '02:00:00:00:00:02' as MacAddress;
export const ENDED = '02:00:00:00:00:03' as MacAddress;
/** A stranger with the customer's hardware address, and an address of his own. */
export const CLONE = 'clone of 02:00:00:00:00:01';
/** A customer whose account no code opens. */
export const CODELESS = '02:00:00:00:00:04' as MacAddress;
/** What proves that an account is one's own here. */
export const OWN_CODE = 'OWN-CODE';
/** What customers may call themselves and their things. */
export const HOSTILE = `<img src=x onerror="alert('1')">`;

const TARIFF = {
	name: `call ${HOSTILE}`,
	unit: 'second',
	priceMicro: 120_000,
	per: 60,
	free: 300,
	first: 60,
	step: 30,
};
const WALLET = { amount: 4_350_000, tariff: TARIFF, enough: { unit: 'second', amount: 2160 } };
const LOW = { id: 'byte-percent', unit: 'byte', usedPercent: 40, left: 12_345_678, isLow: true, isRaised: true };
const CREDIT = [
	{ unit: 'byte', amount: 12_345_678 },
	{ unit: 'micro', amount: WALLET.amount },
];
const PURCHASE = {
	plan: HOSTILE,
	kind: 'share',
	unit: 'byte',
	amount: 20_971_520,
	wallMs: Date.UTC(2026, 10, 20, 8),
	from: { plan: 'Small', kind: 'bought', unit: 'byte', amount: 20_971_520, wallMs: Date.UTC(2026, 10, 1, 8) },
};

export type FakeService = PortalService & { readonly asked: string[]; fails: boolean };

/** Answers from memory, and writes down what was asked for. */
export function fakeService(): FakeService {
	const asked: string[] = [];
	const gifts = new Set<string>();
	const session = {
		session: 's1',
		device: HOSTILE,
		startWallMs: Date.UTC(2026, 10, 20, 9),
		bytes: 3_001_234,
		seconds: 61,
		costMicro: 180_000,
		open: { unit: 'byte', amount: 1234 },
	};
	const ended = {
		session: 's0',
		device: 'Phone',
		startWallMs: Date.UTC(2026, 10, 19, 9),
		endWallMs: Date.UTC(2026, 10, 19, 10),
		end: 'moved' as const,
		bytes: 10_000,
		seconds: 0,
		costMicro: 0,
	} as const;
	const service: FakeService = {
		asked,
		fails: false,
		plans: [
			{
				name: 'small',
				title: `Small ${HOSTILE}`,
				unit: 'byte',
				amount: 20_971_520,
				validForSeconds: 604_800,
				priceMicro: 2_000_000,
				pace: { downBytesPerSecond: 625_000 },
				stationsMax: 2,
				validFrom: 'first_use',
			},
			{ name: 'more', title: 'More', unit: 'byte', amount: 1e9, validForSeconds: 86_400, addOn: true, priceMicro: 9e6 },
			{
				name: 'month',
				title: 'A month',
				unit: 'byte',
				amount: 1e10,
				validForSeconds: 2_592_000,
				renews: true,
				own: { rule: 'blocked', afterBytes: 2e9 },
				tethered: { rule: 'slowed', bytesPerSecond: 125_000, afterBytes: 1e9 },
			},
			{ name: 'goodbye', title: 'Grace', unit: 'byte', amount: 1e9, grace: { unit: 'second', amount: 60 } },
			{ name: 'coins', title: 'Five', unit: 'micro', amount: 5_000_000, tariff: TARIFF },
			{ name: 'hour', title: 'One hour', unit: 'second', amount: 3600, throttleBytesPerSecond: 250_000 },
		],
		live({ mac, account }) {
			if (service.fails) throw new Error('out of order');
			const isCustomer = account !== undefined && mac !== ENDED;
			return {
				state: account !== undefined && mac === ENDED ? 'blocked' : isCustomer ? 'active' : 'walled',
				sessionBytes: 5_000_000,
				upBytesPerSecond: 12_500,
				downBytesPerSecond: 2_500_000,
				low: isCustomer ? [LOW] : [],
				...(isCustomer
					? {
							remaining: { unit: 'byte', amount: 12_345_678, of: 20_971_520 },
							current: { unit: 'byte', amount: 12_345_678 },
							wallet: WALLET,
							own: 'blocked' as const,
							tethered: { bytes: 2_000_000, state: 'slowed' as const },
						}
					: {}),
			};
		},
		state: (who) => service.live(who).state,
		prove(who, _, typed) {
			if (who.mac === CODELESS) return { answer: 'no_code' };
			if (typed === 'WAIT') return { answer: 'wait', waitMs: 90_000 };
			if (typed === OWN_CODE) return undefined;
			return { answer: typed === '' ? 'missing' : 'wrong' };
		},
		status: (mac) => ({
			...service.live(requesterOf(mac)),
			packages: [
				{
					plan: 'Small',
					unit: 'byte',
					amount: 20_971_520,
					remaining: 12_345_678,
					leftSeconds: 5 * 86_400,
					renewal: 'r1',
					stationsMax: 2,
					pace: { upBytesPerSecond: 125_000, downBytesPerSecond: 625_000 },
				},
				{ plan: HOSTILE, unit: 'second', amount: 3600, remaining: 3600, leftSeconds: 7200 },
			],
			groups: service.groups('ada' as never),
			devices: service.devices(mac, 'ada' as never),
			chart: {
				hours: Array.from({ length: 24 }, (_, hour) => ({
					startWallMs: Date.UTC(2026, 10, 20, hour),
					bytes: hour % 5 ? hour * 1e6 : 0,
				})),
			},
			clockIsSet: false,
		}),
		end: () => ({ cause: 'used', plan: HOSTILE, unit: 'byte', amount: 20_971_520 }),
		devices: () => [
			{ mac: CUSTOMER, name: HOSTILE, isThis: true, usedBytes: 5_000_000 },
			{ mac: GUEST, isThis: false, usedBytes: 0 },
		],
		rename(account, device, name) {
			asked.push(`rename ${account} ${device} ${name}`);
			return device === CUSTOMER;
		},
		async remove(account, device) {
			asked.push(`remove ${account} ${device}`);
			return device === CUSTOMER;
		},
		movements: () => [
			{ wallMs: Date.UTC(2026, 10, 20, 12), reason: 'open', unit: 'byte', amount: 1234, plan: HOSTILE },
			{ wallMs: Date.UTC(2026, 10, 20, 11), reason: 'used', unit: 'byte', amount: 1_000_000, plan: 'Small' },
			{ wallMs: Date.UTC(2026, 10, 20, 10), reason: 'unheard_of', unit: 'second', amount: 60 },
			{ wallMs: Date.UTC(2026, 10, 20, 9), reason: 'topup', unit: 'byte', amount: 20_971_520, plan: 'Small' },
		],
		wallet: (account) => (account === ('ada' as never) ? WALLET : undefined),
		sessions: () => [session, ended],
		bill: (account, id) =>
			account === ('ada' as never) && id === 's1'
				? {
						...session,
						lines: [
							{ reason: 'used', unit: 'byte', amount: 2_000_000, of: HOSTILE, costMicro: 0, tetheredBytes: 900 },
							{ reason: 'rated', unit: 'second', amount: 61, of: 'call', costMicro: 180_000 },
						],
						totalMicro: 180_000,
					}
				: undefined,
		why: () => [
			{
				...session,
				items: [
					{ reason: 'used', unit: 'byte', amount: 2_000_000, tetheredBytes: 900, purchase: PURCHASE },
					{ reason: 'rated', unit: 'second', amount: 61, costMicro: 180_000, tariff: TARIFF },
					{ reason: 'included', unit: 'byte', amount: 1_000_000 },
				],
			},
			{ ...ended, items: [{ reason: 'unheard_of', unit: 'byte', amount: 10_000 }] },
		],
		cost: ({ mac, account }) => ({
			metered: account === ('ada' as never),
			state: service.live(requesterOf(account === undefined ? GUEST : mac)).state,
			class: 'own',
			paidBy: account === ('ada' as never) ? 'wallet' : 'nothing',
			price: { micro: 20_000, per: 1_048_576, unit: 'byte', currency: 'EUR' },
			...(account === ('ada' as never)
				? { remaining: { unit: 'byte', amount: 12_345_678 }, walletMicro: WALLET.amount }
				: {}),
			...(account === ('ada' as never)
				? { speed: { downBytesPerSecond: 625_000 }, own: 'slowed', tethered: 'slowed' }
				: {}),
			free: { names: ['school.example'], ranges: ['203.0.113.0/24'] },
		}),
		endRenewal(account, renewal) {
			asked.push(`end ${account} ${renewal}`);
			return renewal === 'r1';
		},
		giveable: () => CREDIT,
		shareable: () => CREDIT,
		isInGroup: () => true,
		groups: () => [
			{
				group: HOSTILE,
				left: [{ unit: 'byte', amount: 5e9 }],
				members: [],
				mine: [
					{ unit: 'byte', drawn: 1e8, allowance: 5e8 },
					{ unit: 'second', drawn: 60 },
				],
			},
			{
				group: 'ada',
				left: [],
				mine: [],
				hidden: 3,
				members: [{ account: 'bob', allowances: [{ unit: 'byte', drawn: 0, allowance: 3e6 }] }],
			},
		],
		allow(account, member, bytes) {
			asked.push(`allow ${account} ${member} ${bytes}`);
			return member === 'bob';
		},
		permit(account, { unit, amount }) {
			asked.push(`permit ${account} ${amount} ${unit}`);
			return 'abcd-efgh-jkmn-pqrs';
		},
		async take(account, code) {
			asked.push(`take ${account} ${code}`);
			return code === 'good-code' ? 'taken' : code === 'poor-code' ? 'too_little' : 'wrong';
		},
		free: {
			plan: { name: 'taste', title: 'Ten minutes', unit: 'second', amount: 600 },
			isTaken: () => false,
			async take({ mac, isContested }) {
				if (isContested) return { answer: 'contested' };
				asked.push(`free ${mac}`);
				return { answer: 'taken' };
			},
		},
		codes: {
			async redeem(who, typed, proof) {
				if (who.isContested) return { answer: 'contested' };
				const why = typed === 'OTHER' && who.account ? service.prove(who, who.account, proof) : undefined;
				if (why !== undefined) return { answer: 'unproven', why };
				asked.push(`redeem ${who.mac} ${typed}`);
				if (typed === 'OTHER') return { answer: 'returned' };
				if (typed === 'GOOD') return { answer: 'redeemed' };
				if (typed === 'WAIT') return { answer: 'wait', waitMs: 90_000 };
				return { answer: 'unknown' };
			},
		},
		shop: {
			async buy(account, plan) {
				asked.push(`buy ${account} ${plan}`);
				if (plan === 'more') return { answer: 'nothing_to_extend' };
				if (plan === 'dear') return { answer: 'too_little', availableMicro: WALLET.amount };
				return { answer: plan === 'small' ? 'bought' : 'not_sold' };
			},
		},
		gifts: {
			async give(account, { unit, amount }, id) {
				asked.push(`give ${account} ${amount} ${unit}`);
				if (amount > 12_345_678) return { answer: 'too_little', available: 12_345_678 };
				if (gifts.has(id)) return { answer: 'given' };
				gifts.add(id);
				return { answer: 'given', code: 'GIFT-CODE' };
			},
			waiting: () => [{ id: 'g1', unit: 'micro', amount: 1_500_000, untilWallMs: Date.UTC(2026, 10, 27, 12) }],
			async takeBack(account, gift) {
				asked.push(`back ${account} ${gift}`);
				return gift === 'g1';
			},
		},
		pairing: {
			show(account) {
				asked.push(`pair ${account}`);
				return { code: '123456', validMs: 120_000 };
			},
			join: async ({ mac, isContested }, typed) => {
				if (isContested) return { answer: 'contested' };
				asked.push(`join ${mac} ${typed}`);
				return { answer: typed === '123456' ? 'paired' : 'wrong' };
			},
		},
		alerts: {
			list: () => [
				LOW,
				{ id: 'micro-rest', unit: 'micro', remaining: 500_000, left: 4.35e6, isLow: false, isRaised: false },
			],
			set(account, { unit, remaining, usedPercent }) {
				asked.push(`alert ${account} ${unit} ${remaining ?? `${usedPercent}%`}`);
				return remaining !== 1_000_000;
			},
			remove(account, alert) {
				asked.push(`unalert ${account} ${alert}`);
				return alert === LOW.id;
			},
			seen(account, alert) {
				asked.push(`seen ${account} ${alert}`);
				return alert === LOW.id;
			},
		},
	};
	return service;
}

const ACCOUNTS: Readonly<Record<string, string>> = { [CUSTOMER]: 'ada', [ENDED]: 'eve', [CODELESS]: 'operator' };

/** Who each of the stations above is. */
export function requesterOf(station: string): Requester {
	const isClone = station === CLONE;
	const mac = (isClone ? CUSTOMER : station) as MacAddress;
	const account = isClone ? undefined : ACCOUNTS[mac];
	const peer = { mac, address: isClone ? '10.0.0.9' : '10.0.0.1', device: 'br-lan', isContested: isClone };
	return account === undefined ? peer : { ...peer, account: account as never };
}
