import { PROTOCOL_VERSION } from './limits.ts';
import { check } from './shape.ts';
import { apId } from './values.ts';

export const UP_KINDS = ['usage', 'event', 'state', 'reply'] as const;
export const DOWN_KINDS = ['policy', 'command', 'grant', 'ack'] as const;

export type UpKind = (typeof UP_KINDS)[number];
export type DownKind = (typeof DOWN_KINDS)[number];

/** Stands for all access points in the topic of a policy, and as the audience of one. No access point may be called so. */
export const ALL = 'all';

export type Topic =
	| { readonly ap: string; readonly direction: 'up'; readonly kind: UpKind }
	| { readonly ap: string; readonly direction: 'down'; readonly kind: DownKind };

/** From an access point: `octroi/1/cafe-7/up/usage`. */
export function upTopic(ap: string, kind: UpKind): string {
	return `octroi/${PROTOCOL_VERSION}/${ap}/up/${kind}`;
}

/** To an access point, or to {@link ALL}: `octroi/1/cafe-7/down/policy`. */
export function downTopic(ap: string, kind: DownKind): string {
	return `octroi/${PROTOCOL_VERSION}/${ap}/down/${kind}`;
}

/** What an access point subscribes to. */
export function topicsOfAccessPoint(ap: string): readonly string[] {
	return [`octroi/${PROTOCOL_VERSION}/${ap}/down/+`, downTopic(ALL, 'policy')];
}

/** Everything that access points send. */
export const UP_TOPICS = `octroi/${PROTOCOL_VERSION}/+/up/#`;

/** What the platform's workers subscribe to: the broker gives each message to one of those that name this group. */
export function sharedUpTopic(group: string): string {
	return `$share/${group}/${UP_TOPICS}`;
}

/** What a topic says, or undefined if it is none of this version. */
export function parseTopic(topic: string): Topic | undefined {
	const [root, version, ap = '', direction, kind = '', ...rest] = topic.split('/');
	if (root !== 'octroi' || version !== String(PROTOCOL_VERSION) || rest.length > 0 || !check(apId, ap).ok)
		return undefined;
	if (direction === 'up' && ap !== ALL && isOneOf(UP_KINDS, kind)) return { ap, direction, kind };
	if (direction !== 'down' || !isOneOf(DOWN_KINDS, kind)) return undefined;
	return ap === ALL && kind !== 'policy' ? undefined : { ap, direction, kind };
}

function isOneOf<const Word extends string>(words: readonly Word[], word: string): word is Word {
	return (words as readonly string[]).includes(word);
}
