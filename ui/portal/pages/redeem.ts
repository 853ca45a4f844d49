import { codeForm } from '../code-form.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PageContext } from '../page-context.ts';

/** Only the code: where a printed QR code leads, and where a wrong code comes back to. */
export function redeemPage(page: PageContext, { code }: { readonly code?: string }): string {
	const { t } = page;
	return layout(page, {
		title: t('redeem_title'),
		content: html`<h1>${t('redeem_title')}</h1>${codeForm(page, code)}`,
	});
}
