import { MEBIBYTE, MINUTE } from '../policy/tariff.ts';
import type { NamedTariff } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { TARIFF_OPTIONS, TARIFFS_MAX } from './plan-options.ts';
import { readEntries } from './read-entries.ts';

/** The list of tariffs. */
export function readTariffs(input: unknown, problems: ConfigProblems): readonly NamedTariff[] {
	const list = {
		path: 'tariffs',
		what: 'tariff',
		example: '"microPerMebibyte": …',
		countMax: TARIFFS_MAX,
		options: TARIFF_OPTIONS,
	};
	return readEntries(input, problems, list, (path, entry, values) => {
		const prices = ['microPerMebibyte', 'microPerMinute'].filter((key) => entry[key] !== undefined);
		if (prices.length !== 1) {
			const has = prices.length === 0 ? 'neither "microPerMebibyte" nor' : 'both "microPerMebibyte" and';
			problems.add(path, `has ${has} "microPerMinute"`, 'give exactly one of the two');
		}
		const number = (name: string) => values.get(name) as number;
		const isByTime = values.get('microPerMinute') !== undefined;
		return {
			name: values.get('name') as string,
			unit: isByTime ? 'second' : 'byte',
			priceMicro: number(isByTime ? 'microPerMinute' : 'microPerMebibyte'),
			per: isByTime ? MINUTE : MEBIBYTE,
			free: number('free'),
			first: number('first'),
			step: number('step'),
		};
	});
}
