import type { MessageKey } from '../../ui/portal/messages/message.ts';
import { DEVICE_NAME_CHARACTERS_MAX } from '../../ui/portal/pages/devices.ts';
import type { Values } from '../../ui/portal/translate.ts';
import { parseMacAddress } from '../core/mac-address.ts';
import type { AccountId, MacAddress } from '../core/units.ts';
import { cleanName } from '../session/station.ts';
import type { PortalService, RedeemAnswer } from './service.ts';

/** One form that was sent: by a page of ours, for this station. */
export type Action = {
	readonly service: PortalService;
	readonly mac: MacAddress;
	readonly account: AccountId | undefined;
	readonly fields: URLSearchParams;
	/** The request's own name: the same when the same form is sent twice. */
	readonly id: string;
};

/** What became of it. `done`: go to a page, which says so. `refused`: the page again, with what is wrong. */
export type Outcome =
	| { readonly kind: 'done'; readonly path: string; readonly key?: MessageKey }
	| {
			readonly kind: 'refused';
			readonly path: string;
			readonly key: MessageKey;
			readonly values?: Values;
			readonly waitMs?: number;
			/** What was typed: shown again, so that it can be compared. */
			readonly code?: string;
	  }
	| { readonly kind: 'error'; readonly status: number; readonly key: MessageKey }
	| { readonly kind: 'gift'; readonly code: string };

type Run = (action: Action) => Promise<Outcome> | Outcome;
type AccountAction = Action & { account: AccountId };

/** What everybody may do. */
export const OPEN_ACTIONS: Readonly<Record<string, Run>> = {
	'/redeem': redeem,
	'/join': join,
	'/free': takeFree,
};

/** What only customers may do. */
export const ACCOUNT_ACTIONS: Readonly<Record<string, (action: AccountAction) => Promise<Outcome> | Outcome>> = {
	'/devices/rename': rename,
	'/devices/remove': remove,
	'/devices/pair': ({ service, account }) => {
		service.pairing?.show(account);
		return service.pairing ? { kind: 'done', path: '/devices' } : NOT_FOUND;
	},
	'/gift': gift,
	'/alerts': setAlert,
};

const NOT_FOUND: Outcome = { kind: 'error', status: 404, key: 'error_not_found' };
const NOT_YOURS: Outcome = { kind: 'error', status: 403, key: 'error_not_yours' };

const REDEEM_DONE: Readonly<Record<string, MessageKey>> = {
	redeemed: 'redeem_done',
	returned: 'redeem_returned',
	topped_up: 'topup_done',
};
const REDEEM_REFUSED = {
	mistyped: 'redeem_mistyped',
	unknown: 'redeem_unknown',
	used: 'redeem_used',
	expired: 'redeem_expired',
	refused: 'redeem_refused',
	full: 'redeem_full',
} as const satisfies Partial<Record<RedeemAnswer['answer'], MessageKey>>;

async function redeem({ service, mac, fields }: Action): Promise<Outcome> {
	if (!service.codes) return NOT_FOUND;
	const code = fields.get('code') ?? '';
	const { answer, ...more } = await service.codes.redeem(mac, code);
	if (answer === 'wait') {
		return { kind: 'refused', path: '/redeem', key: 'redeem_wait', waitMs: 'waitMs' in more ? more.waitMs : 0 };
	}
	const done = REDEEM_DONE[answer];
	if (done !== undefined) return { kind: 'done', path: '/', key: done };
	return { kind: 'refused', path: '/redeem', key: REDEEM_REFUSED[answer as keyof typeof REDEEM_REFUSED], code };
}

async function join({ service, mac, fields }: Action): Promise<Outcome> {
	if (!service.pairing) return NOT_FOUND;
	const joined = await service.pairing.join(mac, fields.get('code') ?? '');
	if (joined === 'paired') return { kind: 'done', path: '/', key: 'pair_done' };
	if (joined === 'wrong') return { kind: 'refused', path: '/join', key: 'pair_wrong' };
	return { kind: 'refused', path: '/join', key: 'redeem_wait', waitMs: joined.waitMs };
}

async function takeFree({ service, mac }: Action): Promise<Outcome> {
	if (!service.free) return NOT_FOUND;
	const isTaken = await service.free.take(mac);
	return isTaken ? { kind: 'done', path: '/' } : { kind: 'refused', path: '/', key: 'free_taken' };
}

function rename({ service, account, fields }: AccountAction): Outcome {
	const device = deviceOf(fields);
	if (device === undefined) return NOT_YOURS;
	const name = cleanName(fields.get('name') ?? '');
	if (name === undefined || [...name].length > DEVICE_NAME_CHARACTERS_MAX) {
		return { kind: 'refused', path: '/devices', key: 'device_name_bad' };
	}
	if (!service.rename(account, device, name)) return NOT_YOURS;
	return { kind: 'done', path: '/devices', key: 'device_renamed' };
}

async function remove({ service, mac, account, fields }: AccountAction): Promise<Outcome> {
	const device = deviceOf(fields);
	if (device === undefined || !(await service.remove(account, device))) return NOT_YOURS;
	if (device !== mac) return { kind: 'done', path: '/devices', key: 'device_removed' };
	return { kind: 'done', path: '/', key: service.codes ? 'device_left' : 'device_left_counter' };
}

async function gift({ service, account, fields, id }: AccountAction): Promise<Outcome> {
	if (!service.gifts) return NOT_FOUND;
	const megabytes = wholeNumberOf(fields.get('megabytes'), { min: 1, max: 1e9 });
	if (megabytes === undefined) return { kind: 'refused', path: '/gift', key: 'gift_bad' };
	const given = await service.gifts.give(account, megabytes * 1_000_000, `portal-${id.replaceAll(/[-_]/g, '.')}`);
	// Sent twice: the code was shown with the first answer, and cannot be read again.
	if (given.answer === 'given')
		return given.code === undefined ? { kind: 'done', path: '/receipt' } : { kind: 'gift', code: given.code };
	return { kind: 'refused', path: '/gift', key: 'gift_too_little', values: { bytes: given.availableBytes } };
}

function setAlert({ service, account, fields }: AccountAction): Outcome {
	if (!service.alerts) return NOT_FOUND;
	const percent = wholeNumberOf(fields.get('percent'), { min: 0, max: 90 });
	if (percent === undefined) return { kind: 'refused', path: '/alerts', key: 'alerts_bad' };
	service.alerts.set(account, percent);
	return { kind: 'done', path: '/alerts', key: percent === 0 ? 'alerts_off' : 'alerts_saved' };
}

function deviceOf(fields: URLSearchParams): MacAddress | undefined {
	const text = fields.get('mac') ?? '';
	// Only the form that our own pages have; nothing to be guessed at.
	return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) ? tryMac(text) : undefined;
}

function tryMac(text: string): MacAddress | undefined {
	try {
		return parseMacAddress(text);
	} catch {
		// A group address is nobody's device.
		return undefined;
	}
}

/** Decimal digits only: no sign, no exponent, no fraction. */
function wholeNumberOf(text: string | null, { min, max }: { min: number; max: number }): number | undefined {
	const match = /^\s*(\d{1,10})\s*$/.exec(text ?? '');
	const value = Number(match?.[1]);
	return match && value >= min && value <= max ? value : undefined;
}
