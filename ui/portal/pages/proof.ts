import { html } from '../html.ts';
import { layout } from '../layout.ts';
import type { PageContext } from '../page-context.ts';

/** `fields`: what the form was sent with, its token included. `canProve`: false where the account has no code. */
export type ProofPageModel = {
	readonly action: string;
	readonly fields: readonly (readonly [name: string, value: string])[];
	readonly canProve: boolean;
};

/** The same form once more, with a field for the code of the account that it changes. */
export function proofPage(page: PageContext, { action, fields, canProve }: ProofPageModel): string {
	const { t, href, notice } = page;
	const isWrong = notice?.kind === 'bad';
	const content = html`<h1>${t('proof_title')}</h1>
${
	canProve &&
	html`<p class="lead">${t('proof_text')}</p>
<form method="post" action="${href(action)}" class="card">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label for="proof">${t('proof_label')}</label>
<input id="proof" name="proof" required maxlength="512" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="proof-hint${isWrong && ' notice'}"${isWrong && html` aria-invalid="true"`} class="code">
<p id="proof-hint" class="hint">${t('proof_hint')}</p>
<button>${t('proof_button')}</button>
</form>`
}
<p><a href="${href('/')}">${t('home')}</a></p>`;
	return layout(page, { title: t('proof_title'), content });
}
