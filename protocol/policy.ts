import { KEYS_MAX, PLANS_MAX } from './limits.ts';
import { list, matching, type Of, object, oneOf, whole } from './shape.ts';
import { plan, tariff } from './terms.ts';

/** The name of a key: the `kid` of the signature's header. */
export const keyId = matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a key id: 1 to 64 letters, digits and ". _ -"');

/** An Ed25519 public key: `x` of RFC 8037, base64url. */
export const publicKey = object({ kid: keyId, x: matching(/^[A-Za-z0-9_-]{43}$/, 'an Ed25519 public key, base64url') });
export type PublicKey = Of<typeof publicKey>;

/**
 * The body of a policy: `octroi/1/<ap>/down/policy` and `octroi/1/all/down/policy`, retained. It is the whole policy, not a change
 * of one, and it is applied as a whole or not at all. An access point that has one of its own follows that one; the versions of
 * each audience rise by themselves.
 */
export const policy = object(
	{
		/** An older one than that in force is refused. */
		policyVersion: whole(1, Number.MAX_SAFE_INTEGER),
		/** They stand beside those of the access point's configuration; one of the same name takes its place. */
		plans: list(plan, { min: 0, max: PLANS_MAX }),
		tariffs: list(tariff, { min: 0, max: PLANS_MAX }),
	},
	{
		/** Keys that are believed from now on, beside those of the configuration. */
		keys: list(publicKey, { min: 0, max: KEYS_MAX }),
		/** Keys that are believed no longer, wherever they stand. */
		revokedKeys: list(keyId, { min: 0, max: 64 }),
		/** How slices are asked for. */
		slices: object({
			/** What an access point asks for at once. */
			bytes: whole(1, 2 ** 50),
			/** It asks for the next one when this much is left. */
			lowBytes: whole(0, 2 ** 50),
		}),
		/**
		 * The offline allowance: how much of an account that lives at the platform an access point may have at once, and for how long
		 * without a word. The platform keeps to it when it gives slices; an access point that is told nothing else (`slices`) asks for
		 * as much as it can get. Absent, or without a member: as the platform is configured.
		 */
		offline: object(
			{},
			{
				/** The largest slice. */
				sliceBytesMax: whole(1, 2 ** 50),
				/** Of a slice, from its arrival. */
				validForSeconds: whole(5, 30 * 86_400),
				/** What becomes of a slice that ended without a word: nobody has it until its access point is back, or its account at once. */
				silent: oneOf('hold', 'release'),
			},
		),
		/** How long usage is gathered before a batch is made; events do not wait for it. */
		reportEverySeconds: whole(1, 86_400),
	},
);
export type Policy = Of<typeof policy>;
