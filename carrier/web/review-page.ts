import type { Queryable } from '../database/database.ts';
import { REVIEW_REASONS, type ReviewReason } from '../review/reasons.ts';
import { listReviews, type Review } from '../review/reviews.ts';
import { timeText } from './format.ts';
import { type Html, html } from './html.ts';

const ROWS_MAX = 100;

/** What access points said that was not booked: a person looks at each entry and settles it. */
export async function reviewPage(tx: Queryable, after: string, form: Html): Promise<Html> {
	const from = /^\d{1,15}$/.test(after) ? Number(after) : 0;
	const rows = await listReviews(tx, { after: from, limit: ROWS_MAX, isSettled: false });
	const last = rows.at(-1);
	if (last === undefined) return html`<p>Nothing waits for a person.</p>`;
	return html`<div class="scroll"><table>
<thead><tr><th>Access point</th><th>Why</th><th>Account</th><th class="number">Records</th><th class="number">Amount</th><th>Last (UTC)</th><th>The first of them</th><th></th></tr></thead>
<tbody>${rows.map((row) => rowOf(row, form))}</tbody>
</table></div>
${rows.length === ROWS_MAX && html`<p><a href="/reviews?after=${last.id}">More</a></p>`}`;
}

function rowOf({ id, ap, reason, account, slice, records, amount, lastAt, sample }: Review, form: Html): Html {
	return html`<tr><td><strong>${ap}</strong></td><td>${reason}<br><span class="hint">${REVIEW_REASONS[reason as ReviewReason]}</span></td>
<td>${account}<br><span class="hint">${slice}</span></td><td class="number">${records}</td><td class="number">${amount}</td><td>${timeText(lastAt)}</td>
<td><code>${sample}</code></td><td><form method="post" action="/reviews/settle">${form}<input type="hidden" name="id" value="${id}"><button>Settle</button></form></td></tr>`;
}
