import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PageContext } from '../page-context.ts';

/** At how many percent of its credit a customer wants to be told; 0: never. */
export function alertsPage(page: PageContext, { percent }: { readonly percent: number }): string {
	const { t, href, proof } = page;
	const content = html`<h1>${t('alerts_title')}</h1>
<p class="lead">${t('alerts_text')}</p>
<form method="post" action="${href('/alerts')}" class="card">
${proof('/alerts')}
<label for="percent">${t('alerts_label')}</label>
<input id="percent" name="percent" type="number" inputmode="numeric" min="0" max="90" step="1" value="${percent}" required>
<button>${t('alerts_button')}</button>
</form>`;
	return layout(page, { title: t('alerts_title'), content });
}
