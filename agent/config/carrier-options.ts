import { listOf, oneOf, parsedText, textOf, wholeNumber } from '../core/value-rule.ts';
import type { Option } from './option.ts';
import { absolutePath } from './value-rules.ts';

/** Keys that are in force, one that is due, and a spare. */
const KEYS_MAX = 8;

/** A public key of the platform, by its name. */
export type PlatformKey = { readonly kid: string; readonly x: string };

const brokerUrl = textOf(
	/^mqtts?:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?\/?$/,
	'an address such as "mqtts://broker.example.org:8883"',
);

const platformKey = parsedText<PlatformKey>((text) => {
	const found = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([A-Za-z0-9_-]{43})$/.exec(text);
	if (!found) throw new Error(`${JSON.stringify(text.slice(0, 60))} is not NAME:KEY`);
	return { kid: found[1] as string, x: found[2] as string };
}, 'NAME:KEY, where KEY is an Ed25519 public key of 43 characters (base64url)');

/** The line to the carrier. Without an address there is none. */
export const CARRIER_OPTIONS: readonly Option[] = [
	{
		path: 'carrier.url',
		title: "Address of the carrier's MQTT broker (absent: no carrier)",
		rule: brokerUrl,
		needsRestart: true,
		caution:
			'`mqtt:` sends passwords and what customers use in clear text: only within a tunnel, or on the machine itself. A name in the certificate must be the one here.',
	},
	{
		path: 'carrier.accessPoint',
		title: 'What the carrier calls this access point',
		rule: textOf(/^(?!all$)[a-z0-9][a-z0-9-]{0,62}$/, '1 to 63 of a-z, 0-9 and "-", and not "all"'),
		needsRestart: true,
		caution: 'Two access points of one name throw each other off the broker, and their usage is refused as a conflict.',
	},
	{
		path: 'carrier.keys',
		title: "The platform's public keys",
		default: [],
		rule: listOf(platformKey, { min: 0, max: KEYS_MAX }),
		needsRestart: true,
		caution:
			'Whoever has the private half of one of them can credit and block accounts. Without a key nothing is believed.',
	},
	{
		path: 'carrier.ca',
		title: 'Certificates of the authorities that the broker may have its own from',
		rule: absolutePath,
		needsRestart: true,
		caution: 'Absent: every public authority is believed.',
	},
	{
		path: 'carrier.certificate',
		title: 'Client certificate, if the broker wants one',
		rule: absolutePath,
		needsRestart: true,
		caution:
			'Read anew for each connection: replace it before it expires. `octroi carrier status` says until when it is valid.',
	},
	{
		path: 'carrier.key',
		title: 'Private key of the client certificate',
		rule: absolutePath,
		needsRestart: true,
		caution: 'Readable for the agent only.',
	},
	{
		path: 'carrier.user',
		title: 'User at the broker, if it wants one',
		rule: textOf(/^[!-~]{1,128}$/, '1 to 128 ASCII characters without spaces'),
		needsRestart: true,
		caution: 'The broker must let it publish and read below `octroi/1/NAME/` only, and read `octroi/1/all/`.',
	},
	{
		path: 'carrier.passwordFile',
		title: 'File whose first line is the password of the user',
		rule: absolutePath,
		needsRestart: true,
		caution: 'Readable for the agent only. Read anew for each connection.',
	},
	{
		path: 'carrier.mqttVersion',
		title: 'Version of MQTT',
		default: '3.1.1',
		rule: oneOf(['3.1.1', '5']),
		needsRestart: true,
		caution: 'Every broker knows 3.1.1. With 5 the broker is asked to keep what it has for us for 90 days.',
	},
	{
		path: 'carrier.keepAliveSeconds',
		title: 'How often a silent connection is tried',
		default: 60,
		unit: 'seconds',
		rule: wholeNumber({ min: 5, max: 3600 }),
		needsRestart: true,
		caution: 'A dead link is noticed after one and a half times this. Too short costs traffic on a metered uplink.',
	},
	{
		path: 'carrier.reportSeconds',
		title: 'How long usage is gathered before it is reported, unless the policy says otherwise',
		default: 60,
		unit: 'seconds',
		rule: wholeNumber({ min: 1, max: 86_400 }),
		needsRestart: true,
		caution: 'Shorter: more writing to the flash, and more traffic. Events, such as an empty balance, do not wait.',
	},
];
