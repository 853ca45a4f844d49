import type { MessageKey } from '../../ui/portal/messages/message.ts';
import { type Action, NOT_FOUND, notLeft, type Outcome } from './action.ts';
import type { Left, RedeemAnswer } from './service.ts';

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
	several: 'redeem_several',
	network: 'redeem_network',
	unknown: 'redeem_unknown',
	used: 'redeem_used',
	expired: 'redeem_expired',
	refused: 'redeem_refused',
	full: 'redeem_full',
} as const satisfies Partial<Record<Exclude<RedeemAnswer, Left>['answer'], MessageKey>>;

async function redeem({ service, who, fields }: Action): Promise<Outcome> {
	if (!service.codes) return NOT_FOUND;
	const code = fields.get('code') ?? '';
	const redeemed = await service.codes.redeem(who, code, fields.get('proof') ?? '');
	const { answer } = redeemed;
	if (answer === 'wait') return { kind: 'refused', path: '/redeem', key: 'redeem_wait', waitMs: redeemed.waitMs };
	if (answer === 'contested' || answer === 'unproven' || answer === 'address_taken')
		return notLeft(redeemed, '/redeem');
	const done = REDEEM_DONE[answer];
	if (done !== undefined) return { kind: 'done', path: '/', key: done };
	return { kind: 'refused', path: '/redeem', key: REDEEM_REFUSED[answer as keyof typeof REDEEM_REFUSED], code };
}

async function join({ service, who, fields }: Action): Promise<Outcome> {
	if (!service.pairing) return NOT_FOUND;
	const joined = await service.pairing.join(who, fields.get('code') ?? '', fields.get('proof') ?? '');
	switch (joined.answer) {
		case 'paired':
			return { kind: 'done', path: '/', key: 'pair_done' };
		case 'wrong':
			return { kind: 'refused', path: '/join', key: 'pair_wrong' };
		case 'wait':
			return { kind: 'refused', path: '/join', key: 'redeem_wait', waitMs: joined.waitMs };
		default:
			return notLeft(joined, '/join');
	}
}

async function takeFree({ service, who, fields }: Action): Promise<Outcome> {
	if (!service.free) return NOT_FOUND;
	const taken = await service.free.take(who, fields.get('proof') ?? '');
	switch (taken.answer) {
		case 'taken':
			return { kind: 'done', path: '/' };
		case 'used':
			return { kind: 'refused', path: '/', key: 'free_taken' };
		default:
			return notLeft(taken, '/');
	}
}
