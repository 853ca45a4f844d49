import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PageContext } from '../page-context.ts';

/** A device that is to share the credit of another one. */
export function joinPage(page: PageContext): string {
	const { t, href, proof } = page;
	const content = html`<h1>${t('pair_join')}</h1>
<form method="post" action="${href('/join')}" class="card">
${proof('/join')}
<label for="pair-code">${t('pair_label')}</label>
<input id="pair-code" name="code" required maxlength="40" inputmode="numeric" autocomplete="off" dir="ltr" class="code">
<button>${t('pair_button')}</button>
</form>`;
	return layout(page, { title: t('pair_join'), content });
}
