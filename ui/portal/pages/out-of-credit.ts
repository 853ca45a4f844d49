import { codeForm } from '../code-form.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { MessageKey } from '../messages/message.ts';
import type { EndModel, FreePlanModel, PlanModel, WalletModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';
import { planList } from '../plan-list.ts';
import { walletSection } from '../wallet-section.ts';

export type OutOfCreditModel = {
	readonly end: EndModel;
	readonly account: string;
	readonly free?: FreePlanModel;
	readonly wallet?: WalletModel;
	readonly plans?: readonly PlanModel[];
};

const TITLES: Readonly<Partial<Record<EndModel['cause'], MessageKey>>> = {
	blocked: 'out_title_blocked',
	rest: 'out_title_rest',
	part: 'out_title_part',
	unbooked: 'out_title_unbooked',
};

/** A session that has stopped: what happened, and what now. Never silence. */
export function outOfCreditPage(
	page: PageContext,
	{ end, account, free, wallet, plans = [] }: OutOfCreditModel,
): string {
	const { t, href, features, proof } = page;
	const isBlocked = end.cause === 'blocked';
	const title = t(TITLES[end.cause] ?? 'out_title');
	const content = html`<section class="now" data-state="blocked" data-source="${href('/api/status')}" data-events="${href('/api/events')}">
<p class="state blocked"><span class="dot" aria-hidden="true"></span>${t('state_blocked')}</p>
<h1>${title}</h1>
</section>
<section aria-labelledby="what"><h2 id="what">${t('out_what')}</h2><p>${whatHappened(page, end)}</p></section>
${
	!isBlocked &&
	end.cause !== 'unbooked' &&
	html`<section aria-labelledby="next"><h2 id="next">${t('out_now')}</h2><p>${t('out_now_text')}</p>
${features.redeem ? codeForm(page) : html`<p>${t('topup_ask', { account })}</p>`}
${wallet && html`${walletSection(page, wallet)}${planList(page, plans, wallet.amount)}`}
${free && !free.isTaken && html`<form method="post" action="${href('/free')}">${proof('/free')}<button class="quiet">${t('free_take', { plan: free.plan.title })}</button></form>`}</section>`
}`;
	return layout(page, { title, content, isLive: true });
}

function whatHappened({ t, format }: PageContext, { cause, plan = '', unit = 'byte', amount = 0 }: EndModel): string {
	if (cause === 'blocked') return t('out_blocked');
	if (cause === 'nothing') return t('out_nothing');
	if (cause === 'allowance') return t('out_allowance', { amount: format.amount(unit, amount) });
	if (cause === 'part') return t('out_part');
	if (cause === 'unbooked') return t('out_unbooked');
	if (cause === 'rest') return t('out_rest', { amount: format.amount(unit, amount) });
	return t(cause === 'used' ? 'out_used' : 'out_expired', { plan, amount: format.amount(unit, amount) });
}
