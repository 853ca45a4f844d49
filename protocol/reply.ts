import { list, matching, type Of, object, oneOf, text } from './shape.ts';
import * as values from './values.ts';

/**
 * What became of a policy, command or grant, `octroi/1/<ap>/up/reply`. It is published after the transaction. Whoever sends the same
 * `id` again gets the same reply again, and nothing is done twice.
 */
export const reply = object(
	{
		version: values.version,
		ap: values.apId,
		/** The `id` of what it answers. */
		request: values.requestId,
		/**
		 * `done`: it is on the disk, and holds. `exists`: it was so already. `refused`: it is wrong, or not allowed, and would be again.
		 * `failed`: it could not be done now (a full disk, for instance); the same message may be sent again.
		 */
		outcome: oneOf('done', 'exists', 'refused', 'failed'),
	},
	{
		/** Why not: a code of docs/errors.md, or one of the carrier's own: `outdated`, `expired`, `replayed`, `signature`, `audience`. */
		code: matching(/^[a-z][a-z0-9_]{0,31}$/, 'a code'),
		message: text(512),
		/** All that is wrong with a policy or command. */
		faults: list(object({ path: text(256), problem: text(512) }, {}, { isOpen: true }), { min: 0, max: 100 }),
	},
	{ isOpen: true },
);
export type Reply = Of<typeof reply>;
