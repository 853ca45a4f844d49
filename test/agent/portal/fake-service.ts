import type { MacAddress } from '../../../agent/core/units.ts';
import type { PortalService } from '../../../agent/portal/service.ts';

export const CUSTOMER = '02:00:00:00:00:01' as MacAddress;
export const GUEST = '02:00:00:00:00:02' as MacAddress;
export const ENDED = '02:00:00:00:00:03' as MacAddress;
/** What customers may call themselves and their things. */
export const HOSTILE = `<img src=x onerror="alert('1')">`;

export type FakeService = PortalService & { readonly asked: string[]; fails: boolean };

/** Answers from memory, and writes down what was asked for. */
export function fakeService(): FakeService {
	const asked: string[] = [];
	const accounts = new Map([
		[CUSTOMER, 'ada'],
		[ENDED, 'eve'],
	]);
	const gifts = new Set<string>();
	const service: FakeService = {
		asked,
		fails: false,
		plans: [
			{ name: 'small', title: `Small ${HOSTILE}`, unit: 'byte', amount: 20_971_520, validForSeconds: 604_800 },
			{ name: 'hour', title: 'One hour', unit: 'second', amount: 3600, throttleBytesPerSecond: 250_000 },
		],
		accountOf: (mac) => accounts.get(mac) as never,
		live(mac) {
			if (service.fails) throw new Error('out of order');
			const isCustomer = mac === CUSTOMER;
			return {
				state: mac === ENDED ? 'blocked' : isCustomer ? 'active' : 'walled',
				sessionBytes: 5_000_000,
				upBytesPerSecond: 12_500,
				downBytesPerSecond: 2_500_000,
				isLow: isCustomer,
				...(isCustomer
					? {
							remaining: { unit: 'byte', amount: 12_345_678, of: 20_971_520 },
							current: { unit: 'byte', amount: 12_345_678 },
						}
					: {}),
			};
		},
		status: (mac) => ({
			...service.live(mac),
			packages: [
				{
					plan: 'Small',
					unit: 'byte',
					amount: 20_971_520,
					remaining: 12_345_678,
					expiresAtWallMs: Date.UTC(2026, 10, 27, 12),
				},
				{ plan: HOSTILE, unit: 'second', amount: 3600, remaining: 3600 },
			],
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
		why: () => [
			{
				unit: 'byte',
				amount: 3_000_000,
				paid: [{ plan: HOSTILE, amount: 2_000_000 }],
				unpaid: [{ reason: 'included', amount: 1_000_000 }],
			},
		],
		free: {
			plan: { name: 'taste', title: 'Ten minutes', unit: 'second', amount: 600 },
			isTaken: () => false,
			async take(mac) {
				asked.push(`free ${mac}`);
				return true;
			},
		},
		codes: {
			async redeem(mac, typed) {
				asked.push(`redeem ${mac} ${typed}`);
				if (typed === 'GOOD') return { answer: 'redeemed' };
				if (typed === 'WAIT') return { answer: 'wait', waitMs: 90_000 };
				return { answer: 'unknown' };
			},
		},
		gifts: {
			availableBytes: () => 12_345_678,
			async give(account, bytes, id) {
				asked.push(`give ${account} ${bytes}`);
				if (bytes > 12_345_678) return { answer: 'too_little', availableBytes: 12_345_678 };
				if (gifts.has(id)) return { answer: 'given' };
				gifts.add(id);
				return { answer: 'given', code: 'GIFT-CODE' };
			},
		},
		pairing: {
			shown: () => undefined,
			show: () => ({ code: '123456', validMs: 120_000 }),
			join: async (mac, typed) => {
				asked.push(`join ${mac} ${typed}`);
				return typed === '123456' ? 'paired' : 'wrong';
			},
		},
		alerts: {
			percent: () => 20,
			set: (account, percent) => void asked.push(`alert ${account} ${percent}`),
		},
	};
	return service;
}
