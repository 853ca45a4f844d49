import { planNameRule } from '../core/plan-name.ts';
import { listOf, oneOf, textOf } from '../core/value-rule.ts';
import type { Option } from './option.ts';
import { absolutePath, listenAddress } from './value-rules.ts';

/** The languages that the portal has; a test compares them with its messages. */
export const PORTAL_LANGUAGES = ['en', 'es', 'pt', 'fr', 'id', 'fil', 'hi', 'sw', 'ar'] as const;

/** Where the portal is, and how it looks. */
export const PORTAL_OPTIONS: readonly Option[] = [
	{
		path: 'venue.logo',
		title: "The venue's logo: an .svg, .png, .jpg or .webp file of at most 16 KiB",
		rule: absolutePath,
		needsRestart: true,
		caution: 'A file that cannot be read is left out, with a warning in the log.',
	},
	{
		path: 'venue.accent',
		title: "The venue's colour, for buttons, links and charts",
		default: '#0b6bcb',
		rule: textOf(/^#[0-9a-fA-F]{6}$/, 'a colour such as "#0b6bcb"'),
		needsRestart: true,
		caution: 'It is made darker or lighter where it could not be read otherwise.',
	},
	{
		path: 'portal.certificate',
		title: 'Certificate for HTTPS, with its chain (PEM)',
		rule: absolutePath,
		needsRestart: true,
		caution: 'It must be one that telephones trust by themselves, and it must be renewed.',
	},
	{
		path: 'portal.key',
		title: 'Private key of the certificate (PEM)',
		rule: absolutePath,
		needsRestart: true,
		caution: 'Whoever can read it can pretend to be the portal.',
	},
	{
		path: 'portal.listen',
		title: 'Addresses on which the portal listens',
		default: ['::'],
		rule: listOf(listenAddress, { min: 1, max: 16 }),
		needsRestart: true,
		caution:
			'`::` is every address, also IPv4. Only stations behind metered interfaces are answered with pages about an account, wherever it listens.',
	},
	{
		path: 'portal.languages',
		title: 'Languages of the portal; the first is for browsers that want none of them',
		default: [...PORTAL_LANGUAGES],
		rule: listOf(oneOf(PORTAL_LANGUAGES), { min: 1, max: PORTAL_LANGUAGES.length }),
		needsRestart: true,
		caution: 'People who read none of them cannot buy.',
	},
	{
		path: 'portal.freePlan',
		title: 'Name of a plan that the portal gives to each device once a day',
		rule: planNameRule,
		needsRestart: true,
		caution: 'A device that changes its hardware address gets it again: make it small.',
	},
];
