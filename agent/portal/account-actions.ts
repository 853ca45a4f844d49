import { DEVICE_NAME_CHARACTERS_MAX } from '../../ui/portal/pages/devices.ts';
import { cleanName } from '../session/station.ts';
import { type AccountAction, NOT_FOUND, NOT_YOURS, type Outcome } from './action.ts';
import { deviceOf, readCredit, unitOf, wholeNumberOf } from './form-values.ts';

export type AccountForm = {
	/**
	 * What the form must prove beside being of the session. `code`: it moves or shares credit, or changes which devices spend it, so the
	 * account's code comes with it each time; addresses can be borrowed. `session`: the worst that a clone can do with it is a
	 * notice, or credit that comes in.
	 */
	readonly proof: 'code' | 'session';
	readonly run: (action: AccountAction) => Promise<Outcome> | Outcome;
};

/** What only customers may do. */
export const ACCOUNT_ACTIONS: Readonly<Record<string, AccountForm>> = {
	'/devices/rename': { proof: 'code', run: rename },
	'/devices/remove': { proof: 'code', run: remove },
	'/devices/pair': { proof: 'code', run: pair },
	'/buy': { proof: 'code', run: buy },
	'/renewal/end': { proof: 'code', run: endRenewal },
	'/gift': { proof: 'code', run: gift },
	'/gift/back': { proof: 'code', run: takeBack },
	'/group/allow': { proof: 'code', run: allow },
	'/group/permit': { proof: 'code', run: permit },
	// By the code that the other member has made, with a proof of his own.
	'/group/take': { proof: 'session', run: take },
	'/alerts': { proof: 'session', run: setAlert },
	'/alerts/remove': { proof: 'session', run: removeAlert },
	'/alerts/seen': { proof: 'session', run: alertSeen },
};

function pair({ service, account }: AccountAction): Outcome {
	if (!service.pairing) return NOT_FOUND;
	return { kind: 'code', path: '/devices', ...service.pairing.show(account) };
}

function endRenewal({ service, account, fields }: AccountAction): Outcome {
	const isEnded = service.endRenewal(account, fields.get('renewal') ?? '');
	return isEnded ? { kind: 'done', path: '/', key: 'renewal_ended' } : NOT_YOURS;
}

function removeAlert({ service, account, fields }: AccountAction): Outcome {
	if (!service.alerts) return NOT_FOUND;
	const isRemoved = service.alerts.remove(account, fields.get('alert') ?? '');
	return isRemoved ? { kind: 'done', path: '/alerts', key: 'alerts_off' } : NOT_YOURS;
}

function alertSeen({ service, account, fields }: AccountAction): Outcome {
	if (!service.alerts) return NOT_FOUND;
	return service.alerts.seen(account, fields.get('alert') ?? '') ? { kind: 'done', path: '/' } : NOT_YOURS;
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

async function remove({ service, who, account, fields }: AccountAction): Promise<Outcome> {
	const device = deviceOf(fields);
	if (device === undefined || !(await service.remove(account, device))) return NOT_YOURS;
	if (device !== who.mac) return { kind: 'done', path: '/devices', key: 'device_removed' };
	return { kind: 'done', path: '/', key: service.codes ? 'device_left' : 'device_left_counter' };
}

async function buy({ service, account, fields, id }: AccountAction): Promise<Outcome> {
	if (!service.shop) return NOT_FOUND;
	const bought = await service.shop.buy(account, fields.get('plan') ?? '', id);
	switch (bought.answer) {
		case 'bought':
			return { kind: 'done', path: '/', key: 'buy_done' };
		case 'too_little': {
			const amount = { unit: 'micro', amount: bought.availableMicro } as const;
			return { kind: 'refused', path: '/top-up', key: 'buy_too_little', amount };
		}
		case 'nothing_to_extend':
			return { kind: 'refused', path: '/top-up', key: 'buy_no_base' };
		case 'not_sold':
			return { kind: 'refused', path: '/top-up', key: 'error_input' };
	}
}

async function gift({ service, account, fields, id }: AccountAction): Promise<Outcome> {
	if (!service.gifts) return NOT_FOUND;
	const credit = readCredit(fields);
	if (credit === undefined) return { kind: 'refused', path: '/gift', key: 'amount_bad' };
	const given = await service.gifts.give(account, credit, id);
	if (given.answer === 'too_little') {
		const amount = { unit: credit.unit, amount: given.available };
		return { kind: 'refused', path: '/gift', key: 'gift_too_little', amount };
	}
	// Sent twice: the code was shown with the first answer, and cannot be read again.
	if (given.code === undefined) return { kind: 'done', path: '/receipt' };
	return { kind: 'code', path: '/gift', code: given.code };
}

async function takeBack({ service, account, fields }: AccountAction): Promise<Outcome> {
	if (!service.gifts) return NOT_FOUND;
	const isBack = await service.gifts.takeBack(account, fields.get('gift') ?? '');
	return isBack ? { kind: 'done', path: '/gift', key: 'gift_returned' } : NOT_YOURS;
}

/** An empty field: no limit. */
function allow({ service, account, fields }: AccountAction): Outcome {
	const text = (fields.get('megabytes') ?? '').trim();
	const megabytes = text === '' ? undefined : wholeNumberOf(text, { min: 0, max: 1e9 });
	if (text !== '' && megabytes === undefined) return { kind: 'refused', path: '/group', key: 'amount_bad' };
	const bytes = megabytes === undefined ? undefined : megabytes * 1_000_000;
	const isAllowed = service.allow(account, fields.get('member') ?? '', bytes);
	return isAllowed ? { kind: 'done', path: '/group', key: 'group_saved' } : NOT_YOURS;
}

function permit({ service, account, fields, id }: AccountAction): Outcome {
	const credit = readCredit(fields);
	if (credit === undefined) return { kind: 'refused', path: '/group', key: 'amount_bad' };
	return { kind: 'code', path: '/group', code: service.permit(account, credit, id) };
}

async function take({ service, account, fields, id }: AccountAction): Promise<Outcome> {
	const taken = await service.take(account, (fields.get('code') ?? '').trim().toLowerCase(), id);
	if (taken === 'taken') return { kind: 'done', path: '/', key: 'take_done' };
	return { kind: 'refused', path: '/group', key: taken === 'wrong' ? 'take_wrong' : 'take_short' };
}

function setAlert({ service, account, fields }: AccountAction): Outcome {
	if (!service.alerts) return NOT_FOUND;
	const unit = unitOf(fields.get('unit'));
	const isPercent = fields.get('kind') === 'percent';
	const percent = wholeNumberOf(fields.get('percent'), { min: 1, max: 99 });
	const credit = readCredit(fields);
	if (unit === undefined || (isPercent ? percent : credit) === undefined) {
		return { kind: 'refused', path: '/alerts', key: isPercent ? 'alerts_bad' : 'amount_bad' };
	}
	// People say what is left; the ledger counts what was used.
	const at = isPercent ? { usedPercent: 100 - (percent ?? 0) } : { remaining: credit?.amount ?? 0 };
	if (!service.alerts.set(account, { unit, ...at })) return { kind: 'refused', path: '/alerts', key: 'alerts_many' };
	return { kind: 'done', path: '/alerts', key: 'alerts_saved' };
}
