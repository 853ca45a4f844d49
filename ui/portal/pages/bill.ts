import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { BillModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { reasonText } from '../reason-text.ts';
import { sessionEnd, sessionTime, sessionUse } from '../session-line.ts';

/** The itemised bill of one session, which can be printed. */
export function billPage(page: PageContext, bill: BillModel): string {
	const { t, format, href } = page;
	const end = sessionEnd(page, bill);
	const rows = bill.lines.map(
		({ reason, of, unit, amount, costMicro, tetheredBytes }) =>
			html`<tr><td>${reasonText(page, reason)}${of !== undefined && html`<br><bdi class="hint">${of}</bdi>`}${tetheredBytes !== undefined && html`<br><span class="hint">${t('tethered_part', { amount: format.bytes(tetheredBytes) })}</span>`}</td><td class="amount">${format.amount(unit, amount)}</td><td class="amount">${format.price(costMicro)}</td></tr>`,
	);
	const { open } = bill;
	const content = html`<h1>${t('bill_title')}</h1>
<p class="line"><strong><bdi>${bill.device}</bdi></strong><span>${sessionUse(page, bill)}</span></p>
<p class="hint">${sessionTime(page, bill)}${end !== undefined && html`<br>${end}`}</p>
<div class="scroll" role="region" tabindex="0" aria-label="${t('bill_title')}"><table>
<thead><tr><th scope="col">${t('receipt_what')}</th><th scope="col" class="amount">${t('receipt_amount')}</th><th scope="col" class="amount">${t('bill_price')}</th></tr></thead>
<tbody>${rows}${open && html`<tr><td>${t('reason_open')}</td><td class="amount">${format.amount(open.unit, open.amount)}</td><td></td></tr>`}</tbody>
<tfoot><tr><th scope="row">${t('bill_total')}</th><td></td><td class="amount">${format.price(bill.totalMicro)}</td></tr></tfoot></table></div>
<p class="hint">${t('bill_prepaid')}</p>
<p class="actions">${page.features.redeem && html`<a class="button" href="${href('/top-up')}">${t('topup_title')}</a> `}<a class="button quiet" href="${href('/receipt')}">${t('receipt_title')}</a></p>`;
	return layout(page, { title: t('bill_title'), content });
}
