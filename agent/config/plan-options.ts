import { planNameRule } from '../core/plan-name.ts';
import { AMOUNT_MAX } from '../core/units.ts';
import { oneOf, wholeNumber, yesOrNo } from '../core/value-rule.ts';
import { PRICE_MAX } from '../policy/tariff.ts';
import type { Option } from './option.ts';
import { TETHERED_PLAN_OPTIONS } from './tethered-options.ts';
import { title } from './value-rules.ts';

/** What a display and a portal page can still show; bounds the work of the checks. */
export const PLANS_MAX = 1000;
/** A venue has a handful. */
export const TARIFFS_MAX = 100;

/** Ten years. */
const PLAN_SECONDS_MAX = 315_360_000;
/** A pattern longer than a day, or a tebibyte, is a package. */
const STEP_MAX = 2 ** 40;

const bitsPerSecond = wholeNumber({ min: 8000, max: 100_000_000_000 });

export const PLAN_OPTIONS: readonly Option[] = [
	{
		path: 'name',
		title: 'Name in commands and records',
		required: true,
		rule: planNameRule,
		needsRestart: true,
		caution: 'Records keep the name: using one again for another plan makes old records say something wrong.',
	},
	{
		path: 'title',
		title: 'Name for people',
		required: true,
		rule: title,
		needsRestart: true,
		caution: 'It is what a customer sees when buying.',
	},
	{
		path: 'bytes',
		title: 'Amount of a byte plan (exactly one of `bytes`, `seconds` and `micro`)',
		unit: 'bytes',
		rule: wholeNumber({ min: 1, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Both directions count, as layer-3 bytes: a download of 10 MB needs some more than 10 MB.',
	},
	{
		path: 'seconds',
		title: 'Amount of a time plan',
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: PLAN_SECONDS_MAX }),
		needsRestart: true,
		caution: 'Time runs while a station is attached, whether it sends or not.',
	},
	{
		path: 'micro',
		title: 'Amount of a money plan, which fills the wallet',
		unit: 'millionths of the currency',
		rule: wholeNumber({ min: 1, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Millionths: 5.00 is 5000000. It is spent by `tariff`, after all packages.',
	},
	{
		path: 'tariff',
		title: 'Name of the tariff by which the money is spent (only with `micro`)',
		rule: planNameRule,
		needsRestart: true,
		caution:
			'From this purchase on the whole wallet is spent by the terms that the tariff has then; a later change of it applies to later purchases.',
	},
	{
		path: 'priceMicro',
		title: 'Price for which a customer buys it on the portal, from the wallet (not with `micro`)',
		unit: 'millionths of the currency',
		rule: wholeNumber({ min: 1, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Absent: the portal does not sell it for money. Millionths: 2.00 is 2000000.',
	},
	{
		path: 'validForSeconds',
		title: 'Expiry',
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: PLAN_SECONDS_MAX }),
		needsRestart: true,
		caution: 'Absent: it never expires. What is left at the expiry is gone.',
	},
	{
		path: 'validFrom',
		title: 'From when the expiry counts',
		default: 'purchase',
		rule: oneOf(['purchase', 'first-use']),
		needsRestart: true,
		caution: 'With `first-use` an unused package lasts for ever: it stays in the books as owed.',
	},
	{
		path: 'renews',
		title: 'Whether it is issued anew when it expires, until it is ended',
		default: false,
		rule: yesOrNo,
		needsRestart: true,
		caution: 'Nobody is asked to pay for the next cycle: use it for allotments that are paid elsewhere.',
	},
	{
		path: 'addOn',
		title: 'Whether it prolongs the running package of its unit, and expires with it',
		default: false,
		rule: yesOrNo,
		needsRestart: true,
		caution: 'It is refused where nothing is running that expires.',
	},
	{
		path: 'stations',
		title: 'How many stations may be attached at once',
		rule: wholeNumber({ min: 1, max: 65_535 }),
		needsRestart: true,
		caution: 'Absent: as many as there are. Of several packages the most generous one decides.',
	},
	{
		path: 'downBitsPerSecond',
		title: 'Speed to the stations, all of the account together',
		unit: 'bits per second',
		rule: bitsPerSecond,
		needsRestart: true,
		caution: 'Absent: no limit. Bits, not bytes.',
	},
	{
		path: 'upBitsPerSecond',
		title: 'Speed from the stations, all of the account together',
		unit: 'bits per second',
		rule: bitsPerSecond,
		needsRestart: true,
		caution: 'Absent: no limit. Too low an upload slows downloads as well.',
	},
	{
		path: 'graceBytes',
		title: 'What may still be used, unpaid, after the end (only with `atEnd` = `block`)',
		unit: 'bytes',
		rule: wholeNumber({ min: 1, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Given away once for each purchase. Either this or `graceSeconds`.',
	},
	{
		path: 'graceSeconds',
		title: 'For how long everything may still be used, unpaid, after the end (only with `atEnd` = `block`)',
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: PLAN_SECONDS_MAX }),
		needsRestart: true,
		caution: 'Time for all stations together, at full speed.',
	},
	{
		path: 'atEnd',
		title: 'What happens when it is used up',
		default: 'block',
		rule: oneOf(['block', 'throttle']),
		needsRestart: true,
		caution: '`throttle` goes on for free at `throttleBitsPerSecond`.',
	},
	{
		path: 'throttleBitsPerSecond',
		title: 'Rate after the end (only with `atEnd` = `throttle`)',
		unit: 'bits per second',
		rule: bitsPerSecond,
		needsRestart: true,
		caution: 'Too high: nobody buys again. Bits, not bytes.',
	},
	...TETHERED_PLAN_OPTIONS,
];

export const TARIFF_OPTIONS: readonly Option[] = [
	{
		path: 'name',
		title: 'Name in plans and records',
		required: true,
		rule: planNameRule,
		needsRestart: true,
		caution: 'Records keep the name and the terms; another price under the same name does not change what was charged.',
	},
	{
		path: 'microPerMegabyte',
		title: 'Price of 1,000,000 bytes (one of this, `microPerMebibyte` and `microPerMinute`)',
		unit: 'millionths of the currency',
		rule: wholeNumber({ min: 0, max: PRICE_MAX }),
		needsRestart: true,
		caution: 'Both directions count. Millionths: 0.02 is 20000. Customers see sizes in this unit everywhere.',
	},
	{
		path: 'microPerMebibyte',
		title: 'Price of 1,048,576 bytes',
		unit: 'millionths of the currency',
		rule: wholeNumber({ min: 0, max: PRICE_MAX }),
		needsRestart: true,
		caution:
			'Both directions count. Customers read the price beside sizes in MB, of which a MiB is 1.05: `microPerMegabyte` is what they can check.',
	},
	{
		path: 'microPerMinute',
		title: 'Price of 60 seconds',
		unit: 'millionths of the currency',
		rule: wholeNumber({ min: 0, max: PRICE_MAX }),
		needsRestart: true,
		caution: 'Time runs while a station is attached, for each station by itself.',
	},
	{
		path: 'free',
		title: 'What is free at the beginning of each session, if there is money in the wallet',
		default: 0,
		unit: 'bytes or seconds',
		rule: wholeNumber({ min: 0, max: AMOUNT_MAX }),
		needsRestart: true,
		caution: 'Of each session: whoever comes again has it again.',
	},
	{
		path: 'first',
		title: 'What the first charge of a session covers',
		default: 1,
		unit: 'bytes or seconds',
		rule: wholeNumber({ min: 1, max: STEP_MAX }),
		needsRestart: true,
		caution: 'It is charged whole, as soon as something of it is used.',
	},
	{
		path: 'step',
		title: 'What every later charge covers',
		default: 1,
		unit: 'bytes or seconds',
		rule: wholeNumber({ min: 1, max: STEP_MAX }),
		needsRestart: true,
		caution: 'The larger it is, the more of a wallet is kept back while several stations share it.',
	},
];
