import type { MessageKey } from '../../ui/portal/messages/message.ts';
import type { Values } from '../../ui/portal/translate.ts';
import type { AccountId } from '../core/units.ts';
import type { Requester } from '../session/requester.ts';
import type { Credit, Left, PortalService, Unproven } from './service.ts';

/** One form that was sent: by a page of ours, for this station. */
export type Action = {
	readonly service: PortalService;
	readonly who: Requester;
	readonly fields: URLSearchParams;
	/** The request's own name: the same when the same form is sent twice. */
	readonly id: string;
};

export type AccountAction = Action & { readonly account: AccountId };

/**
 * What became of it. `done`: go to a page, which says so. `refused`: the page again, with what is wrong. `code`: the page, with a
 * code that is shown this once, and for how long it is good.
 */
export type Outcome =
	| { readonly kind: 'done'; readonly path: string; readonly key?: MessageKey }
	| {
			readonly kind: 'refused';
			readonly path: string;
			readonly key: MessageKey;
			readonly values?: Values;
			/** As `{amount}`. */
			readonly amount?: Credit;
			readonly waitMs?: number;
			/** What was typed: shown again, so that it can be compared. */
			readonly code?: string;
	  }
	| { readonly kind: 'error'; readonly status: number; readonly key: MessageKey }
	| { readonly kind: 'code'; readonly path: string; readonly code: string; readonly validMs?: number }
	/** The same form again, with a field for the code of the account. */
	| { readonly kind: 'unproven'; readonly why: Unproven };

export const NOT_FOUND: Outcome = { kind: 'error', status: 404, key: 'error_not_found' };
export const NOT_YOURS: Outcome = { kind: 'error', status: 403, key: 'error_not_yours' };

/** A device is not let go from where it is. */
export function notLeft(left: Left, path: string): Outcome {
	if (left.answer === 'unproven') return { kind: 'unproven', why: left.why };
	return { kind: 'refused', path, key: left.answer === 'contested' ? 'error_contested' : 'error_address_taken' };
}
