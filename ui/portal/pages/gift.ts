import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PageContext } from '../page-context.ts';

/** Gives a part of one's bytes away, as a code. `code` is there exactly once: after it was made. */
export function giftPage(
	page: PageContext,
	{ availableBytes, code }: { readonly availableBytes: number; readonly code?: string },
): string {
	const { t, format, href, proof } = page;
	const content = html`<h1>${t('gift_title')}</h1>
<p class="lead">${t('gift_text')}</p>
${
	code !== undefined &&
	html`<section class="card" aria-labelledby="made"><h2 id="made">${t('gift_done')}</h2><p class="big code" dir="ltr">${code}</p><p>${t('gift_keep')}</p></section>`
}
<form method="post" action="${href('/gift')}" class="card">
${proof('/gift')}
<label for="megabytes">${t('gift_amount')}</label>
<input id="megabytes" name="megabytes" type="number" inputmode="numeric" min="1" max="${Math.max(1, Math.floor(availableBytes / 1e6))}" step="1" required aria-describedby="available">
<p id="available" class="hint">${t('left_title')}: ${format.bytes(availableBytes)}</p>
<button>${t('gift_button')}</button>
</form>`;
	return layout(page, { title: t('gift_title'), content });
}
