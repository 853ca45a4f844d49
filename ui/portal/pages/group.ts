import { amountFields } from '../amount-fields.ts';
import { allowanceText, groupSummary } from '../group-summary.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { AmountModel, GroupModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

export type GroupPageModel = {
	readonly groups: readonly GroupModel[];
	/** What this customer could let a member take. */
	readonly available: readonly AmountModel[];
	/** A permission that was just made: it is shown once. */
	readonly code?: string;
};

/** Credit that is shared: what is left, who may have how much, and giving to each other by permission. */
export function groupPage(page: PageContext, { groups, available, code }: GroupPageModel): string {
	const { t } = page;
	const isMember = groups.some(({ members }) => members.length === 0);
	const content = html`<h1>${t('group_title')}</h1>
${groups.map((group) => html`<section class="card">${groupSummary(page, group)}</section>`)}
${groups.map((group) => group.members.length > 0 && members(page, group))}
${isMember && shareForm(page, available, code)}
${isMember && takeForm(page)}`;
	return layout(page, { title: t('group_title'), content });
}

function members(page: PageContext, { group, members, hidden = 0 }: GroupModel): Html {
	const { t, href, proof } = page;
	const heading = `members-${group}`;
	return html`<section aria-labelledby="${heading}"><h2 id="${heading}">${t('group_members')}</h2><ul class="devices">${members.map(
		({ account, allowances }) => html`<li class="card"><p class="line"><strong><bdi>${account}</bdi></strong></p>
${allowances.map((one) => html`<p class="hint">${allowanceText(page, one)}</p>`)}
<form method="post" action="${href('/group/allow')}" class="row">${proof('/group/allow')}<input type="hidden" name="member" value="${account}">
<label for="allow-${account}">${t('group_allow_label')}</label>
<input id="allow-${account}" name="megabytes" maxlength="16" inputmode="numeric" autocomplete="off" dir="ltr" value="${megabytesOf(allowances)}">
<button class="quiet">${t('alerts_button')}</button></form></li>`,
	)}</ul>${hidden > 0 && html`<p class="hint">${t('group_hidden', { count: hidden })}</p>`}</section>`;
}

function megabytesOf(allowances: GroupModel['mine']): string {
	const bytes = allowances.find(({ unit }) => unit === 'byte')?.allowance;
	return bytes === undefined ? '' : String(Math.floor(bytes / 1e6));
}

function shareForm(page: PageContext, available: readonly AmountModel[], code: string | undefined): Html {
	const { t, format, href, proof } = page;
	const left = available.map(({ unit, amount }) => format.amount(unit, amount)).join(' · ');
	return html`<section aria-labelledby="share"><h2 id="share">${t('permit_title')}</h2><p>${t('permit_text')}</p>
${code !== undefined && html`<div class="card"><p>${t('permit_done')}</p><p class="big code" dir="ltr">${code}</p><p>${t('gift_keep')}</p></div>`}
${
	available.length > 0 &&
	html`<form method="post" action="${href('/group/permit')}" class="card">${proof('/group/permit')}
${amountFields(
	page,
	available.map(({ unit }) => unit),
	'share',
)}
<p class="hint">${t('left_title')}: ${left}</p>
<button>${t('permit_button')}</button></form>`
}</section>`;
}

function takeForm({ t, href, proof }: PageContext): Html {
	return html`<section aria-labelledby="take"><h2 id="take">${t('take_title')}</h2><form method="post" action="${href('/group/take')}" class="card">${proof('/group/take')}
<label for="take-code">${t('take_label')}</label>
<input id="take-code" name="code" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" dir="ltr" class="code">
<button>${t('take_button')}</button></form></section>`;
}
