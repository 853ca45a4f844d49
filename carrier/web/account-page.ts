import { accountPicture, listAccounts } from '../account/accounts.ts';
import type { Unit } from '../account/transfers.ts';
import type { Queryable } from '../database/database.ts';
import { usageChart } from './chart.ts';
import { amountText, bytesText, timeText } from './format.ts';
import { type Html, html } from './html.ts';

const ROWS_MAX = 100;
const CHART_HOURS = 168;
const HOUR_MS = 3_600_000;
const TRANSFERS_MAX = 30;

/** All accounts, a page of them. */
export async function accountsPage(tx: Queryable, after: string): Promise<Html> {
	const rows = await listAccounts(tx, { after, limit: ROWS_MAX });
	const balances = await tx.query<{ account: string; available: number; slices: number }>(
		`SELECT account, coalesce(sum(amount) FILTER (WHERE book = 'available'), 0) AS available,
			coalesce(sum(amount) FILTER (WHERE book = 'slices'), 0) AS slices
		FROM balance WHERE unit = 'byte' AND account = ANY ($1::text[]) GROUP BY account`,
		[rows.map(({ account }) => account)],
	);
	const byAccount = new Map(balances.map((row) => [row.account, row]));
	const last = rows.at(-1);
	return html`<div class="scroll"><table>
<thead><tr><th>Account</th><th>State</th><th>Pays</th><th class="number">Available</th><th class="number">Out on access points</th></tr></thead>
<tbody>${rows.map(({ account, title, state, pool, credit_out }) => {
		const held = byAccount.get(account);
		return html`<tr><td><a href="/accounts/${account}">${account}</a><br><span class="hint">${title}</span></td>
<td class="${(state === 'blocked' || (credit_out && pool === null)) && 'bad'}">${state === 'blocked' ? 'blocked' : credit_out && pool === null ? 'out of credit' : 'active'}</td>
<td>${pool ?? 'itself'}</td><td class="number">${bytesText(held?.available ?? 0)}</td><td class="number">${bytesText(held?.slices ?? 0)}</td></tr>`;
	})}</tbody>
</table></div>
${rows.length === ROWS_MAX && last !== undefined && html`<p><a href="/accounts?after=${last.account}">More</a></p>`}`;
}

type TransferRow = { at: number; kind: string; unit: Unit; from_book: string; to_book: string; amount: number };

/** One account: balances, a week of usage, its transfers. */
export async function accountPage(tx: Queryable, account: string, now: number): Promise<Html> {
	const { balances, packages, usage, pool, localAt } = await accountPicture(tx, account);
	const hours = await tx.query<{ hour: number; amount: number }>(
		"SELECT hour, amount FROM account_usage WHERE account = $1 AND resident AND unit = 'byte' AND hour > $2",
		[account, now - CHART_HOURS * HOUR_MS],
	);
	const transfers = await tx.query<TransferRow>(
		'SELECT * FROM transfer WHERE account = $1 ORDER BY at DESC, id LIMIT $2',
		[account, TRANSFERS_MAX],
	);
	return html`${localAt.length > 0 && html`<p class="notice wrong">These access points have an account of their own with this name, and spend that one: ${localAt.join(', ')}.</p>`}
<dl class="figures">
${balances.filter(({ book }) => book !== 'issued').map(({ unit, book, amount }) => html`<div><dt>${book}</dt><dd>${amountText(amount, unit)}</dd></div>`)}
${pool !== null && html`<div><dt>paid by</dt><dd><a href="/accounts/${pool}">${pool}</a></dd></div>`}
</dl>
${
	packages.length > 0 &&
	html`<h2>Packages</h2>
<div class="scroll"><table><thead><tr><th>Plan</th><th>Ends (UTC)</th><th class="number">Available</th><th class="number">Bought</th></tr></thead>
<tbody>${packages.map(({ plan, expiresAt, validForSeconds, available, amount }) => html`<tr><td>${plan}</td><td>${expiresAt !== null ? timeText(expiresAt) : validForSeconds === null ? 'never' : 'from the first use'}</td><td class="number">${bytesText(available)}</td><td class="number">${bytesText(amount)}</td></tr>`)}</tbody></table></div>`
}
<h2>Usage</h2>
${usageChart(hours, { now, hours: CHART_HOURS })}
<div class="scroll"><table><thead><tr><th>Class</th><th class="number">In all</th><th class="number">Up</th><th class="number">Down</th></tr></thead>
<tbody>${usage.map((row) => html`<tr><td>${row.class}</td><td class="number">${amountText(row.amount, row.unit)}</td><td class="number">${bytesText(row.upBytes)}</td><td class="number">${bytesText(row.downBytes)}</td></tr>`)}</tbody></table></div>
<h2>Transfers</h2>
<div class="scroll"><table><thead><tr><th>When (UTC)</th><th>What</th><th>From</th><th>To</th><th class="number">Amount</th></tr></thead>
<tbody>${transfers.map(({ at, kind, unit, from_book, to_book, amount }) => html`<tr><td>${timeText(at)}</td><td>${kind}</td><td>${from_book}</td><td>${to_book}</td><td class="number">${amountText(amount, unit)}</td></tr>`)}</tbody></table></div>`;
}
