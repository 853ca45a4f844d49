import { type Html, html } from './html.ts';
import type { WalletModel } from './models.ts';
import type { PageContext } from './page-context.ts';
import { tariffText } from './tariff-text.ts';

/** Money: how much, by what it is spent, and for how much it is enough. */
export function walletSection(page: PageContext, { amount, tariff, enough }: WalletModel): Html {
	const { t, format } = page;
	return html`<section aria-labelledby="wallet"><h2 id="wallet">${t('wallet_title')}</h2><div class="card"><p class="line"><strong data-live="wallet">${format.money(amount)}</strong>${enough && html`<span>${t('wallet_enough', { amount: format.amount(enough.unit, enough.amount) })}</span>`}</p>
${tariff && html`<p class="hint"><bdi>${tariff.name}</bdi>: ${tariffText(page, tariff)}</p>`}</div></section>`;
}
