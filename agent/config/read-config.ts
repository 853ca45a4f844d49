import { OctroiError } from '../core/octroi-error.ts';
import { checkConfig } from './check-config.ts';
import type { Config } from './config.ts';
import { ConfigProblems } from './config-problems.ts';
import { migrateConfig } from './migrate-config.ts';
import { CONFIG_BYTES_MAX, CONFIG_OPTIONS } from './options.ts';
import { parseConfigText } from './parse-config-text.ts';
import { isRecord, type OptionValues, readOptions } from './read-options.ts';
import { readPlans } from './read-plans.ts';
import { readTariffs } from './read-tariffs.ts';
import { type ClassRule, classRuleOf, VENUE_PATHS } from './tethered-options.ts';

/**
 * The configuration from the text of its file. `source` names the file in messages.
 *
 * @throws OctroiError `config_invalid` that lists every problem with its path and its fix
 */
export function readConfig(text: string, source: string): Config {
	if (Buffer.byteLength(text) > CONFIG_BYTES_MAX) {
		throw new OctroiError('config_invalid', `${source} is larger than ${CONFIG_BYTES_MAX} bytes`, {
			fix: 'name the configuration file, not another one',
		});
	}
	const content = parseConfigText(text, source);
	if (!isRecord(content)) {
		throw new OctroiError('config_invalid', `${source} does not hold a JSON object`, {
			fix: 'start from docs/example-config.json',
		});
	}
	const problems = new ConfigProblems();
	const current = migrateConfig(content);
	const values = readOptions(current, CONFIG_OPTIONS, problems, { others: ['plans', 'tariffs'] });
	const tariffs = readTariffs(current.tariffs, problems);
	const plans = readPlans(current.plans, problems, tariffs);
	checkConfig(values, problems);
	checkFreePlan(values.get('portal.freePlan'), plans, problems);
	if (problems.count > 0) {
		throw problems.toError(source);
	}
	return configOf(values, { plans, tariffs });
}

function checkFreePlan(name: unknown, plans: Config['plans'], problems: ConfigProblems): void {
	if (name === undefined || plans.some((plan) => plan.name === name)) return;
	problems.add('portal.freePlan', `there is no plan ${String(name)}`, 'name one of the plans, or remove it');
}

/** Every value has been read by its rule, whose type is the one that stands in {@link Config}. */
function configOf(values: OptionValues, lists: Pick<Config, 'plans' | 'tariffs'>): Config {
	const config: Record<string, unknown> = {};
	for (const [path, value] of values) {
		const [section, key] = path.split('.') as [string, string?];
		if (key === undefined) {
			config[section] = value;
		} else {
			config[section] = { ...(config[section] as object | undefined), [key]: value };
		}
	}
	const { detect, flowsPerSecond, queue } = config.tethered as Config['tethered'];
	const rule = classRuleOf(values, VENUE_PATHS.tethered) as ClassRule;
	const own = classRuleOf(values, VENUE_PATHS.own) as ClassRule;
	const read = config as Omit<Config, 'plans' | 'tariffs'>;
	return { ...read, tethered: { detect, flowsPerSecond, queue, ...rule, own }, ...lists };
}
