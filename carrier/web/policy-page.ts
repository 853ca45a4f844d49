import { readJsonText } from '../../protocol/bounded-json.ts';
import { DOWN_BYTES_MAX } from '../../protocol/limits.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import type { Change } from '../policy/differences.ts';
import { allCurrentPolicies, currentPolicy, policyChange } from '../policy/policies.ts';
import { timeText } from './format.ts';
import { type Html, html } from './html.ts';

const EMPTY = { plans: [], tariffs: [] };
const REPLIES_MAX = 50;

export type Draft = { readonly audience: string; readonly text: string };

/** The editor, with what is in force; or with what somebody typed and what is wrong about it. */
export async function policyPage(
	tx: Queryable,
	audience: string,
	form: Html,
	draft?: { text: string; faults: readonly string[] },
): Promise<Html> {
	const policy = await currentPolicy(tx, audience);
	const {
		policyVersion: _,
		keys: _keys,
		revokedKeys: _revoked,
		...body
	} = policy?.body ?? { policyVersion: 0, ...EMPTY };
	const others = await allCurrentPolicies(tx);
	const replies = await tx.query<{ ap: string; version: number; outcome: string; message: string; at: number }>(
		'SELECT ap, version, outcome, message, at FROM policy_reply WHERE audience = $1 ORDER BY at DESC LIMIT $2',
		[audience, REPLIES_MAX],
	);
	return html`<p class="hint">${policy === undefined ? `There is none for “${audience}” yet.` : `Version ${policy.version} for “${audience}”, published ${timeText(policy.publishedAt)} UTC by ${policy.publishedBy}.`}
${others.length > 0 && html` Others: ${others.map((other) => html`<a href="/policy?audience=${other.audience}">${other.audience}</a> `)}`}</p>
${draft !== undefined && draft.faults.length > 0 && html`<div class="notice wrong" role="alert">Nothing was sent:<ul>${draft.faults.map((fault) => html`<li>${fault}</li>`)}</ul></div>`}
<form method="post" action="/policy/diff">${form}
<label for="audience">For (“all”, or an access point)</label><input id="audience" name="audience" value="${audience}" required>
<label for="text">Policy</label><textarea id="text" name="text" spellcheck="false" required>${draft?.text ?? JSON.stringify(body, null, '\t')}</textarea>
<button>Show what would change</button>
</form>
<h2>What access points said</h2>
<div class="scroll"><table><thead><tr><th>When (UTC)</th><th>Access point</th><th>Version</th><th>Outcome</th><th>Faults</th></tr></thead>
<tbody>${replies.map(({ ap, version, outcome, message, at }) => html`<tr><td>${timeText(at)}</td><td>${ap}</td><td>${version}</td><td class="${outcome === 'done' || outcome === 'exists' ? 'good' : 'bad'}">${outcome}</td><td>${message}</td></tr>`)}</tbody></table></div>`;
}

/** What would change, before anything is sent. @throws CarrierError `invalid_value` with all faults */
export async function changePage(tx: Queryable, draft: Draft, form: Html): Promise<Html> {
	const changes = await policyChange(tx, draft.audience, draftOf(draft.text));
	if (changes.length === 0)
		return html`<p>Nothing would change.</p><p><a href="/policy?audience=${draft.audience}">Back</a></p>`;
	return html`<p>For “${draft.audience}”. Nothing has been sent yet.</p>
<div class="scroll"><table><thead><tr><th>Where</th><th>Now</th><th>Then</th></tr></thead><tbody>${changes.map(rowOf)}</tbody></table></div>
<form method="post" action="/policy/publish">${form}
<input type="hidden" name="audience" value="${draft.audience}"><input type="hidden" name="text" value="${draft.text}">
<button>Publish</button> <a href="/policy?audience=${draft.audience}">Leave it as it is</a>
</form>`;
}

/** @throws CarrierError `invalid_value` */
export function draftOf(text: string): unknown {
	const read = readJsonText(text, { bytesMax: DOWN_BYTES_MAX });
	if (read.ok) return read.value;
	throw new CarrierError('invalid_value', 'the policy is not JSON', { faults: [read.problem] });
}

function rowOf({ path, before, after }: Change): Html {
	return html`<tr><td><code>${path}</code></td><td class="before"><code>${valueText(before)}</code></td><td class="after"><code>${valueText(after)}</code></td></tr>`;
}

function valueText(value: unknown): string {
	return value === undefined ? '(nothing)' : JSON.stringify(value);
}
