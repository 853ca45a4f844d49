/** Why something that an access point said is not booked, and waits for a person. */
export const REVIEW_REASONS = {
	malformed: 'a record or an event that is not what the protocol says, in a batch that is',
	unstorable: 'a record or an event that the store would not have',
	implausible:
		'bytes that are not the sum of both directions, or more than an access point can carry: in one record, or in an hour',
	unknown_slice: 'usage of a slice that was never given; or it was, and the platform came back from a backup',
	foreign_slice: 'usage of a slice that another access point has, or that is of another account',
	beyond_slice: 'more than was left of a slice, or after its rest was given back',
	foreign_account:
		'usage of an account that lives here, by an access point that never had a slice of it: it lies, or has an account of its own of that name',
	foreign_event:
		'an event of an account that lives here and was never spent there, or of a kind that only the platform has',
	foreign_return: 'a slice is given back that this access point does not have',
	unproven_request:
		'a request for a slice of an account that is not bound to this access point, without a proof of the customer',
	conflict: 'another batch under a number that we have: the access point came back from a backup',
	too_many_names:
		'usage of more new accounts than an access point may have in an hour: counted together, and not under their names',
	overflow: 'more than one access point may have on the list: counted together',
} as const;

export type ReviewReason = keyof typeof REVIEW_REASONS;
