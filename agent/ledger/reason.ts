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
	gift_given: 'given away by code',
	gift_claimed: 'received as a gift',
	gift_returned: 'a gift that nobody claimed came back',
} as const;

export type Reason = keyof typeof REASONS;
