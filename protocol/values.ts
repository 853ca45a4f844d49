import { AMOUNT_MAX, PROTOCOL_VERSION, SECONDS_MAX, WALL_MS_MAX } from './limits.ts';
import { matching, oneOf, whole } from './shape.ts';

/** Values that more than one message has. */

export const version = oneOf(PROTOCOL_VERSION);
/** An access point. It stands in topics, so it has none of `/`, `+` and `#`. */
export const apId = matching(/^[a-z0-9][a-z0-9-]{0,62}$/, 'an access point: 1 to 63 of a-z, 0-9 and "-"');
export const account = matching(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'an account: 1 to 64 of a-z, 0-9, ".", "_" and "-"');
/** Made by whoever asks, so that asking twice is safe. */
export const requestId = matching(
	/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
	'an id of 1 to 64 letters, digits and ". _ : -"',
);
/** Of a thing of the access point: its own ids may begin with "~". */
export const thingId = matching(
	/^[A-Za-z0-9~][A-Za-z0-9._:~-]{0,63}$/,
	'an id of 1 to 64 letters, digits and ". _ : ~ -"',
);
/** Of plans and tariffs. */
export const name = matching(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a name: 1 to 32 of a-z, 0-9 and "-"');
/** A network device, as Linux calls it: `eth0.2`, `pppoe-wan`; or a name that a carrier gives it. */
export const uplink = matching(
	/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/,
	'an uplink: 1 to 32 of A-Z, a-z, 0-9, ".", "_" and "-"',
);
export const station = matching(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/, 'a hardware address: 02:00:5e:10:00:01');
/** SHA-256 in base64url. */
export const digest = matching(/^[A-Za-z0-9_-]{43}$/, 'a SHA-256 digest in base64url');
/** One life of an access point's outbox: 128 random bits in hexadecimal. */
export const streamId = matching(/^[0-9a-f]{32}$/, 'a stream: 32 hexadecimal digits');
export const sequence = whole(1, Number.MAX_SAFE_INTEGER);
export const amount = whole(0, AMOUNT_MAX);
export const wallMs = whole(0, WALL_MS_MAX);
export const seconds = whole(1, SECONDS_MAX);
export const bytesPerSecond = whole(1, AMOUNT_MAX);
export const unit = oneOf('byte', 'second', 'micro');
