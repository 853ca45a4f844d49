/** Why a transfer was made: a closed list, kept in the database's table `reason` too. */
export const REASONS = {
	topup: 'bought',
	grant: 'reserved for the kernel to spend',
	used: 'used and paid',
	released: 'reservation released',
	included: 'used, included in a time package',
	zero_rated: 'used where nothing is charged',
	throttled: 'used at the throttled rate, after the end of the package',
	overrun: 'used without payment: a fault',
	expired: 'expired unused',
	lost_customer: 'reservation released because its counter was lost',
	lost_venue: 'reservation charged because its counter was lost',
	rated: 'used, and paid from the wallet by its tariff',
	renewed: 'allotment of a new cycle',
	grace: 'allowed after the end, unpaid',
	grace_ended: 'rest of what was allowed after the end, withdrawn',
	lent: 'drawn by a member of the group',
	drawn: 'drawn from the group',
	returned: 'given back to the group unused',
	regained: 'given back by a member of the group',
	given: 'given to another account',
	received: 'received from another account',
	earlier: 'used before records were itemised',
} as const;

export type Reason = keyof typeof REASONS;
