/** The version of the wire protocol: it stands in every topic and in every message. */
export const PROTOCOL_VERSION = 1;

/** Of a message to an access point, as received. A router checks it before anything is parsed; a policy with 100 plans takes 30 KiB. */
export const DOWN_BYTES_MAX = 64 * 1024;
/** Of a message from an access point: {@link RECORDS_MAX} records of 400 bytes, and some. */
export const UP_BYTES_MAX = 256 * 1024;
/** Usage records in a batch: one transaction at the platform, and a few hundred ms on a slow uplink. */
export const RECORDS_MAX = 500;
/** Events in a batch. */
export const EVENTS_MAX = 100;
/** The most that one amount may be: 2^50, so that sums of thousands are exact in a double. */
export const AMOUNT_MAX = 2 ** 50;
/** A wall clock: any whole millisecond since 1970. Access points wake up in the past, and some in the future. */
export const WALL_MS_MAX = Number.MAX_SAFE_INTEGER;
/** A century in seconds. */
export const SECONDS_MAX = 100 * 366 * 86_400;
/** Plans, and tariffs, in a policy. */
export const PLANS_MAX = 100;
/** Public keys that an access point holds. */
export const KEYS_MAX = 8;
