import type { MacAddress } from '../../../agent/core/units.ts';
import { CUSTOMER, GUEST, OWN_CODE } from './fake-service.ts';

export type Form = {
	readonly action: string;
	/** Whose form it is. */
	readonly mac: MacAddress;
	readonly fields: Readonly<Record<string, string>>;
	/** What the service is then asked for. */
	readonly asks: string;
};

/** Every form with what its owner would send. */
export const FORMS: readonly Form[] = [
	{ action: '/redeem', mac: GUEST, fields: { code: 'GOOD' }, asks: `redeem ${GUEST} GOOD` },
	{ action: '/join', mac: GUEST, fields: { code: '123456' }, asks: `join ${GUEST} 123456` },
	{ action: '/free', mac: GUEST, fields: {}, asks: `free ${GUEST}` },
	{
		action: '/devices/rename',
		mac: CUSTOMER,
		fields: { proof: OWN_CODE, mac: CUSTOMER, name: 'Phone' },
		asks: `rename ada ${CUSTOMER} Phone`,
	},
	{
		action: '/devices/remove',
		mac: CUSTOMER,
		fields: { proof: OWN_CODE, mac: CUSTOMER },
		asks: `remove ada ${CUSTOMER}`,
	},
	{ action: '/devices/pair', mac: CUSTOMER, fields: { proof: OWN_CODE }, asks: 'pair ada' },
	{
		action: '/gift',
		mac: CUSTOMER,
		fields: { proof: OWN_CODE, unit: 'byte', amount: '5' },
		asks: 'give ada 5000000 byte',
	},
	{ action: '/gift/back', mac: CUSTOMER, fields: { proof: OWN_CODE, gift: 'g1' }, asks: 'back ada g1' },
	{ action: '/buy', mac: CUSTOMER, fields: { proof: OWN_CODE, plan: 'small' }, asks: 'buy ada small' },
	{ action: '/renewal/end', mac: CUSTOMER, fields: { proof: OWN_CODE, renewal: 'r1' }, asks: 'end ada r1' },
	{
		action: '/group/allow',
		mac: CUSTOMER,
		fields: { proof: OWN_CODE, member: 'bob', megabytes: '7' },
		asks: 'allow ada bob 7000000',
	},
	{
		action: '/group/permit',
		mac: CUSTOMER,
		fields: { proof: OWN_CODE, unit: 'second', amount: '2' },
		asks: 'permit ada 120 second',
	},
	{ action: '/group/take', mac: CUSTOMER, fields: { code: ' Good-Code ' }, asks: 'take ada good-code' },
	{
		action: '/alerts',
		mac: CUSTOMER,
		fields: { kind: 'percent', unit: 'byte', percent: '10' },
		asks: 'alert ada byte 90%',
	},
	{ action: '/alerts/remove', mac: CUSTOMER, fields: { alert: 'byte-percent' }, asks: 'unalert ada byte-percent' },
	{ action: '/alerts/seen', mac: CUSTOMER, fields: { alert: 'byte-percent' }, asks: 'seen ada byte-percent' },
];
