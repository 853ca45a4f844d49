import { type Html, html } from './html.ts';
import type { PageContext } from './page-context.ts';

/** The field for a code, filled in when the code came with a link (`?code=`, from a printed QR code). */
export function codeForm(page: PageContext, code = ''): Html {
	const { t, href, proof, notice } = page;
	const isRefused = notice?.kind === 'bad';
	return html`<form method="post" action="${href('/redeem')}" class="card">
${proof('/redeem')}
<label for="code">${t('redeem_label')}</label>
<input id="code" name="code" value="${code}" required maxlength="512" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="code-hint${isRefused && ' notice'}"${isRefused && html` aria-invalid="true"`} class="code">
<p id="code-hint" class="hint">${t('redeem_hint')}</p>
<button>${t('redeem_button')}</button>
</form>`;
}
