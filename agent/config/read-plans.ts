import type { Bytes, Seconds } from '../core/units.ts';
import { quoteValue } from '../core/value-rule.ts';
import type { Plan } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { PLAN_OPTIONS, PLANS_MAX } from './options.ts';
import { isRecord, type OptionValues, readOptions } from './read-options.ts';

/** The list of plans; each problem is reported with the plan's place, counted from 0 as in JSON. */
export function readPlans(input: unknown, problems: ConfigProblems): readonly Plan[] {
	if (input === undefined) {
		return [];
	}
	if (!Array.isArray(input)) {
		problems.add(
			'plans',
			`${quoteValue(input)} is not a list`,
			'write a list of plans: [ { "name": …, "title": …, … } ]',
		);
		return [];
	}
	if (input.length > PLANS_MAX) {
		problems.add('plans', `has ${input.length} entries`, `keep at most ${PLANS_MAX}`);
		return [];
	}
	const plans: Plan[] = [];
	const places = new Map<unknown, number>();
	for (const [index, entry] of input.entries()) {
		const path = `plans[${index}]`;
		if (!isRecord(entry)) {
			problems.add(path, `${quoteValue(entry)} is not a plan`, 'write { "name": …, "title": …, "bytes": … }');
			continue;
		}
		const values = readOptions(entry, PLAN_OPTIONS, problems, { prefix: `${path}.` });
		checkPlan(path, entry, values, problems);
		const name = values.get('name');
		const earlier = places.get(name);
		if (name !== undefined && earlier !== undefined) {
			problems.add(`${path}.name`, `"${name}" is already the name of plans[${earlier}]`, 'give each plan its own name');
		}
		places.set(name, index);
		plans.push(planOf(values));
	}
	return plans;
}

function checkPlan(path: string, entry: Record<string, unknown>, values: OptionValues, problems: ConfigProblems): void {
	const amounts = ['bytes', 'seconds'].filter((key) => entry[key] !== undefined);
	if (amounts.length !== 1) {
		const what = amounts.length === 0 ? 'has neither "bytes" nor "seconds"' : 'has both "bytes" and "seconds"';
		problems.add(path, what, 'give exactly one of the two');
	}
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
}

/** Only used when there were no problems, so every value that must be there is there. */
function planOf(values: OptionValues): Plan {
	const bytes = values.get('bytes') as number | undefined;
	const validForSeconds = values.get('validForSeconds') as Seconds | undefined;
	const bitsPerSecond = values.get('throttleBitsPerSecond') as number | undefined;
	return {
		name: values.get('name') as string,
		title: values.get('title') as string,
		unit: bytes === undefined ? 'second' : 'byte',
		amount: bytes ?? (values.get('seconds') as number),
		atEnd: values.get('atEnd') as Plan['atEnd'],
		...(validForSeconds === undefined ? {} : { validForSeconds }),
		...(bitsPerSecond === undefined ? {} : { throttleBytesPerSecond: Math.floor(bitsPerSecond / 8) as Bytes }),
	};
}
