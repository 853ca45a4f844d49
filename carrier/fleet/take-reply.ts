import type { Reply } from '../../protocol/reply.ts';
import { ALL } from '../../protocol/topics.ts';
import type { Queryable } from '../database/database.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { giveMessageName } from '../slice/slice-row.ts';
import { arrivedSlice, unarrivedSlice } from '../slice/take-back.ts';
import { answerDownMessage, type DownKind, openDownMessage } from './down-messages.ts';
import { addEvents } from './events.ts';
import { platformEventId } from './message-name.ts';

/** Names of the messages that carry policies: `policy-<version>-all`, or `-own`. */
const POLICY_MESSAGE = /^policy-(\d{1,15})-(all|own)$/;

export function policyMessageName(version: number, audience: string): string {
	return `policy-${version}-${audience === ALL ? 'all' : 'own'}`;
}

/** Something that we sent and that was not done. */
export type NotDone = {
	readonly ap: string;
	readonly request: string;
	readonly kind: DownKind | 'policy';
	readonly outcome: 'refused' | 'failed';
	readonly code: string;
	readonly reason: string;
};

/** What became of something that we sent. Answers it, with an event, where it was not done. */
export async function takeReply(
	tx: Queryable,
	reply: Reply,
	slices: SlicePolicy,
	now: number,
): Promise<NotDone | undefined> {
	const policy = POLICY_MESSAGE.exec(reply.request);
	const asked =
		policy === null
			? await takeAnswer(tx, reply, slices, now)
			: await takePolicyReply(
					tx,
					reply,
					{ audience: policy[2] === 'all' ? ALL : reply.ap, version: Number(policy[1]) },
					now,
				);
	const { ap, request, outcome, code = '', message: reason = '' } = reply;
	if (asked === undefined || outcome === 'done' || outcome === 'exists') return undefined;
	const notDone = { request, kind: asked.kind, outcome, code, reason };
	// Each message has one such event, so they are as many as we have sent.
	const id = platformEventId('not-done', outcome, request);
	const account = asked.account === undefined ? {} : { account: asked.account };
	await addEvents(tx, [{ ap, id, kind: 'message.not_done', ...account, at: now, details: notDone }], now);
	return { ap, ...notDone };
}

type Asked = { readonly kind: DownKind | 'policy'; readonly account?: string };

/** Undefined for a policy that we never published. */
async function takePolicyReply(
	tx: Queryable,
	{ ap, outcome, code, message, faults = [] }: Reply,
	{ audience, version }: { audience: string; version: number },
	now: number,
): Promise<Asked | undefined> {
	const text = faults.map(({ path, problem }) => `${path}: ${problem}`).join('\n') || message || code || '';
	const rows = await tx.query(
		`INSERT INTO policy_reply (ap, audience, version, outcome, message, at)
		SELECT $1, $2, $3::bigint, $4, $5, $6::bigint FROM policy WHERE audience = $2 AND version = $3::bigint
		ON CONFLICT (ap, audience, version) DO UPDATE SET outcome = EXCLUDED.outcome, message = EXCLUDED.message, at = EXCLUDED.at
		RETURNING 1`,
		[ap, audience, version, outcome, text, now],
	);
	return rows.length === 0 ? undefined : { kind: 'policy' };
}

/** Undefined for what we never asked, or what was answered before. */
async function takeAnswer(
	tx: Queryable,
	{ ap, request: id, outcome, code, message }: Reply,
	slices: SlicePolicy,
	now: number,
): Promise<Asked | undefined> {
	// It could not be done now: the message stays open, and is sent again.
	const asked =
		outcome === 'failed'
			? await openDownMessage(tx, ap, id)
			: await answerDownMessage(tx, { ap, id, outcome, code, message }, now);
	if (asked === undefined) return undefined;
	const { slice, account } = asked.body;
	if (outcome !== 'failed' && asked.kind === 'grant' && typeof slice === 'string') {
		await takeGrantAnswer(tx, { ap, slice, kind: asked.body.kind, outcome }, slices, now);
	}
	return typeof account === 'string' ? { kind: asked.kind, account } : { kind: asked.kind };
}

async function takeGrantAnswer(
	tx: Queryable,
	{ ap, slice, kind, outcome }: { ap: string; slice: string; kind: unknown; outcome: Reply['outcome'] },
	slices: SlicePolicy,
	now: number,
): Promise<void> {
	const isDone = outcome === 'done' || outcome === 'exists';
	if (kind === 'give' && isDone) await arrivedSlice(tx, { ap, slice }, slices, now);
	if (kind === 'give' && !isDone) await unarrivedSlice(tx, { ap, slice }, slices, now);
	// Nothing was there to be returned, and nobody ever said that it arrived.
	if (kind === 'revoke' && outcome === 'exists' && !(await hasArrived(tx, ap, slice))) {
		await unarrivedSlice(tx, { ap, slice }, slices, now);
	}
}

async function hasArrived(tx: Queryable, ap: string, slice: string): Promise<boolean> {
	const rows = await tx.query(
		"SELECT 1 FROM down_message WHERE ap = $1 AND id = $2 AND outcome IN ('done', 'exists')",
		[ap, giveMessageName(slice)],
	);
	return rows.length > 0;
}
