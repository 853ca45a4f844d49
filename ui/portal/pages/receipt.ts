import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { MovementModel, SessionModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { reasonText } from '../reason-text.ts';
import { sessionTime, sessionUse } from '../session-line.ts';

export type ReceiptModel = {
	readonly account: string;
	readonly sessions: readonly SessionModel[];
	readonly movements: readonly MovementModel[];
};

/** Every session, each with its bill; and every movement of the account's credit. */
export function receiptPage(page: PageContext, { account, sessions, movements }: ReceiptModel): string {
	const { t } = page;
	const content = html`<h1>${t('receipt_title')}</h1>
<p class="lead">${t('receipt_text')}</p>
<p class="hint" dir="ltr">${account}</p>
${sessions.length > 0 && html`<section aria-labelledby="sessions"><h2 id="sessions">${t('receipt_sessions')}</h2><ul class="packages">${sessions.map((one) => sessionItem(page, one))}</ul></section>`}
<section aria-labelledby="movements"><h2 id="movements">${t('receipt_movements')}</h2>${movements.length === 0 ? html`<p>${t('receipt_none')}</p>` : table(page, movements)}</section>`;
	return layout(page, { title: t('receipt_title'), content });
}

function sessionItem(page: PageContext, session: SessionModel): Html {
	const to = `${page.href('/receipt')}?session=${encodeURIComponent(session.session)}`;
	return html`<li><div class="line"><strong><bdi>${session.device}</bdi></strong><span>${sessionUse(page, session)}</span></div>
<div class="line hint"><span>${sessionTime(page, session)}</span><a href="${to}">${page.t('bill_show')}<span class="visually-hidden"> ${sessionTime(page, session)}</span></a></div></li>`;
}

function table(page: PageContext, movements: readonly MovementModel[]): Html {
	const { t, format } = page;
	const rows = movements.map(
		({ wallMs, reason, unit, amount, plan }) =>
			html`<tr><td>${format.moment(wallMs)}</td><td>${reasonText(page, reason)}${plan !== undefined && html`<br><bdi class="hint">${plan}</bdi>`}</td><td class="amount">${format.amount(unit, amount)}</td></tr>`,
	);
	return html`<div class="scroll" role="region" tabindex="0" aria-label="${t('receipt_movements')}"><table>
<thead><tr><th scope="col">${t('receipt_when')}</th><th scope="col">${t('receipt_what')}</th><th scope="col" class="amount">${t('receipt_amount')}</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
