import { type Of, object } from './shape.ts';
import * as values from './values.ts';

/**
 * The body of an acknowledgement, `octroi/1/<ap>/down/ack`: every batch of the stream up to this one is committed at the platform.
 * Only then does the access point delete them, and only if `digest` is that of its own batch. If it is not, or if the access point
 * never made that batch, its database came back from a backup: it begins a new stream with all that it still has.
 */
export const ack = object({ stream: values.streamId, sequence: values.sequence, digest: values.digest });
export type Ack = Of<typeof ack>;
