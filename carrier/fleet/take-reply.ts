import type { Reply } from '../../protocol/reply.ts';
import { ALL } from '../../protocol/topics.ts';
import type { Queryable } from '../database/database.ts';
import type { SlicePolicy } from '../slice/slice-policy.ts';
import { giveMessageName } from '../slice/slice-row.ts';
import { arrivedSlice, unarrivedSlice } from '../slice/take-back.ts';
import { answerDownMessage } from './down-messages.ts';

/** Names of the messages that carry policies: `policy-<version>-all`, or `-own`. */
const POLICY_MESSAGE = /^policy-(\d{1,15})-(all|own)$/;

export function policyMessageName(version: number, audience: string): string {
	return `policy-${version}-${audience === ALL ? 'all' : 'own'}`;
}

/** What became of something that we sent. */
export async function takeReply(tx: Queryable, reply: Reply, slices: SlicePolicy, now: number): Promise<void> {
	const { ap, request: id, outcome, code, message, faults = [] } = reply;
	const policy = POLICY_MESSAGE.exec(id);
	if (policy !== null) {
		const text = faults.map(({ path, problem }) => `${path}: ${problem}`).join('\n') || message || code || '';
		await tx.query(
			`INSERT INTO policy_reply (ap, audience, version, outcome, message, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (ap, audience, version) DO UPDATE SET outcome = EXCLUDED.outcome, message = EXCLUDED.message, at = EXCLUDED.at`,
			[ap, policy[2] === 'all' ? ALL : ap, Number(policy[1]), outcome, text, now],
		);
		return;
	}
	// It could not be done now: the message stays open, and is sent again.
	if (outcome === 'failed') return;
	const asked = await answerDownMessage(tx, { ap, id, outcome, code, message }, now);
	const slice = asked?.body.slice;
	if (asked?.kind !== 'grant' || typeof slice !== 'string') return;
	const isDone = outcome === 'done' || outcome === 'exists';
	if (asked.body.kind === 'give' && isDone) await arrivedSlice(tx, { ap, slice }, slices, now);
	if (asked.body.kind === 'give' && !isDone) await unarrivedSlice(tx, { ap, slice }, slices, now);
	// Nothing was there to be returned, and nobody ever said that it arrived.
	if (asked.body.kind === 'revoke' && outcome === 'exists' && !(await hasArrived(tx, ap, slice))) {
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
