import type { MessageKey } from '../../ui/portal/messages/message.ts';
import { type Action, NOT_FOUND, type Outcome } from './action.ts';
import type { RedeemAnswer } from './service.ts';

/** What everybody may do. */
export const OPEN_ACTIONS: Readonly<Record<string, (action: Action) => Promise<Outcome> | Outcome>> = {
	'/redeem': redeem,
	'/join': join,
	'/free': takeFree,
};

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
