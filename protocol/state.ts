import { type Of, object, text, whole, yesOrNo } from './shape.ts';
import * as values from './values.ts';

/** How an access point is, `octroi/1/<ap>/up/state`: retained. The last will is the same with `online: false`. */
export const state = object(
	{
		version: values.version,
		ap: values.apId,
		online: yesOrNo,
		softwareVersion: text(64),
		/** Of the policy in force; 0: none came yet. */
		policyVersion: whole(0, Number.MAX_SAFE_INTEGER),
		stream: values.streamId,
		/** Of the newest batch; 0: there is none. */
		lastSequence: whole(0, Number.MAX_SAFE_INTEGER),
		/** How many are open. */
		sessions: whole(0, 65_535),
		at: values.wallMs,
		clockSet: yesOrNo,
	},
	{
		/** The newest batch of this stream that a platform has acknowledged: it, and all before it, are deleted here. */
		acknowledged: whole(0, Number.MAX_SAFE_INTEGER),
	},
	{ isOpen: true },
);
export type State = Of<typeof state>;
