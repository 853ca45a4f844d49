import { listOf, oneOf, wholeNumber } from '../core/value-rule.ts';
import { ALPHABET_NAMES } from '../voucher/alphabet.ts';
import { LENGTH_MAX, LENGTH_MIN } from '../voucher/code-maker.ts';
import type { Option } from './option.ts';
import { absolutePath, networkName, pageUrl, title } from './value-rules.ts';

/** Vouchers, gifts, and what keeps their codes from being guessed. */
export const CODE_OPTIONS: readonly Option[] = [
	{
		path: 'venue.name',
		title: 'Name of the venue, for people',
		default: 'Wi-Fi',
		rule: title,
		needsRestart: true,
		caution: 'It stands on every printed card.',
	},
	{
		path: 'venue.wifi',
		title: 'Name of the Wi-Fi (SSID) on printed cards, with a QR code that joins it (absent: the cards name none)',
		rule: networkName,
		needsRestart: false,
		caution: 'With another name than the access point has, the QR code joins nothing.',
	},
	{
		path: 'venue.wifiPasswordFile',
		title: "File with the Wi-Fi's password in its first line (absent: an open network)",
		rule: absolutePath,
		needsRestart: false,
		caution:
			'The password stands on every card, in letters and in its QR code. Who prints cards must be able to read the file.',
	},
	{
		path: 'venue.steps',
		title:
			'What printed cards say to do, one text a step; `{network}`, `{password}` and `{address}` are filled in (absent: in English)',
		rule: listOf(title, { min: 1, max: 4 }),
		needsRestart: false,
		caution: 'Four long texts make the QR codes small: look at the sheet before a hundred are printed.',
	},
	{
		path: 'codes.url',
		title: "Page that the QR code of a card opens; the code is put behind it (absent: the portal's, at `portal.name`)",
		rule: pageUrl,
		needsRestart: true,
		caution: 'Cards that are printed keep it: with a wrong one people have to type.',
	},
	{
		path: 'codes.alphabet',
		title: 'Symbols of new codes, if nothing else is said',
		default: 'letters',
		rule: oneOf(ALPHABET_NAMES),
		needsRestart: true,
		caution: '`digits` suits keypads and every script, but needs more symbols to be as hard to guess.',
	},
	{
		path: 'codes.length',
		title: 'Symbols of new codes with the check symbol, if nothing else is said (absent: 10 letters or 12 digits)',
		rule: wholeNumber({ min: LENGTH_MIN, max: LENGTH_MAX }),
		needsRestart: true,
		caution: 'Too short: they can be guessed, and large batches are refused. Too long: people mistype them.',
	},
	{
		path: 'codes.freeAttempts',
		title: 'Wrong codes of one station before it has to wait',
		default: 5,
		rule: wholeNumber({ min: 1, max: 100 }),
		needsRestart: true,
		caution: 'Too few annoy people with poor light. Slips that the check symbol finds do not count.',
	},
	{
		path: 'codes.firstWaitSeconds',
		title: 'First wait of a station; each further wrong code doubles it',
		default: 30,
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: 3600 }),
		needsRestart: true,
		caution: 'Too short: one station can use up what all together may try.',
	},
	{
		path: 'codes.longestWaitSeconds',
		title: 'Longest wait of a station',
		default: 3600,
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: 86_400 }),
		needsRestart: true,
		caution: 'Too long keeps out a guest who was only careless.',
	},
	{
		path: 'codes.overallBurst',
		title:
			'Wrong codes of all guests together, at once, however short the codes are; customers have as many of their own',
		default: 30,
		rule: wholeNumber({ min: 1, max: 1000 }),
		needsRestart: true,
		caution:
			'Where the odds of the codes allow more, there is more. Too few: with short codes, a crowd keeps guests without a lease waiting.',
	},
	{
		path: 'codes.overallPerHour',
		title:
			'Wrong codes of all guests together, in an hour, however short the codes are; customers have as many of their own',
		default: 60,
		rule: wholeNumber({ min: 1, max: 10_000 }),
		needsRestart: true,
		caution:
			'Where the odds of the codes allow more, there is more: docs/vouchers.md. With short codes this bounds what guessing can do.',
	},
	{
		path: 'codes.giftValidForSeconds',
		title: 'How long a gift waits to be claimed before it comes back',
		default: 604_800,
		unit: 'seconds',
		rule: wholeNumber({ min: 60, max: 31_536_000 }),
		needsRestart: true,
		caution: 'While it waits nobody can use it.',
	},
];
