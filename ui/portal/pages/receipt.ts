import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { MessageKey } from '../messages/message.ts';
import type { MovementModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

/** Every movement of the account's credit. */
export function receiptPage(
	page: PageContext,
	{ account, movements }: { readonly account: string; readonly movements: readonly MovementModel[] },
): string {
	const { t, format } = page;
	const rows = movements.map(
		({ wallMs, reason, unit, amount, plan }) =>
			html`<tr><td>${format.moment(wallMs)}</td><td>${reasonText(page, reason)}${plan !== undefined && html`<br><bdi class="hint">${plan}</bdi>`}</td><td class="amount">${format.amount(unit, amount)}</td></tr>`,
	);
	const content = html`<h1>${t('receipt_title')}</h1>
<p class="lead">${t('receipt_text')}</p>
<p class="hint" dir="ltr">${account}</p>
${
	rows.length === 0
		? html`<p>${t('receipt_none')}</p>`
		: html`<div class="scroll" role="region" tabindex="0" aria-label="${t('receipt_title')}"><table>
<thead><tr><th scope="col">${t('receipt_when')}</th><th scope="col">${t('receipt_what')}</th><th scope="col" class="amount">${t('receipt_amount')}</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}`;
	return layout(page, { title: t('receipt_title'), content });
}

const REASON_KEYS: Readonly<Record<string, MessageKey>> = {
	open: 'reason_open',
	topup: 'reason_topup',
	used: 'reason_used',
	included: 'reason_included',
	throttled: 'reason_throttled',
	overrun: 'reason_overrun',
	expired: 'reason_expired',
	lost_customer: 'reason_lost_customer',
	lost_venue: 'reason_lost_venue',
};

/** The ledger's reason in the customer's language. */
export function reasonText({ t }: Pick<PageContext, 't'>, reason: string): string {
	return t(REASON_KEYS[reason] ?? 'reason_other');
}
