import type { MessageKey } from './messages/message.ts';
import type { PageContext } from './page-context.ts';

const REASON_KEYS: Readonly<Record<string, MessageKey>> = {
	open: 'reason_open',
	topup: 'reason_topup',
	bought: 'reason_topup',
	spent: 'reason_spent',
	used: 'reason_used',
	rated: 'reason_rated',
	earlier: 'reason_used',
	included: 'reason_included',
	zero_rated: 'reason_zero_rated',
	throttled: 'reason_throttled',
	overrun: 'reason_overrun',
	expired: 'reason_expired',
	renewed: 'reason_renewed',
	grace: 'reason_grace',
	grace_ended: 'reason_grace_ended',
	lost_customer: 'reason_lost_customer',
	lost_venue: 'reason_lost_venue',
	drawn: 'reason_drawn',
	share: 'reason_drawn',
	returned: 'reason_returned',
	lent: 'reason_lent',
	regained: 'reason_regained',
	given: 'reason_given',
	gift_given: 'reason_given',
	received: 'reason_received',
	gift_claimed: 'reason_received',
	gift_returned: 'reason_gift_returned',
};

/** The ledger's reason, or how a package came, in the customer's language. */
export function reasonText({ t }: Pick<PageContext, 't'>, reason: string): string {
	return t(Object.hasOwn(REASON_KEYS, reason) ? (REASON_KEYS[reason] as MessageKey) : 'reason_other');
}
