import { readFileSync } from 'node:fs';
import { ack } from '../../protocol/ack.ts';
import { command } from '../../protocol/command.ts';
import { envelope } from '../../protocol/envelope.ts';
import { event } from '../../protocol/event.ts';
import { grant } from '../../protocol/grant.ts';
import { policy } from '../../protocol/policy.ts';
import { reply } from '../../protocol/reply.ts';
import type { Shape } from '../../protocol/shape.ts';
import { state } from '../../protocol/state.ts';
import { usage } from '../../protocol/usage.ts';

/** Every message, by the name of its file of vectors. */
export const MESSAGES: Readonly<Record<string, Shape<unknown>>> = {
	usage,
	event,
	state,
	reply,
	policy,
	command,
	grant,
	ack,
	envelope,
};

export type Vectors = {
	readonly valid: readonly { readonly what: string; readonly value: unknown }[];
	readonly invalid: readonly { readonly what: string; readonly value: unknown; readonly paths: readonly string[] }[];
};

export function readVectors<Kind = Vectors>(name: string): Kind {
	return JSON.parse(readFileSync(`protocol/vectors/${name}.json`, 'utf8')) as Kind;
}
