import { MEBIBYTE, MEGABYTE, MINUTE } from '../policy/tariff.ts';
import type { NamedTariff } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { TARIFF_OPTIONS, TARIFFS_MAX } from './plan-options.ts';
import { readEntries } from './read-entries.ts';

const PRICES = [
	{ name: 'microPerMegabyte', unit: 'byte', per: MEGABYTE },
	{ name: 'microPerMebibyte', unit: 'byte', per: MEBIBYTE },
	{ name: 'microPerMinute', unit: 'second', per: MINUTE },
] as const;

/** The list of tariffs. */
export function readTariffs(input: unknown, problems: ConfigProblems): readonly NamedTariff[] {
	const list = {
		path: 'tariffs',
		what: 'tariff',
		example: '"microPerMegabyte": …',
		countMax: TARIFFS_MAX,
		options: TARIFF_OPTIONS,
	};
	return readEntries(input, problems, list, (path, entry, values) => {
		const prices = PRICES.filter(({ name }) => entry[name] !== undefined);
		const [price = PRICES[0]] = prices;
		if (prices.length !== 1) {
			const names = (prices.length === 0 ? PRICES : prices).map(({ name }) => `"${name}"`);
			const has = prices.length === 0 ? 'none' : prices.length === 2 ? 'both' : 'all';
			problems.add(path, `has ${has} of ${names.join(' and ')}`, 'give exactly one price');
		}
		const number = (name: string) => values.get(name) as number;
		return {
			name: values.get('name') as string,
			unit: price.unit,
			priceMicro: number(price.name),
			per: price.per,
			free: number('free'),
			first: number('first'),
			step: number('step'),
		};
	});
}
