import { ack } from './ack.ts';
import { command } from './command.ts';
import { grant } from './grant.ts';
import { policy } from './policy.ts';
import { choice, type Of, object, oneOf, type Shape } from './shape.ts';
import * as values from './values.ts';

/** What is signed and sent to an access point: the payload of a JWS (RFC 7515, compact) with `alg` EdDSA and the `kid` of the key. */
const about = {
	version: values.version,
	id: values.requestId,
	/** An access point, or `all` (policies only). */
	audience: values.apId,
	/** Rises with each message to this audience; gaps are allowed, so that a platform may derive it from its clock. */
	sequence: values.sequence,
	/** By the platform's clock. */
	issuedAt: values.wallMs,
	/** A message that is older is refused, by an access point that knows the time. */
	expiresAt: values.wallMs,
};

function of<const Kind extends string, Body>(kind: Kind, body: Shape<Body>) {
	return object({ ...about, kind: oneOf(kind), body });
}

export const envelope = choice('kind', {
	policy: of('policy', policy),
	command: of('command', command),
	grant: of('grant', grant),
	ack: of('ack', ack),
});
export type Envelope = Of<typeof envelope>;
