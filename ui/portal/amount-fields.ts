import { type Html, html } from './html.ts';
import type { MessageKey } from './messages/message.ts';
import type { PageContext } from './page-context.ts';

const NAMES = { byte: 'unit_byte', second: 'unit_second', micro: 'unit_micro' } as const satisfies Record<
	string,
	MessageKey
>;

/** A unit and an amount of it, as {@link readAmount} of the server reads them: megabytes, minutes, money. */
export function amountFields({ t }: PageContext, units: readonly string[], idPrefix: string): Html {
	const [only] = units;
	const known = units.filter((unit): unit is keyof typeof NAMES => Object.hasOwn(NAMES, unit));
	const unitField =
		units.length === 1
			? html`<input type="hidden" name="unit" value="${only}">`
			: html`<label for="${idPrefix}-unit">${t('amount_unit')}</label>
<select id="${idPrefix}-unit" name="unit">${known.map((unit) => html`<option value="${unit}">${t(NAMES[unit])}</option>`)}</select>`;
	const label =
		known.length === 1 && known[0] !== undefined ? `${t('amount_label')}: ${t(NAMES[known[0]])}` : t('amount_label');
	return html`${unitField}
<label for="${idPrefix}-amount">${label}</label>
<input id="${idPrefix}-amount" name="amount" required maxlength="16" inputmode="decimal" autocomplete="off" dir="ltr">`;
}
