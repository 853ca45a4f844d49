import { type Of, object, oneOf, text, whole, yesOrNo } from './shape.ts';
import * as values from './values.ts';

/** What can be sold: the words are those of an access point's configuration, the units the smallest ones. */

const step = whole(1, 2 ** 40);

/** How money is turned into usage. */
export const tariff = object({
	name: values.name,
	unit: oneOf('byte', 'second'),
	/** For `per` units. */
	priceMicro: whole(0, 10 ** 12),
	/** 1,000,000 or 1,048,576 bytes, or 60 seconds. */
	per: oneOf(1_000_000, 1_048_576, 60),
	/** Not charged, of each session. */
	free: values.amount,
	/** What the first charge covers. */
	first: step,
	/** What every later one covers. */
	step,
});
export type WireTariff = Of<typeof tariff>;

const classRule = object(
	{ rule: oneOf('allowed', 'slowed', 'blocked') },
	{ bytesPerSecond: values.bytesPerSecond, afterBytes: values.amount },
);

/** A speed, one each way; absent: no limit. */
export const pace = object({}, { upBytesPerSecond: values.bytesPerSecond, downBytesPerSecond: values.bytesPerSecond });

export const plan = object(
	{
		name: values.name,
		title: text(64),
		unit: values.unit,
		amount: whole(1, 2 ** 50),
		/** What happens when it is used up. */
		atEnd: oneOf('block', 'throttle'),
	},
	{
		/** Exactly with `atEnd: throttle`. */
		throttleBytesPerSecond: values.bytesPerSecond,
		validForSeconds: values.seconds,
		validFrom: oneOf('purchase', 'first_use'),
		renews: yesOrNo,
		addOn: yesOrNo,
		stationsMax: whole(1, 65_535),
		pace,
		/** Only with `atEnd: block`. */
		grace: object({ unit: oneOf('byte', 'second'), amount: whole(1, 2 ** 50) }),
		/** The name of a tariff of the same policy, or of the access point; exactly with `unit: micro`. */
		tariff: values.name,
		/** What flows of the stations themselves may have. Absent: the access point's own rule. */
		own: classRule,
		/** The same for flows of devices behind them. */
		tethered: classRule,
		/** What it costs from the wallet, on the portal. Absent: it is not sold there. Not with `unit: micro`. */
		priceMicro: whole(1, 2 ** 50),
		/** Its speed, its end and its number of stations hold at once for what was bought of it before, too. */
		live: yesOrNo,
	},
);
export type WirePlan = Of<typeof plan>;
