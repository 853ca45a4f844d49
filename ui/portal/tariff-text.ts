import type { TariffModel } from './models.ts';
import type { PageContext } from './page-context.ts';

const MEBIBYTE = 2 ** 20;

/** What use costs, in one line: price, pattern, free part. */
export function tariffText({ t, format }: Pick<PageContext, 't' | 'format'>, tariff: TariffModel): string {
	const { unit, priceMicro, per, free, first, step } = tariff;
	// A price of a mebibyte is not that of a megabyte, in which amounts are shown: its unit stays, so that the price is exact.
	const amount = (units: number) =>
		units % MEBIBYTE === 0 && unit === 'byte' ? `${units / MEBIBYTE} MiB` : format.amount(unit, units);
	const parts = [t('tariff_price', { price: format.price(priceMicro), amount: amount(per) })];
	if (first > 1 || step > 1) parts.push(t('tariff_pattern', { first: amount(first), step: amount(step) }));
	if (free > 0) parts.push(t('tariff_free', { amount: amount(free) }));
	return parts.join(', ');
}
