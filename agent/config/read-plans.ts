import type { Bytes, Seconds, Unit } from '../core/units.ts';
import type { NamedTariff, Plan } from './config.ts';
import { ConfigProblems } from './config-problems.ts';
import { PLAN_OPTIONS, PLANS_MAX } from './plan-options.ts';
import { readEntries } from './read-entries.ts';
import { type OptionValues, readOptions } from './read-options.ts';
import { checkClasses, classRuleOf, PLAN_PATHS } from './tethered-options.ts';

const AMOUNTS = { bytes: 'byte', seconds: 'second', micro: 'micro' } as const satisfies Record<string, Unit>;

/** The list of plans; each problem is reported with the plan's place, counted from 0 as in JSON. */
export function readPlans(input: unknown, problems: ConfigProblems, tariffs: readonly NamedTariff[]): readonly Plan[] {
	const list = { path: 'plans', what: 'plan', example: '"bytes": …', countMax: PLANS_MAX, options: PLAN_OPTIONS };
	return readEntries(input, problems, list, (path, entry, values) =>
		checkedPlan(path, entry, values, { problems, tariffs }),
	);
}

/**
 * One plan by itself, as it would stand in `plans`.
 *
 * @throws OctroiError `invalid_value` that lists every problem with its path and its fix
 */
export function readPlan(entry: Readonly<Record<string, unknown>>, tariffs: readonly NamedTariff[]): Plan {
	const problems = new ConfigProblems();
	const values = readOptions(entry, PLAN_OPTIONS, problems, { prefix: 'plan.' });
	const plan = checkedPlan('plan', entry, values, { problems, tariffs });
	if (problems.count > 0) throw problems.toError('the plan', 'invalid_value');
	return plan;
}

function checkedPlan(
	path: string,
	entry: Readonly<Record<string, unknown>>,
	values: OptionValues,
	{ problems, tariffs }: { problems: ConfigProblems; tariffs: readonly NamedTariff[] },
): Plan {
	checkAmount(path, entry, values, problems);
	checkEnd(path, entry, values, problems);
	checkValidity(path, values, problems);
	checkClasses(values, problems, PLAN_PATHS, `${path}.`);
	const wanted = values.get('tariff');
	const tariff = tariffs.find(({ name }) => name === wanted);
	if (wanted !== undefined && tariff === undefined && entry.micro !== undefined) {
		problems.add(`${path}.tariff`, `"${wanted}" is not a tariff`, 'name one of `tariffs`');
	}
	return planOf(values, tariff);
}

type Check = (
	path: string,
	entry: Readonly<Record<string, unknown>>,
	values: OptionValues,
	problems: ConfigProblems,
) => void;

const checkAmount: Check = (path, entry, values, problems) => {
	const amounts = Object.keys(AMOUNTS).filter((key) => entry[key] !== undefined);
	if (amounts.length !== 1) {
		const what =
			amounts.length === 0
				? 'has none of "bytes", "seconds" and "micro"'
				: `has ${amounts.map((name) => `"${name}"`).join(' and ')}`;
		problems.add(path, what, 'give exactly one of the three');
	}
	if (values.get('micro') !== undefined && entry.tariff === undefined) {
		problems.add(`${path}.tariff`, 'is missing although "micro" is given', 'name one of `tariffs`');
	}
	if (values.get('micro') !== undefined && entry.priceMicro !== undefined) {
		problems.add(`${path}.priceMicro`, 'would sell money for money', 'remove it');
	}
	if (entry.micro === undefined && entry.tariff !== undefined) {
		problems.add(`${path}.tariff`, 'has no effect without "micro"', 'remove it, or give an amount of money');
	}
};

const checkEnd: Check = (path, entry, values, problems) => {
	const rate = entry.throttleBitsPerSecond;
	if (values.get('atEnd') === 'throttle' && rate === undefined) {
		problems.add(
			`${path}.throttleBitsPerSecond`,
			'is missing although "atEnd" is "throttle"',
			'add the rate in bits per second, or write "atEnd": "block"',
		);
	}
	if (values.get('atEnd') === 'block' && rate !== undefined) {
		problems.add(
			`${path}.throttleBitsPerSecond`,
			'has no effect while "atEnd" is "block"',
			'remove it, or write "atEnd": "throttle"',
		);
	}
	const graces = ['graceBytes', 'graceSeconds'].filter((key) => entry[key] !== undefined);
	if (graces.length > 1) problems.add(path, 'has both "graceBytes" and "graceSeconds"', 'give at most one of the two');
	if (graces.length > 0 && values.get('atEnd') === 'throttle') {
		problems.add(
			`${path}.${graces[0]}`,
			'has no effect while "atEnd" is "throttle"',
			'remove it, or write "atEnd": "block"',
		);
	}
};

function checkValidity(path: string, values: OptionValues, problems: ConfigProblems): void {
	const wanting = [
		...(values.get('renews') === true ? ['renews'] : []),
		...(values.get('addOn') === true ? ['addOn'] : []),
		...(values.get('validFrom') === 'first-use' ? ['validFrom'] : []),
	];
	if (wanting.length > 0 && values.get('validForSeconds') === undefined) {
		problems.add(
			`${path}.validForSeconds`,
			`is missing although "${wanting[0]}" needs it`,
			'say for how long it is valid',
		);
	}
	if (wanting.length > 1) {
		problems.add(path, `has ${wanting.map((name) => `"${name}"`).join(' and ')}`, 'these exclude each other');
	}
}

/** Only used when there were no problems, so every value that must be there is there. */
function planOf(values: OptionValues, tariff: NamedTariff | undefined): Plan {
	const number = (path: string) => values.get(path) as number | undefined;
	const [key, unit] = Object.entries(AMOUNTS).find(([path]) => values.get(path) !== undefined) ?? ['bytes', 'byte'];
	const rate = (path: string) => {
		const bits = number(path);
		return bits === undefined ? undefined : (Math.floor(bits / 8) as Bytes);
	};
	const up = rate('upBitsPerSecond');
	const down = rate('downBitsPerSecond');
	const throttle = rate('throttleBitsPerSecond');
	const graceBytes = number('graceBytes');
	const graceSeconds = number('graceSeconds');
	const own = classRuleOf(values, PLAN_PATHS.own);
	const tethered = classRuleOf(values, PLAN_PATHS.tethered);
	const priceMicro = number('priceMicro');
	const stationsMax = number('stations');
	const validForSeconds = number('validForSeconds') as Seconds | undefined;
	return {
		name: values.get('name') as string,
		title: values.get('title') as string,
		unit: unit as Unit,
		amount: number(key) as number,
		atEnd: values.get('atEnd') as Plan['atEnd'],
		...(priceMicro === undefined ? {} : { priceMicro }),
		...(validForSeconds === undefined ? {} : { validForSeconds }),
		...(values.get('validFrom') === 'first-use' ? { validFrom: 'first_use' as const } : {}),
		...(values.get('renews') === true ? { renews: true as const } : {}),
		...(values.get('addOn') === true ? { addOn: true as const } : {}),
		...(stationsMax === undefined ? {} : { stationsMax }),
		...(up === undefined && down === undefined
			? {}
			: {
					pace: {
						...(up === undefined ? {} : { upBytesPerSecond: up }),
						...(down === undefined ? {} : { downBytesPerSecond: down }),
					},
				}),
		...(graceBytes === undefined ? {} : { grace: { unit: 'byte' as const, amount: graceBytes } }),
		...(graceSeconds === undefined ? {} : { grace: { unit: 'second' as const, amount: graceSeconds } }),
		...(own === undefined ? {} : { own }),
		...(tethered === undefined ? {} : { tethered }),
		...(tariff === undefined ? {} : { tariff }),
		...(throttle === undefined ? {} : { throttleBytesPerSecond: throttle }),
	};
}
