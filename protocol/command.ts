import { choice, type Of, object, oneOf, whole, yesOrNo } from './shape.ts';
import { plan } from './terms.ts';
import * as values from './values.ts';

/** Credits an account by a plan. The command's `id` is the id of the transfer. */
const topup = object(
	{ command: oneOf('topup'), account: values.account },
	{
		/** The name of a plan that the access point knows; or the terms themselves. Exactly one of the two. */
		plan: values.name,
		terms: plan,
		/** Make the account if there is none. */
		create: yesOrNo,
	},
);
/** Refuses traffic whatever the balance, and lets it pass again. */
const block = object({ command: oneOf('block'), account: values.account });
const unblock = object({ command: oneOf('unblock'), account: values.account });
/** The speed of what an account has at present, all its stations together. Without both rates: as it was sold. */
const throttle = object(
	{ command: oneOf('throttle'), account: values.account },
	{ upBytesPerSecond: values.bytesPerSecond, downBytesPerSecond: values.bytesPerSecond },
);
/** Ends sessions: of one station, or of all stations of an account. Exactly one of the two. */
const detach = object({ command: oneOf('detach') }, { account: values.account, station: values.station });
/** Moves credit between two accounts of this access point. The command's `id` is the id of the transfer. */
const transfer = object({
	command: oneOf('transfer'),
	from: values.account,
	to: values.account,
	unit: values.unit,
	amount: whole(1, 2 ** 50),
});
/** The tariff by which an account's wallet is spent from now on. */
const tariff = object({ command: oneOf('tariff'), account: values.account, tariff: values.name });
/** What happens to an account when everything is used up. */
const atEnd = object(
	{ command: oneOf('at-end'), account: values.account, atEnd: oneOf('block', 'throttle') },
	{ throttleBytesPerSecond: values.bytesPerSecond },
);
/** Report everything now: usage, and the state. */
const reread = object({ command: oneOf('reread') });

/** The body of a command, `octroi/1/<ap>/down/command`. It takes effect exactly once, by the envelope's `id`. */
export const command = choice('command', {
	topup,
	block,
	unblock,
	throttle,
	detach,
	transfer,
	tariff,
	'at-end': atEnd,
	reread,
});
export type Command = Of<typeof command>;
