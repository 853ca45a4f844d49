/** A request is a few hundred bytes; more is a mistake or an attack. */
export const REQUEST_BYTES_MAX = 64 * 1024;
/**
 * For each socket, so that readers of the open one cannot keep the operator out. Each costs a descriptor and its buffers. When all of the
 * open one are used, the oldest that neither watches nor waits for an answer makes room.
 */
export const CONNECTIONS_MAX = 64;
/** Of these, on each socket: the others come and go, so that whoever only asks always gets an answer. */
export const WATCHING_MAX = 48;
/** An answer may be larger than this (4,096 stations: 2 MiB); more than one answer is never left unread. */
export const UNREAD_BYTES_MAX = 32 * 1024 * 1024;
/** From the first byte of a request to its end of line. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** From an answer's write until the client has read it. */
export const READ_TIMEOUT_MS = 10_000;
/** How long `stop` waits for answers that are under way. */
export const STOP_TIMEOUT_MS = 2000;
/** How long the owner of a socket file may take to accept, before the file counts as stale. */
export const PROBE_TIMEOUT_MS = 1000;
/** The client: from connecting to the server's greeting. */
export const GREETING_TIMEOUT_MS = 3000;
/** The client: from a request to its answer; `ledger.verify` on a large ledger takes longest. */
export const ANSWER_TIMEOUT_MS = 60_000;
/** The client: a longer line is no answer of ours. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** A reader of the stream with more than this unread is dropped: two snapshots of 4,096 stations. */
export const WATCH_UNREAD_BYTES_MAX = 8 * 1024 * 1024;
/** A reader that leaves something unread for so long is dropped, however little it is. */
export const WATCH_UNREAD_MS_MAX = 10_000;
