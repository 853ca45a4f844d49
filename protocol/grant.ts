import { choice, type Of, object, oneOf, whole } from './shape.ts';
import { pace } from './terms.ts';
import * as values from './values.ts';

/**
 * A slice of an account that lives at the platform: the access point may spend so much of it. The platform has set it aside before
 * it says so. On the access point it is a package whose id is the slice's; its validity runs on the boot clock from its arrival.
 */
const give = object(
	{
		kind: oneOf('give'),
		slice: values.requestId,
		account: values.account,
		unit: oneOf('byte'),
		amount: whole(1, 2 ** 50),
		/** What is left then goes back by `slice.return`. */
		validForSeconds: values.seconds,
	},
	{
		/** The event that asked for it. */
		request: values.thingId,
		throttleBytesPerSecond: values.bytesPerSecond,
		/** How fast it may be spent. It stands with what the slice is a part of. */
		pace,
		/**
		 * The speed in force when it was given, where that is another: below the threshold of a shared allowance. It holds for this slice
		 * until a `throttle` command says otherwise; one without rates brings `pace` back.
		 */
		paceNow: pace,
		/**
		 * What it is a part of ends then, by the platform's clock: an access point that knows the time ends the slice then, if that is
		 * sooner, and refuses (`expired`) one that came too late.
		 */
		endsAt: values.wallMs,
	},
);
/** The rest of a slice is to be returned now. */
const revoke = object({ kind: oneOf('revoke'), slice: values.requestId });
/** There is nothing to hand out: the account is unknown to the platform, or empty. */
const deny = object({
	kind: oneOf('deny'),
	request: values.thingId,
	account: values.account,
	reason: oneOf('empty', 'unknown', 'blocked', 'limit'),
});

/** The body of a grant, `octroi/1/<ap>/down/grant`. It takes effect exactly once, by the slice. */
export const grant = choice('kind', { give, revoke, deny });
export type Grant = Of<typeof grant>;
