/** What grows in the portal, and how far. Reaching a limit is counted and logged. */

/** A browser's request line and headers; more is no browser of a telephone. */
export const HEADER_BYTES_MAX = 8192;
export const HEADERS_COUNT_MAX = 64;
/** The largest form has two short fields and a token. */
export const BODY_BYTES_MAX = 4096;
/** A header comes in one packet. Slower ones are slow on purpose (slow loris). */
export const HEADERS_TIMEOUT_MS = 5000;
/** Header and body together. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** A page's style and script come on the same connection as the page. */
export const KEEP_ALIVE_TIMEOUT_MS = 4000;
/** How often the time-outs are looked at, so also how much longer they may last. */
export const TIMEOUT_CHECK_INTERVAL_MS = 1000;
/** About 20 KiB each: 16 MiB in all. When all are used, whoever has most makes room. */
export const CONNECTIONS_MAX = 800;
/** A browser opens six, and there may be devices behind it. Counted by the device, whatever addresses it has; by the address, where it is not known whose that is. */
export const CONNECTIONS_PER_STATION_MAX = 32;
/** Beyond {@link CONNECTIONS_MAX}, for each listening socket: connections that were cut and whose end is not done yet. */
export const CONNECTIONS_ENDING_MAX = 200;
/** Then a connection is opened anew: one client cannot keep its place for ever. */
export const REQUESTS_PER_CONNECTION_MAX = 200;
/** A logo is small: the first page stays below 30 KB. */
export const LOGO_BYTES_MAX = 16_384;
/** Movements that a receipt shows. */
export const MOVEMENTS_MAX = 200;
/** Sessions that a receipt lists, and that are explained: each is some rows of the database. */
export const SESSIONS_MAX = 30;
/** Members of a group on its page: about 1 KB each. `octroi group show` has them all. */
export const MEMBERS_SHOWN_MAX = 100;
/** Accounts whose chart is remembered. */
export const CHARTS_MAX = 512;
/**
 * Requests of one device: a page with its files is four, its script asks every two seconds. A page takes about a millisecond
 * of the thread that the meter needs too.
 */
export const REQUESTS_BURST = 60;
export const REQUESTS_PER_SECOND = 20;
export const RATED_STATIONS_MAX = 4096;
/** Of all devices together, with a reserve for those that have a lease: nobody's number of addresses takes the thread from the meter. */
export const ALL_REQUESTS_BURST = 4000;
export const ALL_REQUESTS_PER_SECOND = 400;
/** Plans that are given away, to all together, with a reserve for those that have a lease: each is written to the flash, and takes a meter. */
export const FREE_PLANS_BURST = 1000;
export const FREE_PLANS_PER_HOUR = 3600;

/**
 * Forms of one customer, which the ledger keeps: each is written to the flash (about 12 KiB). Nobody fills in so many; a program that does is told
 * to wait.
 */
export const FORMS_BURST = 60;
export const FORMS_PER_SECOND = 0.1;
/** How often a stream looks for something new. */
export const STREAM_INTERVAL_MS = 1000;
/** Streams are looked at in so many parts, one after the other: all at once would keep the meter waiting for 50 ms. */
export const STREAM_SLOTS = 10;
/** So often something is sent in any case: whoever hears nothing for longer knows that the stream is dead. */
export const STREAM_SILENCE_MS = 10_000;
/** A page that is seen has one. */
export const STREAMS_PER_STATION_MAX = 3;
/** Each look takes 0.1 to 0.2 ms: 5 % of a core for all. When all are used, whoever has most loses one, and asks every two seconds instead. */
export const STREAMS_MAX = 256;
/** Some hundred messages that nobody reads. */
export const STREAM_BACKLOG_BYTES_MAX = 65_536;
/** Then it is opened anew: a client that has gone without a word cannot keep its place. */
export const STREAM_LIFETIME_MS = 600_000;
