/** Events that applications may follow, besides those of access points. */
export const PLATFORM_EVENT_KINDS = {
	'account.unknown':
		'an access point reports usage of accounts that the platform does not have: how many are new, and the first of them; one event an hour',
	'allowance.restricted': 'a shared allowance fell below its threshold',
	'allowance.unrestricted': 'it is above it again',
	'clock.skewed': 'the clock of an access point is more than an hour off',
	'credit.out': 'an account has neither available credit nor any out on an access point',
	'credit.restored': 'it has some again',
	'broker.lost': 'the line to the broker was lost, or could not be made; once an hour for each cause',
	'event.many':
		'an access point said or caused more events of one kind than are stored one by one (500 an hour): how many more, and the first of them',
	'message.not_done': 'an access point refused what it was sent (a command, grant or policy), or could not do it',
	'message.refused':
		'a message of an access point was refused at the door; once an hour for each access point and reason',
	'package.expired': 'a package ended before it was used up; what was left of it has lapsed',
	'slice.late': 'a slice was used after it was released',
	'slice.silent': 'a slice ended and its access point said nothing',
	'usage.conflict': 'an access point came back from a backup: it has another batch under a number that we have',
	'usage.suspect': 'an access point said something that cannot be booked: it is on the list for a person',
	'usage.gap': 'batches of an access point are missing: the platform came back from a backup',
} as const;
