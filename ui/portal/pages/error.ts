import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { MessageKey } from '../messages/message.ts';
import type { PageContext } from '../page-context.ts';

/** What happened, and the way back. */
export function errorPage(page: PageContext, { message }: { readonly message: MessageKey }): string {
	const { t, href } = page;
	const content = html`<h1>${t('error_title')}</h1>
<p class="lead" role="alert">${t(message)}</p>
<p class="actions"><a class="button" href="${href('/')}">${t('retry')}</a></p>`;
	return layout(page, { title: t('error_title'), content });
}
