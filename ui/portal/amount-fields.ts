import { type Html, html } from './html.ts';
import type { MessageKey } from './messages/message.ts';
import type { PageContext } from './page-context.ts';

const NAMES = { byte: 'unit_byte', second: 'unit_second', micro: 'unit_micro' } as const satisfies Record<
	string,
	MessageKey
>;

type Known = keyof typeof NAMES;

function knownOf(units: readonly string[]): Known[] {
	return units.filter((unit): unit is Known => Object.hasOwn(NAMES, unit));
}

/** `Data (MB)`. */
export function unitName({ t }: PageContext, unit: string): string {
	return Object.hasOwn(NAMES, unit) ? t(NAMES[unit as Known]) : unit;
}

/** Which of several units; where there is one, nothing is asked. */
export function unitField({ t }: PageContext, units: readonly string[], idPrefix: string): Html {
	const known = knownOf(units);
	if (known.length === 1) return html`<input type="hidden" name="unit" value="${known[0]}">`;
	return html`<label for="${idPrefix}-unit">${t('amount_unit')}</label>
<select id="${idPrefix}-unit" name="unit">${known.map((unit) => html`<option value="${unit}">${t(NAMES[unit])}</option>`)}</select>`;
}

/** A unit and an amount of it, as the server reads them: megabytes, minutes, money. */
export function amountFields(page: PageContext, units: readonly string[], idPrefix: string): Html {
	const { t } = page;
	const [first, second] = knownOf(units);
	const isOne = first !== undefined && second === undefined;
	const label = isOne ? `${t('amount_label')}: ${t(NAMES[first])}` : t('amount_label');
	return html`${unitField(page, units, idPrefix)}
<label for="${idPrefix}-amount">${label}</label>
<input id="${idPrefix}-amount" name="amount" required maxlength="16" inputmode="decimal" autocomplete="off" dir="ltr">`;
}
