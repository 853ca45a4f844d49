import type { Policy } from '../../protocol/policy.ts';
import type { Fault } from '../../protocol/shape.ts';
import type { PackageTerms } from '../ledger/package.ts';
import { checkTerms } from '../ledger/terms-check.ts';
import { type Catalogue, planOf } from './catalogue.ts';

/** What is sold by a plan, as the ledger has it. */
export function termsOf({
	name: planName,
	title: _,
	priceMicro: __,
	...terms
}: ReturnType<typeof planOf>): PackageTerms {
	return { ...terms, planName };
}

/** Everything that is wrong with a policy of the right form. */
export function policyFaults(policy: Policy, catalogue: Catalogue, keysAfter: number): Fault[] {
	const faults: Fault[] = [];
	for (const list of ['plans', 'tariffs'] as const) {
		const seen = new Set<string>();
		for (const [index, { name }] of policy[list].entries()) {
			if (seen.has(name)) faults.push({ path: `${list}[${index}].name`, problem: `"${name}" stands twice` });
			seen.add(name);
		}
	}
	for (const [index, tariff] of policy.tariffs.entries()) {
		if ((tariff.unit === 'second') === (tariff.per === 60)) continue;
		faults.push({ path: `tariffs[${index}].per`, problem: 'is 60 for seconds, and 1048576 for bytes' });
	}
	for (const [index, plan] of policy.plans.entries()) {
		const path = `plans[${index}]`;
		const tariff = plan.tariff === undefined ? undefined : catalogue.tariffWith(policy, plan.tariff);
		if (plan.tariff !== undefined && tariff === undefined) {
			faults.push({ path: `${path}.tariff`, problem: `there is no tariff "${plan.tariff}"` });
			continue;
		}
		if (plan.priceMicro !== undefined && plan.unit === 'micro') {
			faults.push({ path: `${path}.priceMicro`, problem: 'would sell money for money' });
		}
		try {
			checkTerms(termsOf(planOf(plan, tariff)));
		} catch (error) {
			faults.push({ path, problem: (error as Error).message });
		}
	}
	if (keysAfter === 0)
		faults.push({ path: 'revokedKeys', problem: 'no key would be left: nobody could send another policy' });
	return faults;
}
