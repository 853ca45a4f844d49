import { amountFields } from '../amount-fields.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import type { AmountModel, GiftModel } from '../models.ts';
import type { PageContext } from '../page-context.ts';

/** `code` is there exactly once: after it was made. `waiting`: what nobody has claimed yet. */
export type GiftPageModel = {
	readonly available: readonly AmountModel[];
	readonly waiting: readonly GiftModel[];
	readonly code?: string;
};

/** Gives a part of one's credit away, as a code. */
export function giftPage(page: PageContext, { available, waiting, code }: GiftPageModel): string {
	const { t, format, href, proof } = page;
	const left = available.map(({ unit, amount }) => format.amount(unit, amount)).join(' · ');
	const content = html`<h1>${t('gift_title')}</h1>
<p class="lead">${t('gift_text')}</p>
${
	code !== undefined &&
	html`<section class="card" aria-labelledby="made"><h2 id="made">${t('gift_done')}</h2><p class="big code" dir="ltr">${code}</p><p>${t('gift_keep')}</p></section>`
}
${
	available.length === 0
		? html`<p>${t('gift_nothing')}</p>`
		: html`<form method="post" action="${href('/gift')}" class="card">
${proof('/gift')}
${amountFields(
	page,
	available.map(({ unit }) => unit),
	'gift',
)}
<p class="hint">${t('left_title')}: ${left}</p>
<button>${t('gift_button')}</button>
</form>`
}
${waiting.length > 0 && html`<section aria-labelledby="waiting"><h2 id="waiting">${t('gift_waiting')}</h2><ul class="packages">${waiting.map((gift) => offered(page, gift))}</ul></section>`}`;
	return layout(page, { title: t('gift_title'), content });
}

function offered(
	{ t, format, href, proof }: PageContext,
	{ id, unit, amount, untilWallMs, leftSeconds }: GiftModel,
): Html {
	const until = untilWallMs !== undefined && t('expires', { moment: format.moment(untilWallMs) });
	const ends = leftSeconds === undefined ? until : t('valid_for', { time: format.duration(leftSeconds) });
	return html`<li><div class="line"><strong>${format.amount(unit, amount)}</strong>${ends && html`<span class="hint">${ends}</span>`}</div>
<form method="post" action="${href('/gift/back')}">${proof('/gift/back')}<input type="hidden" name="gift" value="${id}"><button class="quiet">${t('gift_back')}</button></form></li>`;
}
